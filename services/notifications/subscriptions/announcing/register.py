"""What the registry says about the register: who came in, rests, is back or left."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts.event import Fact
from contracts.registry import (
    OrganisationRegistered,
    OrganisationResumed,
    OrganisationSuspended,
    OrganisationWithdrawn,
    PublicOrganisationFact,
)
from contracts.values import OrganisationKind
from services.notifications.commands.announcements import announce
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.announcement import LANGUAGES, Announcement
from services.notifications.model.writing import Value
from services.notifications.subscriptions.writing import Writer, cause_of


async def _news(desk: Desk, conn: Connection, fact: PublicOrganisationFact) -> None:
    values: Mapping[str, Value] = {
        "name": one_line(fact.entry.name),
        "happened": fact.type.split(".")[2],
        "effective_on": fact.effective_on,
    }
    made = Announcement(
        cause=cause_of(fact),
        kind="organisation",
        template="register_news",
        address="/lists",
        values=dict.fromkeys(LANGUAGES, values),
        facets=_facets(fact),
    )
    await announce(conn, desk, made)


def _facets(fact: PublicOrganisationFact) -> frozenset[str]:
    entry = fact.entry
    if entry.organisation_kind is OrganisationKind.PROVIDER:
        return frozenset({f"provider:{fact.organisation_id}"})
    found = {f"municipality:{entry.code}"}
    if entry.prefecture_code:
        found.add(f"prefecture:{entry.prefecture_code}")
    return frozenset(found)


WRITERS: Mapping[type[Fact], Writer] = dict.fromkeys(
    (OrganisationRegistered, OrganisationSuspended, OrganisationResumed, OrganisationWithdrawn),
    _news,
)
