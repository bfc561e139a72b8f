"""Legal representatives: who may act for which child, once confirmed, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Forbidden, Invalid
from services.identity.model.certificates import of_age_on

OF_AGE = 18


@dataclass(frozen=True, slots=True)
class Representation:
    """A relation between a representative and a child."""

    id: UUID
    representative_id: UUID
    child_id: UUID
    state: str
    municipality_code: str
    #: The child's facts, sealed.
    child: str
    requested_at: datetime
    until_on: date

    def decided(self) -> None:
        """Refuse to decide twice."""
        if self.state != "requested":
            raise Conflict("representation-decided", "この届け出はすでに確認されています。")


def last_day(birth_on: date, today: date) -> date:
    """The last day of acting for somebody born on a day: the one before they come of age."""
    last = of_age_on(birth_on, OF_AGE) - timedelta(days=1)
    if birth_on > today or last < today:
        detail = "18歳以上の方の分は、ご本人が申し込んでください。"
        raise Invalid("child-of-age", detail, errors=[FieldError("birth_on", "of_age", detail)])
    return last


def already_asked() -> Conflict:
    """The refusal for a relation that is there or asked for already."""
    return Conflict("representation-exists", "このお子さまは、すでに届け出ています。")


def not_for_this_child() -> Forbidden:
    """The refusal for acting for somebody else without being confirmed."""
    return Forbidden(
        "not-representative",
        "この方の分を申し込むには、法定代理人としての確認が要ります。「ご家族」から届け出てください。",
    )
