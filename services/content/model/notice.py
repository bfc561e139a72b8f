"""A notice (新着情報): from draft to the site and down again."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Invalid, Stale

#: How long a notice counts as new, with the day it came out.
NEW_DAYS = 14
_LATEST = timedelta(days=366 * 2)


class State(StrEnum):
    """Where a notice is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


class Origin(StrEnum):
    """What made it: a person, a maintenance window, a new version of a document."""

    EDITOR = "editor"
    MAINTENANCE = "maintenance"
    DOCUMENT = "document"


class Amendment(StrEnum):
    """How a notice stands to the one it amends."""

    CORRECTION = "correction"
    CANCELLATION = "cancellation"
    COMPLETION = "completion"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice without its words; those lie in editions."""

    id: UUID
    created_at: datetime
    state: State = State.DRAFT
    origin: Origin = Origin.EDITOR
    edition: int = 1
    pinned: int | None = None
    publish_at: datetime | None = None
    take_down_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    successor_id: UUID | None = None
    amends_id: UUID | None = None
    amendment: Amendment | None = None
    maintenance_id: UUID | None = None
    version: int = 1
    revision: int = 0
    said_at: datetime | None = None

    def expected(self, version: int | None) -> "Notice":
        """This notice, if it still is the version that was seen."""
        if version is not None and version != self.version:
            detail = "ほかの方が先にこのお知らせを変えました。いまの内容を読み直してください。"
            raise Stale("version-stale", detail)
        return self

    def rewritten(self) -> "Notice":
        """With one edition more; on the site, the new one stands from now on."""
        self._must(State.DRAFT, State.PUBLISHED)
        edition = self.edition + 1
        pinned = edition if self.state is State.PUBLISHED else None
        return replace(self, edition=edition, pinned=pinned, version=self.version + 1)

    def scheduled(
        self, publish_at: datetime, take_down_at: datetime | None, now: datetime
    ) -> "Notice":
        """Its newest edition is pinned and goes live at an instant; one that has come means now."""
        self._must(State.DRAFT)
        _in_reach("publish_at", publish_at, now)
        _down_after(take_down_at, max(publish_at, now))
        return replace(
            self,
            state=State.SCHEDULED,
            pinned=self.edition,
            publish_at=publish_at,
            take_down_at=take_down_at,
            version=self.version + 1,
        )

    def unscheduled(self) -> "Notice":
        """A draft again."""
        self._must(State.SCHEDULED)
        return replace(
            self,
            state=State.DRAFT,
            pinned=None,
            publish_at=None,
            take_down_at=None,
            version=self.version + 1,
        )

    def published(self, now: datetime) -> "Notice":
        """On the site; this is said."""
        self._must(State.SCHEDULED)
        return replace(self, state=State.PUBLISHED, version=self.version + 1)._said(now)

    def until(self, take_down_at: datetime | None, now: datetime) -> "Notice":
        """On the site, and to come down at another instant than was planned."""
        self._must(State.PUBLISHED)
        _down_after(take_down_at, now)
        return replace(self, take_down_at=take_down_at, version=self.version + 1)

    def ended(self, now: datetime) -> "Notice":
        """Down, as planned; this is said."""
        self._must(State.PUBLISHED)
        return replace(self, state=State.ENDED, version=self.version + 1)._said(now)

    def withdrawn(self, reason: str, successor_id: UUID | None, now: datetime) -> "Notice":
        """Taken back, with the reason readers find in its place; this is said."""
        self._must(State.PUBLISHED)
        return replace(
            self,
            state=State.WITHDRAWN,
            withdrawn_at=now,
            withdrawn_reason=reason,
            successor_id=successor_id,
            version=self.version + 1,
        )._said(now)

    def discarded(self) -> "Notice":
        """A draft that never was."""
        self._must(State.DRAFT)
        return replace(self, state=State.DISCARDED, version=self.version + 1)

    def changed(self, now: datetime) -> "Notice":
        """The same; that its words were mended is said."""
        return self._said(now)

    def _said(self, now: datetime) -> "Notice":
        # Facts of one subject follow each other, whatever clocks and locks did.
        after = self.said_at + timedelta(microseconds=1) if self.said_at else now
        return replace(self, revision=self.revision + 1, said_at=max(now, after))

    def _must(self, *states: State) -> None:
        if self.state not in states:
            detail = (
                "このお知らせは、いまの状態ではその操作ができません。画面を読み込み直してください。"
            )
            raise Conflict("notice-state", detail)


def _in_reach(field: str, instant: datetime, now: datetime) -> None:
    if instant > now + _LATEST:
        raise _wrong(field, "too_far", "2年より先の日時は入れられません。")


def _down_after(take_down_at: datetime | None, earliest: datetime) -> None:
    if take_down_at is not None and take_down_at <= earliest:
        raise _wrong(
            "take_down_at", "ends_before_start", "掲載の終わりは、始まりより後にしてください。"
        )


def _wrong(field: str, code: str, detail: str) -> Invalid:
    return Invalid("schedule-refused", detail, errors=[FieldError(field, code, detail)])


def is_new(published_on: date, day: date) -> bool:
    """Whether a notice carries 新着 on a day."""
    return published_on <= day < published_on + timedelta(days=NEW_DAYS)
