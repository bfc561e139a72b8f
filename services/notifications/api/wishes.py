"""What somebody wants to hear of, as members and readers from outside see and say it."""

from datetime import datetime, time
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Record
from chassis.refusal import FieldError, Invalid
from chassis.web import Body
from services.notifications.commands.following import Wish
from services.notifications.model.facets import Matching
from services.notifications.model.timing import Frequency, QuietHours

Language = Literal["ja", "easy", "en"]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Quiet(Body):
    """The hours in which nothing goes out by mail, on Japan's clock; over midnight where the end is the smaller."""

    quiet_from: Clock | None = None
    quiet_until: Clock | None = None

    def hours(self) -> QuietHours | None:
        """The same, understood; None where nothing is held."""
        if self.quiet_from is None and self.quiet_until is None:
            return None
        if (
            self.quiet_from is None
            or self.quiet_until is None
            or self.quiet_from == self.quiet_until
        ):
            detail = "知らせを止めておく時間は、始まりと終わりを別の時刻で入れてください。"
            raise Invalid(
                "quiet-hours", detail, errors=[FieldError("quiet_until", "hours", detail)]
            )
        return QuietHours(time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until))


class WishBody(Body):
    """What is wanted: ``facets`` like ``prefecture:17``; one of them is enough (any), or a value of each sort (all)."""

    matching: Literal["any", "all"] = "any"
    facets: Annotated[
        list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=50)
    ]
    frequency: Literal["at_once", "daily", "weekly"] = "at_once"

    def wish(self) -> Wish:
        """The same, understood."""
        return Wish.of(Matching(self.matching), self.facets, Frequency(self.frequency))


class PaceBody(Body):
    """How soon to tell."""

    frequency: Literal["at_once", "daily", "weekly"]


class SubscriptionView(BaseModel):
    """One subscription."""

    subscription_id: UUID
    matching: str
    facets: list[str]
    frequency: str
    #: ``asked``: the mail that asks for a confirmation is out.
    state: str
    asked_at: datetime

    @classmethod
    def of(cls, row: Record) -> Self:
        """The view of a stored subscription."""
        return cls(**{name: row[name] for name in cls.model_fields})


class WishesView(BaseModel):
    """How somebody is told, and of what."""

    language: str
    by_mail: bool
    quiet_from: str | None
    quiet_until: str | None
    address: str | None
    revision: int
    subscriptions: list[SubscriptionView]

    @classmethod
    def of(cls, row: Record, subscriptions: list[Record], *, address: str | None) -> Self:
        """The view of a stored subscriber."""
        return cls(
            language=row["language"],
            by_mail=row["by_mail"],
            quiet_from=clock_of(row["quiet_from"]),
            quiet_until=clock_of(row["quiet_until"]),
            address=address,
            revision=row["revision"],
            subscriptions=[SubscriptionView.of(one) for one in subscriptions],
        )


def clock_of(value: time | None) -> str | None:
    """A time of day as it is typed and shown."""
    return value.strftime("%H:%M") if value else None


def veiled(address: str) -> str:
    """An address its owner knows again and nobody else learns: h…@aoba.example."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
