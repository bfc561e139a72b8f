"""When what takes place: maintenance windows, sessions and sign-up, opening hours, deadlines, calendar feeds.

Owns: maintenance windows, session series with their sessions and sign-ups, the business calendar, the map of
deadlines, calendar feeds.
Says: ``scheduling.maintenance``, ``scheduling.session``, ``scheduling.deadline``.
Acts on: ``identity.session`` and ``identity.client`` (whose token ended), ``registry.measure`` (what ends when).
"""
