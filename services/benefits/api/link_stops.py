"""A provider, a municipality or the secretariat stops a link (紐づけ停止); two of the secretariat lift the stop."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection, Record
from chassis.paging import Page
from chassis.refusal import FieldError, Invalid, NotFound
from chassis.web import Answer, Ask, Body, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.api.lists import ListQuery, cursor_at, instant_after
from services.benefits.api.provider_orders import SCOPES
from services.benefits.commands import stopping_links
from services.benefits.model.allocation import account_digest
from services.benefits.model.link import Link, StopReason
from services.benefits.store import link_stops, links, orders, partners
from services.benefits.store.link_stops import LinkStop

routes = Routes("/api/v1/benefits", tag="benefits")

_PARTIES = set(OrganisationKind)
_STOPPERS = {Role.ADMIN, Role.EDITOR, Role.REVIEWER, Role.APPROVER, Role.OPERATOR, Role.TECHNICAL}
_Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
_Account = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class StopBody(Body):
    """Which link, by an order that went there or by its account; why; and in words for those who look into it."""

    order_id: Annotated[UUID, Field(strict=False)] | None = None
    payment_service_code: _Code | None = None
    service_account_id: _Account | None = None
    reason: Annotated[StopReason, Field(strict=False)]
    words: Annotated[str, StringConstraints(max_length=500)] = ""


class LinkStopView(BaseModel):
    """A stop, with what it holds up and what went there before."""

    id: UUID
    payment_service_code: str
    payment_service_name: str
    account_end: str
    provider_id: UUID
    municipality_id: UUID | None
    reason: StopReason
    words: str
    stopped_by: str
    stopped_at: AwareDatetime
    case_id: UUID
    #: Orders that wait until it is lifted.
    held: int
    granted_yen: int
    #: Who would lift it; another has to.
    proposed_by: str | None
    lifted_by: str | None
    lifted_at: AwareDatetime | None
    version: int


class LinkStopRows(Page[LinkStopView]):
    """A page of stops, the newest first."""


@routes.post(
    "/link-stops",
    organisation=_PARTIES,
    roles=_STOPPERS,
    scopes=SCOPES,
    status=201,
    answers=LinkStopView,
)
async def stop_link(ask: Ask, conn: Connection, body: StopBody) -> Answer:
    """Stop a link at once; one that is stopped already stays as it is."""
    link = await _meant(ask, conn, body)
    made = await stopping_links.stop_link(
        conn, link.id, reason=body.reason, actor=str(ask.principal), at=ask.now, words=body.words
    )
    return await _shown(conn, made)


@routes.get("/link-stops", organisation=_PARTIES, scopes=SCOPES)
async def link_stop_list(ask: Ask, conn: Connection, query: ListQuery) -> LinkStopRows:
    """Stops the organisation has to do with, the newest first."""
    kind, own = ask.principal.organisation_kind, ask.organisation_id
    found = await link_stops.stop_page(
        conn,
        provider_id=own if kind is OrganisationKind.PROVIDER else None,
        municipality_id=own if kind is OrganisationKind.MUNICIPALITY else None,
        after=instant_after(query.after),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    there = await link_stops.accounts(conn, [one.link_id for one in page])
    more = len(found) > query.limit
    return LinkStopRows(
        items=[_view(one, there[one.link_id]) for one in page],
        next=cursor_at(page[-1].stopped_at, page[-1].id) if more else None,
    )


@routes.get("/link-stops/{stop_id}", organisation=_PARTIES, scopes=SCOPES, answers=LinkStopView)
async def one_link_stop(ask: Ask, conn: Connection, stop_id: UUID) -> Answer:
    """One stop."""
    found = await link_stops.link_stop(conn, stop_id)
    kind, own = ask.principal.organisation_kind, ask.organisation_id
    sides = (found.provider_id, found.municipality_id)
    if kind is not OrganisationKind.SECRETARIAT and own not in sides:
        raise link_stops.unknown()
    return await _shown(conn, found)


@routes.post(
    "/link-stops/{stop_id}/lifting",
    organisation={OrganisationKind.SECRETARIAT},
    roles={Role.ADMIN, Role.APPROVER, Role.OPERATOR},
    if_match=True,
    answers=LinkStopView,
)
async def lift_link_stop(ask: Ask, conn: Connection, stop_id: UUID) -> Answer:
    """Propose that it is lifted; a second person lifts it."""
    done = await stopping_links.lift_stop(
        conn, stop_id, by=str(ask.principal), at=ask.now, expected=ask.if_match
    )
    return await _shown(conn, done)


async def _meant(ask: Ask, conn: Connection, body: StopBody) -> Link:
    """The link that is meant, if the asker has to do with it."""
    if body.order_id is not None:
        return await _of_order(ask, conn, body.order_id)
    provider = ask.principal.organisation_kind is OrganisationKind.PROVIDER
    if not provider or not body.payment_service_code or not body.service_account_id:
        detail = "付与の依頼の番号を入力してください。"
        raise Invalid(
            "link-unnamed", detail, errors=[FieldError("order_id", "link-unnamed", detail)]
        )
    service = await partners.service_of(conn, ask.organisation_id, body.payment_service_code)
    digest = account_digest(body.service_account_id)
    found = await links.link_of_account(conn, service, digest) if service else None
    if found is None:
        raise _unknown()
    return found


async def _of_order(ask: Ask, conn: Connection, order_id: UUID) -> Link:
    order = await orders.order(conn, order_id)
    side = {
        OrganisationKind.PROVIDER: order.provider_id if order.revision else None,
        OrganisationKind.MUNICIPALITY: order.municipality_id,
        OrganisationKind.SECRETARIAT: ask.organisation_id,
        None: None,
    }[ask.principal.organisation_kind]
    if side != ask.organisation_id:
        raise NotFound("order-unknown", "この付与の依頼は見つかりません。")
    return await links.link_of_order(conn, order_id)


def _unknown() -> NotFound:
    return NotFound("link-unknown", "この番号を受け取り先にしている方は見つかりません。")


async def _shown(conn: Connection, found: LinkStop) -> Answer:
    there = await link_stops.accounts(conn, [found.link_id])
    return Answer(_view(found, there[found.link_id]), etag=str(found.version))


def _view(found: LinkStop, there: Record) -> LinkStopView:
    fields = {f: getattr(found, f) for f in LinkStopView.model_fields if hasattr(found, f)}
    return LinkStopView.model_validate(
        {
            **fields,
            "payment_service_code": there["code"],
            "payment_service_name": there["name"],
            "account_end": there["account_end"] or "",
            "held": there["held"],
            "granted_yen": there["granted"],
        }
    )
