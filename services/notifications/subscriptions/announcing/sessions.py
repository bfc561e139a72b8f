"""What scheduling says about sessions: new ones for those who may come, changes for those who were told."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts.event import Fact
from contracts.scheduling import SessionCancelled, SessionChanged, SessionFact, SessionPublished
from services.notifications.commands.announcements import announce
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.announcement import Announcement, audience_of
from services.notifications.model.writing import Value, day, moment
from services.notifications.subscriptions.writing import Writer, cause_of


async def _published(desk: Desk, conn: Connection, fact: SessionPublished) -> None:
    await announce(conn, desk, _news(fact, "notice", when_and_where(fact)))


async def _changed(desk: Desk, conn: Connection, fact: SessionChanged | SessionCancelled) -> None:
    said = fact.note.strip() or when_and_where(fact)
    words = f"中止します。{fact.note}" if isinstance(fact, SessionCancelled) else said
    await announce(conn, desk, _news(fact, "notice_corrected", words, fact.subject))


def _news(
    fact: SessionFact, template: str, words: str, corrects: str | None = None
) -> Announcement:
    values: Mapping[str, Value] = {"title": one_line(fact.title), "words": words}
    return Announcement(
        cause=cause_of(fact),
        kind="session",
        template=template,
        address=f"/sessions/{fact.session_id}",
        # Titles of sessions are written in Japanese only.
        values={"ja": values},
        facets=frozenset({f"series:{fact.series}"}),
        audience=audience_of(fact.audience),
        corrects=corrects,
    )


def when_and_where(fact: SessionFact) -> str:
    """When a session takes place, as exactly as is known, and where."""
    if fact.starts_at is not None:
        time = moment(fact.starts_at)
    elif fact.precision == "month":
        time = f"{fact.first_on.year}年{fact.first_on.month}月"
    else:
        last = f"から{day(fact.last_on)}まで" if fact.last_on > fact.first_on else ""
        time = f"{day(fact.first_on)}{last}"
    place = "オンライン" if fact.online else one_line(fact.place)
    return f"日時：{time}" + (f"\n場所：{place}" if place else "")


WRITERS: Mapping[type[Fact], Writer] = {
    SessionPublished: _published,
    SessionChanged: _changed,
    SessionCancelled: _changed,
}
