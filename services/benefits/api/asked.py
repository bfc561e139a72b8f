"""Who asks, and what their card said."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chassis.database import Connection
from chassis.refusal import Forbidden, Stale
from chassis.web import ACCESS, Ask
from contracts.proof import PROOF, Proof
from services.benefits.commands.claiming import Tag
from services.benefits.model.allocation import Here
from services.benefits.model.application import Application
from services.benefits.store import applications

#: Who comes in by the routes of residents.
RESIDENTS = {"resident"}
#: A payment service by the code its provider chose.
ServiceCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,40}$")]


def resident_of(ask: Ask) -> UUID:
    """The resident who asks."""
    return UUID(ask.principal.subject)


def here_of(ask: Ask) -> Here:
    """Who acts, and at which desk."""
    return Here(resident_of(ask), ask.principal.desk_id)


def proof_of(ask: Ask, token: str) -> Proof:
    """What identity vouches for, if it is about the one who asks and was made in the same session at the desk."""
    try:
        proof = Proof.model_validate_json(ask.app[ACCESS].attested(token, "identity", PROOF))
    except ValueError:
        raise _unfit() from None
    if proof.resident_id != resident_of(ask) or proof.desk_id != ask.principal.desk_id:
        raise _unfit()
    return proof


def tags_of(ask: Ask) -> Tag:
    """Names of people for one reader alone."""
    return ask.app[ACCESS].tag


async def own(
    ask: Ask, conn: Connection, application_id: UUID, *, locked: bool = False
) -> Application:
    """An application of the one who asks; another's is not there."""
    found = await applications.application(conn, application_id, locked=locked)
    if found.resident_id != resident_of(ask):
        raise applications.unknown()
    return found


def unchanged(ask: Ask, revision: int) -> None:
    """Refuse to build on a version that is not the newest."""
    if ask.if_match != revision:
        raise Stale(
            "version-stale",
            "ほかの操作で内容が変わっています。画面を開き直してから、もう一度お試しください。",
        )


def _unfit() -> Forbidden:
    return Forbidden(
        "proof-unfit",
        "このカードの読み取りは使えません。もう一度カードを読み取ってください。",
    )
