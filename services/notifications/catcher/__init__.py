"""A mail server for a machine without one: takes every mail, keeps the last, shows them on a page.

Some addresses play a part, told by the word before ``@`` (anything after ``+`` is free):

=================== =========================================================================
``bounce``          refused for good when the addressee is named
``refuse-data``     refused for good after the text
``busy``            refused for now, twice, when the addressee is named; then taken
``busy-data``       refused for now, twice, after the text; then taken
``drop``            the line is cut when the addressee is named
``drop-after-data`` the mail is taken, and the line is cut instead of an answer
``slow``            taken; five seconds pass before that is said
``slow-to-know``    five seconds pass before the addressee is taken
``return``          taken, and sent back afterwards (if ``CATCHER_RETURN_COMMAND`` is set)
=================== =========================================================================
"""
