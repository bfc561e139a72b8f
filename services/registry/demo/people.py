"""Who acts in the demo: two of the secretariat, so that nobody decides what they handed in."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from chassis.clock import JAPAN
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind

_SECRETARIAT = UUID("01900000-0000-7000-8000-000000000000")
CLERK = Principal(
    kind="member",
    subject="01900000-0000-7000-8000-00000000c1e4",
    organisation_id=_SECRETARIAT,
    organisation_kind=OrganisationKind.SECRETARIAT,
    roles=frozenset({Role.EDITOR}),
)
REVIEWER = Principal(
    kind="member",
    subject="01900000-0000-7000-8000-00000000e71e",
    organisation_id=_SECRETARIAT,
    organisation_kind=OrganisationKind.SECRETARIAT,
    roles=frozenset({Role.REVIEWER}),
)


def organisation_id_of(code: str) -> UUID:
    """The id of a demo organisation, equal to that of its demo account where it has one."""
    return UUID(f"01900000-0000-7000-8000-{code[-12:]:0>12}")


def instant(day: date, hour: int) -> datetime:
    """An hour in Japan on a day, never in the future of the demo's own acts."""
    return datetime.combine(day, time(hour), JAPAN).astimezone(UTC)


def before(day: date, days: int) -> date:
    """Some days earlier."""
    return day - timedelta(days=days)
