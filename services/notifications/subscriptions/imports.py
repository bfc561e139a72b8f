"""Letters about imports: where one takes long, whoever handed the file in hears of its end."""

from collections.abc import Mapping
from datetime import timedelta

from chassis.database import Connection
from contracts.event import Fact
from contracts.registry import ImportEnded, ImportFact, ImportRead
from services.notifications.commands import organisations
from services.notifications.commands.letters import Desk
from services.notifications.subscriptions.writing import Writer, cause_of

#: So long somebody looks on; whoever waits for longer has gone on to something else.
_LONG = timedelta(seconds=10)
_ROWS = {"targets": "対象者リスト", "measures": "施策の一覧"}


async def _read(desk: Desk, conn: Connection, fact: ImportRead) -> None:
    if fact.reason:
        result = f"{fact.reason}\n何も変わっていません。"
    elif fact.faulty:
        result = (
            f"直すところのある行が{fact.faulty:,}行あります。どの行も、まだ取り込んでいません。"
        )
    else:
        result = (
            "直すところはありません。まだ取り込んでいません。取り込むかどうかを決めてください。"
        )
    await _tell(desk, conn, fact, "import_read", result)


async def _ended(desk: Desk, conn: Connection, fact: ImportEnded) -> None:
    gone = f"{fact.reason}\n何も変わっていません。" if fact.reason else ""
    await _tell(desk, conn, fact, "import_ended", gone or "すべての行を取り込みました。")


async def _tell(desk: Desk, conn: Connection, fact: ImportFact, template: str, result: str) -> None:
    if fact.occurred_at - fact.since < _LONG:
        return
    values = {"what": _ROWS[fact.rows_are], "rows": f"{fact.rows:,}", "result": result}
    await organisations.tell_member(
        conn, desk, cause_of(fact), fact.municipality_id, fact.member_id, template, values
    )


WRITERS: Mapping[type[Fact], Writer] = {ImportRead: _read, ImportEnded: _ended}
