"""Where a measure stands, and how people call it."""

from enum import StrEnum


class State(StrEnum):
    """Where a measure stands."""

    DRAFT = "draft"
    INTERNAL_REVIEW = "internal_review"
    RETURNED = "returned"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    SETTLING = "settling"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Edition(StrEnum):
    """Where a later version of a public measure stands on its way."""

    DRAFT = "draft"
    INTERNAL_REVIEW = "internal_review"
    RETURNED = "returned"
    APPROVED = "approved"


#: States in which everybody may read it and its content may be edited.
LIVE = frozenset({State.SCHEDULED, State.OPEN, State.PAUSED})
#: States in which nothing is public yet.
UNPUBLISHED = frozenset({State.DRAFT, State.INTERNAL_REVIEW, State.RETURNED, State.APPROVED})

WORDS = {
    State.DRAFT: "下書き",
    State.INTERNAL_REVIEW: "庁内確認中",
    State.RETURNED: "差し戻し",
    State.APPROVED: "事務局の確認待ち",
    State.SCHEDULED: "まもなく開始",
    State.OPEN: "募集中",
    State.PAUSED: "一時停止",
    State.CLOSED: "受付終了",
    State.SETTLING: "精算中",
    State.COMPLETED: "完了",
    State.CANCELLED: "中止",
}
