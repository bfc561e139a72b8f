"""Quiet hours, as the database reckons them for many readers at once."""


def due(at: str, urgent: str) -> str:
    """When a mail to reader ``c`` goes out: the end of the quiet hours ``at`` falls into on Japan's clock.

    The same as ``model.timing.held_until``, which a test holds it to.
    """
    return f"""
    CASE WHEN {urgent} OR c.quiet_from IS NULL THEN {at}::timestamptz ELSE (
        SELECT CASE
            WHEN c.quiet_from < c.quiet_until AND n::time >= c.quiet_from AND n::time < c.quiet_until
                THEN (n::date + c.quiet_until) AT TIME ZONE 'Asia/Tokyo'
            WHEN c.quiet_from > c.quiet_until AND n::time >= c.quiet_from
                THEN (n::date + 1 + c.quiet_until) AT TIME ZONE 'Asia/Tokyo'
            WHEN c.quiet_from > c.quiet_until AND n::time < c.quiet_until
                THEN (n::date + c.quiet_until) AT TIME ZONE 'Asia/Tokyo'
            ELSE {at}::timestamptz END
          FROM (SELECT {at}::timestamptz AT TIME ZONE 'Asia/Tokyo' AS n) there) END
    """
