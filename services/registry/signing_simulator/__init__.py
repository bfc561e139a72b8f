"""A small server that speaks CloudSign's Web API, with a page on which one plays the signers.

For one machine and for tests: it is no signing service, and says so on every page. Some addresses play parts, as with
the mail catcher: mail to ``bounce…@`` comes back. What it is to do wrong is told it by ``POST /control``
(`services/registry/signing_simulator/moods.py`): be closed, slow, answer with 5xx before or after it did what was
asked, hang up, talk nonsense, forget its tokens, let days pass.
"""
