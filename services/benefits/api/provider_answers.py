"""Providers say what became of orders, one by one or many at once."""

from datetime import date
from typing import Annotated
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from services.benefits.api.provider_orders import ANSWERERS, PROVIDER, SCOPES
from services.benefits.commands import answering, granting
from services.benefits.commands.answering import Brought, Taken
from services.benefits.commands.granting import Given
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.store import lines
from services.benefits.store.lines import KnownLine

routes = Routes("/api/v1/benefits", tag="benefits")

#: What may be the number of an order, ours or not.
_Reference = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,100}$")]
_Short = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class OrderAnswerBody(Body):
    """What the provider says of an order; ``answer_id`` is its own number of it."""

    answer_id: _Short
    result: Result
    amount: Annotated[int, Field(gt=0, le=1_000_000_000_000)] | None = None
    resident_ref: _Short | None = None
    transaction_id: _Short | None = None
    granted_on: Annotated[date, Field(strict=False)] | None = None
    code: Annotated[str, StringConstraints(max_length=60)] | None = None


class AnswerTaken(BaseModel):
    """What became of an answer: ``apply``, ``ignore``, ``conflict`` or ``unknown_order``."""

    verdict: str
    state: str | None


class NamedAnswer(OrderAnswerBody):
    """An answer with the order it is about."""

    order_id: _Reference


class OrderAnswersBody(Body):
    """Answers about many orders at once, as far as possible each about another one."""

    answers: Annotated[list[NamedAnswer], Field(min_length=1, max_length=100)]


class NamedAnswerTaken(AnswerTaken):
    """What became of one of them; ``failed``: nothing was kept of it, say it again."""

    order_id: str
    answer_id: str


class AnswersTaken(BaseModel):
    """What became of each, in the order they were given."""

    answers: list[NamedAnswerTaken]


@routes.post(
    "/orders/{order_id}/answers",
    organisation=PROVIDER,
    roles=ANSWERERS,
    scopes=SCOPES,
    status=202,
    answers=AnswerTaken,
)
async def answer_order(
    ask: Ask, conn: Connection, order_id: _Reference, body: OrderAnswerBody
) -> Answer:
    """Say what became of an order; an answer that cannot be true, or for no order of ours, becomes a case."""
    line = await lines.line(conn, ask.organisation_id)
    taken = await answering.take(conn, order_id, _id(order_id), _brought(ask, body, line))
    return Answer(AnswerTaken(verdict=taken.verdict, state=_state(taken)))


@routes.post(
    "/orders/answers",
    organisation=PROVIDER,
    roles=ANSWERERS,
    scopes=SCOPES,
    status=202,
    answers=AnswersTaken,
)
async def answer_orders(ask: Ask, conn: Connection, body: OrderAnswersBody) -> Answer:
    """Say what became of many orders; each answer is taken as if it had come alone, and none spoils another."""
    line = await lines.line(conn, ask.organisation_id)
    given = [
        Given(each.order_id, _id(each.order_id), _brought(ask, each, line)) for each in body.answers
    ]
    taken = await granting.take_all(conn, given)
    return Answer(
        AnswersTaken(
            answers=[
                NamedAnswerTaken(
                    order_id=said.order_id,
                    answer_id=said.answer_id,
                    verdict=became.verdict,
                    state=_state(became),
                )
                for said, became in zip(body.answers, taken, strict=True)
            ]
        )
    )


def _brought(ask: Ask, body: OrderAnswerBody, line: KnownLine) -> Brought:
    """The answer as it came; the same words make the same bytes, whichever way they came."""
    said = body.model_dump(exclude={"answer_id", "order_id"})
    return Brought(
        provider_id=ask.organisation_id,
        answer=ProviderAnswer(key=body.answer_id, **said),
        body=orjson.dumps(body.model_dump(mode="json", exclude={"order_id"})),
        source="api",
        at=ask.now,
        visibility=line.visibility,
    )


def _state(taken: Taken) -> str | None:
    return taken.order.state if taken.order else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
