"""What people of a municipality do with a measure."""

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from chassis.web.routes import Handler
from contracts.principal import Role
from contracts.values import CloseReason
from services.registry.api.measures.desk import MUNICIPALITY
from services.registry.api.measures.showing import acting, answer
from services.registry.api.measures.views import MeasureView
from services.registry.api.queue import MESSAGE
from services.registry.api.registration import WRITERS, NothingBody
from services.registry.commands import measure_course, measure_drafts, measure_review

routes = Routes("/api/v1/registry", tag="registry")
APPROVERS = {Role.APPROVER}
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ReturnMeasureBody(Body):
    """What is to be mended, in the words the drafter gets."""

    message: MESSAGE


class PauseBody(Body):
    """Why nobody can apply for the time being; everybody reads it."""

    message: Reason


class CloseBody(Body):
    """Why applications end before their day; everybody reads it."""

    reason: Literal[
        "budget_exhausted", "quota_reached", "municipality_decision", "provider_withdrawn"
    ]
    message: Annotated[str, StringConstraints(max_length=500)] = ""


class CancelBody(Body):
    """Why it does not take place; everybody reads it."""

    reason: Reason


def _act(name: str, roles: set[Role], status: int = 200) -> Callable[[Handler], Handler]:
    return routes.post(
        f"/own-measures/{{measure_id}}/{name}",
        organisation=MUNICIPALITY,
        roles=roles,
        if_match=True,
        answers=MeasureView,
        status=status,
    )


@_act("submit", WRITERS, 201)
async def submit_measure(ask: Ask, conn: Connection, measure_id: UUID, body: NothingBody) -> Answer:
    """Hand it to the approver; refused with every field that must be mended."""
    await measure_drafts.submit(conn, ask.organisation_id, measure_id, acting(ask))
    return await answer(ask, conn, measure_id)


@_act("return", APPROVERS)
async def return_measure(
    ask: Ask, conn: Connection, measure_id: UUID, body: ReturnMeasureBody
) -> Answer:
    """The approver gives it back to be mended."""
    await measure_review.give_back(
        conn, ask.organisation_id, measure_id, acting(ask), message=body.message
    )
    return await answer(ask, conn, measure_id)


@_act("approve", APPROVERS)
async def approve_measure(
    ask: Ask, conn: Connection, measure_id: UUID, body: NothingBody
) -> Answer:
    """Approve it; somebody who had a hand in it may not."""
    await measure_review.approve(conn, ask.organisation_id, measure_id, acting(ask))
    return await answer(ask, conn, measure_id)


@_act("edit", WRITERS)
async def edit_measure(ask: Ask, conn: Connection, measure_id: UUID, body: NothingBody) -> Answer:
    """Begin a later version of a public measure."""
    await measure_drafts.edit(conn, ask.organisation_id, measure_id, acting(ask))
    return await answer(ask, conn, measure_id)


@_act("discard", WRITERS)
async def discard_edition(
    ask: Ask, conn: Connection, measure_id: UUID, body: NothingBody
) -> Answer:
    """Give up a later version that is under way."""
    await measure_drafts.discard(conn, ask.organisation_id, measure_id, acting(ask))
    return await answer(ask, conn, measure_id)


@_act("pause", WRITERS)
async def pause_measure(ask: Ask, conn: Connection, measure_id: UUID, body: PauseBody) -> Answer:
    """Nobody applies for the time being."""
    await measure_course.pause(
        conn, ask.organisation_id, measure_id, acting(ask), message=body.message
    )
    return await answer(ask, conn, measure_id)


@_act("resume", WRITERS)
async def resume_measure(ask: Ask, conn: Connection, measure_id: UUID, body: NothingBody) -> Answer:
    """People may apply again, if a contract carries it."""
    await measure_course.resume(conn, ask.organisation_id, measure_id, acting(ask))
    return await answer(ask, conn, measure_id)


@_act("close", WRITERS)
async def close_measure(ask: Ask, conn: Connection, measure_id: UUID, body: CloseBody) -> Answer:
    """End applications before their day."""
    await measure_course.close(
        conn,
        ask.organisation_id,
        measure_id,
        acting(ask),
        reason=CloseReason(body.reason),
        message=body.message,
    )
    return await answer(ask, conn, measure_id)


@_act("cancel", WRITERS)
async def cancel_measure(ask: Ask, conn: Connection, measure_id: UUID, body: CancelBody) -> Answer:
    """It does not take place; only before people could apply."""
    await measure_course.cancel(
        conn, ask.organisation_id, measure_id, acting(ask), reason=body.reason
    )
    return await answer(ask, conn, measure_id)


@_act("complete", WRITERS)
async def complete_measure(
    ask: Ask, conn: Connection, measure_id: UUID, body: NothingBody
) -> Answer:
    """Everything is settled."""
    await measure_course.complete(conn, ask.organisation_id, measure_id, acting(ask))
    return await answer(ask, conn, measure_id)
