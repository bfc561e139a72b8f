"""対象か調べる: a few answers against the rule of a measure; nothing of them is kept."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import reading
from chassis.refusal import FieldError, Invalid
from chassis.web import Ask, Body, Routes
from services.registry.api.measures.public import public_entry
from services.registry.model.likely import Answers, Verdict, judged

routes = Routes("/api/v1/registry", tag="registry")


class CheckBody(Body):
    """What somebody answered; what the measure does not ask for may be left out."""

    #: Registered as a resident in one of the areas of the measure.
    lives_there: bool | None = None
    born_on: Annotated[date | None, Field(strict=False)] = None
    #: Got a number from the municipality, or attended.
    has_notice: bool | None = None
    #: Everything the measure wants applicants to say is true.
    agrees: bool | None = None


class CheckAnswer(BaseModel):
    """What the answers say; a review decides in the end."""

    verdict: Verdict
    #: The rule that decided: ``area``, ``birth``, ``notice`` or ``statements``.
    rule: str | None


# Nothing is written, so there is nothing to repeat, and the answers are in no row.
@routes.post("/measures/{measure_id}/check", public=True, idempotent=False)
async def check_measure(ask: Ask, measure_id: UUID, body: CheckBody) -> CheckAnswer:
    """Whether a measure may be for somebody; the answers are forgotten at once."""
    if body.born_on is not None and not date(1890, 1, 1) <= body.born_on <= ask.today:
        detail = "生まれた日は、今日までの日を入れてください。"
        raise Invalid("born-on-wrong", detail, errors=[FieldError("born_on", "born_on", detail)])
    async with reading(ask.pool) as conn:
        entry = await public_entry(conn, measure_id)
    verdict, rule = judged(entry.eligibility, Answers(**body.model_dump()), ask.today)
    return CheckAnswer(verdict=verdict, rule=rule)
