"""Explain: one request shows the whole chain of a grant, to the resident and to those who answer for it."""

from dataclasses import asdict
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Ask, Routes
from contracts.values import OrganisationKind
from services.benefits.api.asked import RESIDENTS, resident_of
from services.benefits.api.cases import CaseView
from services.benefits.api.chain_views import (
    ChainView,
    ChoiceView,
    DecisionView,
    EntryView,
    EvidenceView,
    ReadView,
    RuleView,
    SaidView,
)
from services.benefits.api.order_views import OrderView, order_view
from services.benefits.model.application import Application
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.order import Order
from services.benefits.store import allocations, applications, cases, chain, entitlements, measures
from services.benefits.store import orders as kept_orders

routes = Routes("/api/v1/benefits", tag="benefits")

_EXPLAINED_TO = {OrganisationKind.MUNICIPALITY, OrganisationKind.SECRETARIAT}


@routes.get("/own-grants/{order_id}", kinds=RESIDENTS)
async def own_grant(ask: Ask, conn: Connection, order_id: UUID) -> ChainView:
    """The chain of an own grant: what was decided, moved, ordered and answered, and who looked."""
    order = await kept_orders.order(conn, order_id)
    found = await entitlements.entitlement(conn, order.entitlement_id)
    if found.resident_id != resident_of(ask):
        raise _unknown()
    return await _chain(conn, order, found)


@routes.get("/grants/{order_id}/chain", organisation=_EXPLAINED_TO)
async def grant_chain(ask: Ask, conn: Connection, order_id: UUID) -> ChainView:
    """The chain of a grant of the own municipality; the secretariat sees every one."""
    order = await kept_orders.order(conn, order_id)
    secretariat = ask.principal.organisation_kind is OrganisationKind.SECRETARIAT
    if not secretariat and order.municipality_id != ask.organisation_id:
        raise _unknown()
    return await _chain(conn, order, await entitlements.entitlement(conn, order.entitlement_id))


async def _chain(conn: Connection, order: Order, entitlement: Entitlement) -> ChainView:
    application = await applications.application(conn, entitlement.application_id)
    made = await kept_orders.orders_of_entitlement(conn, entitlement.id)
    opened = [case for one in made for case in await cases.cases_of(conn, one.id)]
    refs = [application.id, entitlement.id, *(o.id for o in made), *(c.id for c in opened)]
    chosen = await allocations.allocations_of(conn, entitlement.id)
    subjects = [
        f"application/{application.id}",
        f"entitlement/{entitlement.id}",
        *(f"allocation/{row['id']}" for row in chosen),
        *(f"order/{one.id}" for one in made),
    ]
    return ChainView(
        order_id=order.id,
        entitlement_id=entitlement.id,
        application_id=application.id,
        amount=order.amount,
        state=order.state,
        rule=await _rule(conn, application),
        evidence=[
            EvidenceView.model_validate(dict(row))
            for row in await chain.evidence_about(conn, application.id)
        ],
        decisions=await _decisions(conn, application),
        entries=[
            EntryView.model_validate(dict(row)) for row in await chain.entries_about(conn, refs)
        ],
        allocations=[ChoiceView.model_validate(dict(row)) for row in chosen],
        orders=await _orders(conn, made),
        cases=[
            CaseView.model_validate({f: getattr(case, f) for f in CaseView.model_fields})
            for case in opened
        ],
        facts=[
            SaidView.model_validate(dict(row)) for row in await chain.facts_about(conn, subjects)
        ],
        reads=[
            ReadView.model_validate(dict(row))
            for row in await chain.reads_about(conn, application.id)
        ],
    )


async def _rule(conn: Connection, application: Application) -> RuleView:
    entry = await measures.version_of(conn, application.measure_id, application.version)
    return RuleView(
        measure_id=application.measure_id,
        title=entry.texts.ja.title,
        version=entry.version,
        municipality_code=entry.municipality_code,
        eligibility=entry.eligibility.model_dump(mode="json"),
        amount=entry.amount.model_dump(mode="json"),
        allocate_by=entry.allocate_by,
    )


async def _decisions(conn: Connection, application: Application) -> list[DecisionView]:
    return [
        DecisionView.model_validate(
            {**asdict(event), "findings": [asdict(f) for f in event.findings]}
        )
        for event in await applications.events(conn, application.id)
    ]


async def _orders(conn: Connection, made: list[Order]) -> list[OrderView]:
    return [await order_view(conn, one) for one in made]


def _unknown() -> NotFound:
    return NotFound("order-unknown", "この付与は見つかりません。")
