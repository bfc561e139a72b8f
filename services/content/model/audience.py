"""For whom something is published."""

from enum import StrEnum

from contracts.values import OrganisationKind


class Audience(StrEnum):
    """Who may read it."""

    PUBLIC = "public"
    MEMBERS = "members"
    MUNICIPALITY = "municipality"
    PROVIDER = "provider"


def readable_by(kind: OrganisationKind | None) -> tuple[Audience, ...]:
    """What somebody of this kind of organisation may read; without one, somebody who is not signed in."""
    if kind is None:
        return (Audience.PUBLIC,)
    if kind is OrganisationKind.SECRETARIAT:
        return tuple(Audience)
    return (Audience.PUBLIC, Audience.MEMBERS, Audience(kind.value))
