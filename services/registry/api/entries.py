"""One entry of the register, with everything public that was ever said about it."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, StringConstraints

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Routes
from contracts.values import OrganisationKind
from services.registry.api.asked import AsOf, times_of
from services.registry.api.lists import etag_of
from services.registry.model.items import (
    ListName,
    MunicipalityItem,
    ParticipationItem,
    PaymentServiceItem,
    ProviderItem,
)
from services.registry.store import history, listed, organisations, register

routes = Routes("/api/v1/registry", tag="registry")

BodyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(?:[0-9]{7})?$")]
CorporateCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{12}$")]


class Happening(BaseModel):
    """Something public that was said about an entry."""

    #: ``registered``, ``changed``, ``suspended``, ``resumed``, ``withdrawn``, ``ended``, ``declared``.
    what: str
    #: ``organisation``, ``payment_service`` or ``participation``.
    about: str
    #: From which day it is true.
    effective_on: date
    #: When the register learnt of it.
    known_at: AwareDatetime
    #: Name of the organisation or service, or the fiscal year.
    name: str
    changed: list[str] = []
    reason: str | None = None


class MunicipalityEntry(BaseModel):
    """A municipality's place in the register."""

    as_of: date
    known_at: AwareDatetime | None
    #: The line of the list on that day; none when it stood in no list then.
    entry: MunicipalityItem | None
    state: str
    history: list[Happening]


class ProviderEntry(BaseModel):
    """A payment provider's place in the register, with its services and answers."""

    as_of: date
    known_at: AwareDatetime | None
    entry: ProviderItem | None
    state: str
    payment_services: list[PaymentServiceItem]
    participation: list[ParticipationItem]
    history: list[Happening]


@routes.get("/municipalities/{code}", public=True, answers=MunicipalityEntry)
async def municipality(ask: Ask, conn: Connection, code: BodyCode, query: AsOf) -> Answer:
    """A municipality as of a day, and its history."""
    found = await _find(conn, OrganisationKind.MUNICIPALITY, code)
    as_of, known_at = times_of(query, ask)
    line = await listed.line(
        conn, ListName.MUNICIPALITIES, found, as_of=as_of, known_at=known_at or ask.now
    )
    view = MunicipalityEntry(
        as_of=as_of,
        known_at=known_at,
        entry=MunicipalityItem.model_validate_json(line) if line else None,
        state=(await organisations.organisation(conn, found)).state,
        history=await _history(conn, [f"organisation/{found}"]),
    )
    return _answer(view)


@routes.get("/providers/{number}", public=True, answers=ProviderEntry)
async def provider(ask: Ask, conn: Connection, number: CorporateCode, query: AsOf) -> Answer:
    """A payment provider as of a day, its services and answers then, and its history."""
    found = await _find(conn, OrganisationKind.PROVIDER, number)
    as_of, known_at = times_of(query, ask)
    known = known_at or ask.now
    line = await listed.line(conn, ListName.PROVIDERS, found, as_of=as_of, known_at=known)
    services = [s.id for s in await register.services_of(conn, found)]
    answers = [a.id for a in await register.participations_of(conn, found)]
    offered = await listed.lines(
        conn, ListName.PAYMENT_SERVICES, services, as_of=as_of, known_at=known
    )
    declared = await listed.lines(
        conn, ListName.PARTICIPATION, answers, as_of=as_of, known_at=known
    )
    subjects = [f"organisation/{found}", *(f"payment_service/{s}" for s in services)]
    view = ProviderEntry(
        as_of=as_of,
        known_at=known_at,
        entry=ProviderItem.model_validate_json(line) if line else None,
        state=(await organisations.organisation(conn, found)).state,
        payment_services=[PaymentServiceItem.model_validate_json(x) for x in offered],
        participation=[ParticipationItem.model_validate_json(x) for x in declared],
        history=await _history(conn, subjects + [f"participation/{a}" for a in answers]),
    )
    return _answer(view)


async def _find(conn: Connection, kind: OrganisationKind, code: str) -> UUID:
    found = await organisations.organisation_by_code(conn, kind, code)
    if found is None:
        raise NotFound("entry-unknown", "この番号の登録は見つかりません。番号を確かめてください。")
    return found


async def _history(conn: Connection, subjects: list[str]) -> list[Happening]:
    said = await history.public_history(conn, subjects)
    return [_happening(s.type, s.data) for s in said]


def _happening(type_: str, data: dict[str, Any]) -> Happening:
    _, about, what, _ = type_.split(".")
    entry = data.get("entry")
    participating = data.get("participating")
    return Happening(
        what=what
        if participating is None
        else ("participating" if participating else "not_participating"),
        about=about,
        effective_on=data["effective_on"],
        known_at=data["occurred_at"],
        name=entry["name"] if entry else str(data["fiscal_year"]),
        changed=data.get("changed", []),
        reason=data.get("reason"),
    )


def _answer(view: BaseModel) -> Answer:
    content = orjson.dumps(view.model_dump(mode="json"))
    return Answer(content, etag=etag_of(content), headers={"Cache-Control": "public, no-cache"})
