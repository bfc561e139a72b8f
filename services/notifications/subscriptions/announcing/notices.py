"""What content says: notices for those who may read them, their amendments for those who were told, new versions."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts.content import DocumentVersionPublished, NoticePublished, NoticeWithdrawn
from contracts.event import Fact
from services.notifications.commands.announcements import announce
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.announcement import Announcement, audience_of
from services.notifications.model.writing import Value
from services.notifications.store import announcements
from services.notifications.subscriptions.writing import Writer, cause_of


async def _published(desk: Desk, conn: Connection, fact: NoticePublished) -> None:
    if fact.maintenance_id is not None:
        # The window itself is announced, with its own corrections.
        return
    notice = fact.notice
    values: dict[str, Mapping[str, Value]] = {
        language: {
            "title": one_line(text.title),
            "words": text.body.strip() or one_line(text.title),
        }
        for language, text in notice.texts.items()
    }
    made = Announcement(
        cause=cause_of(fact),
        kind="notice",
        template="notice" if fact.amends is None else "notice_corrected",
        address=f"/notices/{fact.notice_id}",
        values=values,
        facets=frozenset({f"category:{notice.category}"}),
        audience=audience_of(notice.audience),
        corrects=f"notice/{fact.amends}" if fact.amends else None,
    )
    await announce(conn, desk, made)


async def _withdrawn(desk: Desk, conn: Connection, fact: NoticeWithdrawn) -> None:
    before = await announcements.last_summaries(conn, fact.subject)
    if fact.successor_id is not None or not before:
        # Its successor tells those who were told; where nobody was, nobody has to be.
        return
    made = Announcement(
        cause=cause_of(fact),
        kind="notice",
        template="notice_corrected",
        address="/notices",
        values={"ja": {"title": before["ja"], "words": f"取り下げました。{fact.reason}"}},
        corrects=fact.subject,
    )
    await announce(conn, desk, made)


async def _new_version(desk: Desk, conn: Connection, fact: DocumentVersionPublished) -> None:
    if fact.notice_id is not None:
        # The notice that comes with it tells of it.
        return
    title = one_line(f"{fact.title}（{fact.name}）")
    made = Announcement(
        cause=cause_of(fact),
        kind="document",
        template="notice",
        address="/documents",
        values={"ja": {"title": title, "words": fact.change_note.strip() or title}},
        audience=audience_of(fact.access),
    )
    await announce(conn, desk, made)


WRITERS: Mapping[type[Fact], Writer] = {
    NoticePublished: _published,
    NoticeWithdrawn: _withdrawn,
    DocumentVersionPublished: _new_version,
}
