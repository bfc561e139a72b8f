"""A link that is wrong, or may not be used any more, is stopped at once; two others lift the stop."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, Forbidden, Stale
from contracts.benefits import ServiceLinkFact, ServiceLinkResumed, ServiceLinkStopped
from services.benefits.model.answer import CaseKind
from services.benefits.model.link import Link, StopReason
from services.benefits.store import cases, link_stops, links
from services.benefits.store.cases import Case
from services.benefits.store.link_stops import LinkStop

_KINDS = {StopReason.MISLINK: CaseKind.MISLINK}


async def stop_link(
    conn: Connection,
    link_id: UUID,
    *,
    reason: StopReason,
    actor: str,
    at: datetime,
    words: str = "",
) -> LinkStop:
    """Nothing goes there from now on, and a case is opened; a link that is stopped stays as it is."""
    # Orders before the link, as whoever sends them locks them.
    held = await links.waiting_orders(conn, link_id, None)
    link = await links.link_for_update(conn, link_id)
    if (before := await link_stops.stop_of(conn, link_id)) is not None:
        return before
    party = await links.party_of(conn, link_id)
    case = _case(link, party, reason, words, at)
    await cases.add_case(conn, case)
    stop = LinkStop(
        id=new_id(),
        link_id=link.id,
        provider_id=party["provider_id"],
        municipality_id=party["municipality_id"],
        reason=reason,
        words=words,
        stopped_by=actor,
        stopped_at=at,
        case_id=case.id,
    )
    await link_stops.add_stop(conn, stop)
    more = {"reason": reason, "case_id": case.id, "held": len(held)}
    await _say(conn, replace(link, stopped_at=at), party, ServiceLinkStopped, at, **more)
    return stop


async def lift_stop(
    conn: Connection, stop_id: UUID, *, by: str, at: datetime, expected: int | None
) -> LinkStop:
    """Propose that the stop is lifted; or, when another proposed it, lift it: what waited goes on."""
    stop = _open(await link_stops.link_stop(conn, stop_id, lock=True), by, expected)
    if stop.proposed_by is None:
        await link_stops.propose(conn, stop.id, by, at)
        return await link_stops.link_stop(conn, stop_id)
    held = await links.waiting_orders(conn, stop.link_id, at)
    link = await links.link_for_update(conn, stop.link_id)
    await link_stops.lift(conn, stop.id, by, at)
    await cases.close_case(conn, stop.case_id, resolution="no_action", by=by, at=at)
    party = await links.party_of(conn, link.id)
    await _say(conn, replace(link, stopped_at=None), party, ServiceLinkResumed, at, held=len(held))
    return await link_stops.link_stop(conn, stop_id)


def _open(stop: LinkStop, by: str, expected: int | None) -> LinkStop:
    if expected is not None and expected != stop.version:
        detail = "ほかの方が先に進めました。いまの内容を読み直してから、もう一度お試しください。"
        raise Stale("version-stale", detail)
    if stop.lifted_at is not None:
        raise Conflict("link-stop-lifted", "この停止は、もう解除されています。")
    if by in (stop.stopped_by, stop.proposed_by):
        raise Forbidden("same-person", "停止した方、提案した方とは別の方が解除してください。")
    return stop


def _case(link: Link, party: Record, reason: StopReason, words: str, at: datetime) -> Case:
    case_id = new_id()
    return Case(
        id=case_id,
        kind=_KINDS.get(reason, CaseKind.LINK_STOP),
        about=f"service_link/{link.id}/{case_id}",
        order_id=party["order_id"],
        provider_id=party["provider_id"],
        municipality_id=party["municipality_id"],
        measure_id=party["measure_id"],
        answer_id=None,
        owner="secretariat",
        assignee=None,
        suspended=0,
        transfer_id=None,
        words=words or reason,
        state="open",
        opened_at=at,
    )


async def _say(
    conn: Connection,
    link: Link,
    party: Record,
    kind: type[ServiceLinkFact],
    at: datetime,
    **more: object,
) -> None:
    said = replace(link, revision=link.revision + 1, said_at=link.moment(at))
    await links.save_stop(conn, said)
    fact = {
        "service_link_id": said.id,
        "resident_id": said.resident_id,
        "payment_service_id": said.payment_service_id,
        "payment_service_code": party["code"],
        "provider_id": party["provider_id"],
        "revision": said.revision,
        "occurred_at": said.said_at,
        **more,
    }
    publish(conn, kind.model_validate(fact))
