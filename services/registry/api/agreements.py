"""Contracts at the desks: write, send, remind, take back, give notice, download."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from contracts.values import OrganisationKind
from services.registry.api.agreement_views import ContractView, contract_view
from services.registry.api.documents import SECRETARIAT
from services.registry.api.matches import actor_of
from services.registry.api.registration import APPLICANTS, WRITERS, NothingBody
from services.registry.commands import agreements as commands
from services.registry.commands.agreements import Written
from services.registry.model.agreement import Agreement, Signer
from services.registry.store import agreements, matches

routes = Routes("/api/v1/registry", tag="registry")
Day = Annotated[date, Field(strict=False)]
ANYBODY = APPLICANTS | SECRETARIAT
_MUNICIPALITY = {OrganisationKind.MUNICIPALITY}


class SignerBody(BaseModel):
    """Somebody who is asked to sign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    side: OrganisationKind
    name: Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
    organisation: Annotated[
        str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)
    ]
    mail: Annotated[
        str,
        StringConstraints(
            max_length=254,
            pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$",
        ),
    ]


class ContractBody(Body):
    """A contract as it is written; without title or body, the words that follow from the match."""

    valid_from: Day
    valid_until: Day
    signers: Annotated[list[SignerBody], Field(min_length=2, max_length=3)]
    title: Annotated[str, StringConstraints(max_length=500)] = ""
    body: Annotated[str, StringConstraints(max_length=20_000)] = ""


class CancelBody(Body):
    """Why it is taken back."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class NoticeBody(Body):
    """The last day it is to hold, and why."""

    ends_on: Day
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


@routes.post(
    "/own-matches/{match_id}/contract",
    organisation=_MUNICIPALITY,
    roles=WRITERS,
    status=201,
    if_match=True,
    answers=ContractView,
)
async def draft_contract(ask: Ask, conn: Connection, match_id: UUID, body: ContractBody) -> Answer:
    """Write the contract of an accepted match."""
    new = await commands.draft(conn, match_id, actor_of(ask), _written(body))
    return await _shown(ask, conn, new)


@routes.get("/contracts/{contract_id}", organisation=ANYBODY, answers=ContractView)
async def contract(ask: Ask, conn: Connection, contract_id: UUID) -> Answer:
    """A contract of the own organisation in full."""
    return await _shown(ask, conn, await _mine(ask, conn, contract_id))


@routes.put(
    "/contracts/{contract_id}",
    organisation=_MUNICIPALITY,
    roles=WRITERS,
    if_match=True,
    answers=ContractView,
)
async def edit_contract(
    ask: Ask, conn: Connection, contract_id: UUID, body: ContractBody
) -> Answer:
    """Write it otherwise before it goes out."""
    found = await commands.edit(conn, contract_id, actor_of(ask), _written(body))
    return await _shown(ask, conn, found)


@routes.post(
    "/contracts/{contract_id}/send",
    organisation=_MUNICIPALITY,
    roles=WRITERS,
    if_match=True,
    status=202,
    answers=ContractView,
)
async def send_contract(ask: Ask, conn: Connection, contract_id: UUID, body: NothingBody) -> Answer:
    """Have it sent to its signers, as soon as the signing service takes it."""
    return await _shown(ask, conn, await commands.send(conn, contract_id, actor_of(ask)))


@routes.post(
    "/contracts/{contract_id}/remind",
    organisation=_MUNICIPALITY,
    roles=WRITERS,
    if_match=True,
    status=202,
    answers=ContractView,
)
async def remind_of_contract(
    ask: Ask, conn: Connection, contract_id: UUID, body: NothingBody
) -> Answer:
    """Have the signer whose turn it is get a new link."""
    return await _shown(ask, conn, await commands.remind(conn, contract_id, actor_of(ask)))


@routes.post(
    "/contracts/{contract_id}/cancel",
    organisation=_MUNICIPALITY,
    roles=WRITERS,
    if_match=True,
    status=202,
    answers=ContractView,
)
async def cancel_contract(
    ask: Ask, conn: Connection, contract_id: UUID, body: CancelBody
) -> Answer:
    """Take it back, and say why."""
    found = await commands.cancel(conn, contract_id, actor_of(ask), body.reason)
    return await _shown(ask, conn, found)


@routes.post(
    "/contracts/{contract_id}/notice",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=ContractView,
)
async def give_notice(ask: Ask, conn: Connection, contract_id: UUID, body: NoticeBody) -> Answer:
    """Note that a concluded contract ends before its time."""
    found = await commands.give_notice(
        conn, contract_id, actor_of(ask), ends_on=body.ends_on, reason=body.reason
    )
    return await _shown(ask, conn, found)


@routes.get("/contracts/{contract_id}/file", organisation=ANYBODY, content_type="application/pdf")
async def contract_file(ask: Ask, conn: Connection, contract_id: UUID) -> Answer:
    """The PDF that is signed."""
    found = await _mine(ask, conn, contract_id)
    return _pdf(await agreements.file_of(conn, contract_id), found.file_name)


@routes.get(
    "/contracts/{contract_id}/certificate", organisation=ANYBODY, content_type="application/pdf"
)
async def contract_certificate(ask: Ask, conn: Connection, contract_id: UUID) -> Answer:
    """The certificate of the signing service, once everybody signed."""
    found = await _mine(ask, conn, contract_id)
    content = await agreements.file_of(conn, contract_id, certificate=True)
    return _pdf(content, f"{found.reference}-certificate.pdf")


def _written(body: ContractBody) -> Written:
    signers = tuple(
        Signer(place, s.side, s.name, s.organisation, s.mail)
        for place, s in enumerate(body.signers, 1)
    )
    return Written(body.valid_from, body.valid_until, signers, body.title, body.body)


async def _mine(ask: Ask, conn: Connection, contract_id: UUID) -> Agreement:
    if ask.principal.organisation_kind is OrganisationKind.SECRETARIAT:
        return await agreements.agreement(conn, contract_id)
    return (await commands.own_agreement(conn, contract_id, ask.organisation_id))[0]


async def _shown(ask: Ask, conn: Connection, found: Agreement) -> Answer:
    side = (await matches.match(conn, found.match_id)).side_of(ask.organisation_id)
    view = await contract_view(conn, found, side, ask.now)
    return Answer(view, etag=str(view.version))


def _pdf(content: bytes, name: str) -> Answer:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Answer(content, content_type="application/pdf", headers=headers)
