"""A provider's statement is taken in once, and compared with orders and answers line by line."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, FieldError, Invalid
from contracts.benefits import StatementCompared, StatementReceived
from services.benefits.commands import adopting, cases
from services.benefits.commands.cases import Contradiction, open_missing_here, suspend_and_say
from services.benefits.commands.hearing import Heard, hear
from services.benefits.model.answer import CaseKind
from services.benefits.model.reconciliation import GRACE, MatchClass, Remedy, compare
from services.benefits.model.saga import Input, Money
from services.benefits.model.statement import GivenLine, checked
from services.benefits.store import cases as kept_cases
from services.benefits.store import comparing, orders, statements
from services.benefits.store.comparing import Beside
from services.benefits.store.statements import Statement, StatementLine

REPEATED = "repeated"
_SERVICE = "service/benefits"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A statement as a provider hands it in."""

    provider_id: UUID
    statement_id: str
    day: date
    lines: Sequence[GivenLine]
    total: int | None
    by: str
    now: datetime
    today: date

    @property
    def digest(self) -> bytes:
        """What tells another content under the same number."""
        content = repr((self.day, sorted(repr(line) for line in self.lines)))
        return hashlib.sha256(content.encode()).digest()


async def hand_in(conn: Connection, given: HandedIn) -> Statement:
    """Keep a statement; the same again is the same, another under its number is refused."""
    if given.day > given.today:
        detail = "これからの日の明細は受け付けられません。"
        raise Invalid("statement-day", detail, errors=[FieldError("day", "day-ahead", detail)])
    lines = checked(given.lines, given.total)
    before = await statements.statement(conn, given.provider_id, given.statement_id)
    if before is not None:
        return _same(before, given)
    new = Statement(
        id=new_id(),
        provider_id=given.provider_id,
        statement_id=given.statement_id,
        day=given.day,
        lines=len(lines),
        total=sum(line.amount for line in lines),
        content_hash=given.digest,
        received_at=given.now,
        received_by=given.by,
    )
    rows = [StatementLine(line.line_id, line.order_id, line.line) for line in lines]
    if not await statements.add_statement(conn, new, rows):
        raise Conflict("statement-under-way", "同じ明細を受け取っているところです。")
    _say(conn, new, StatementReceived, given.now, lines=new.lines, total=new.total)
    return new


def _same(before: Statement, given: HandedIn) -> Statement:
    if before.content_hash != given.digest:
        detail = "この番号の明細は、別の内容で受け取っています。別の番号で送ってください。"
        raise Conflict("statement-differs", detail)
    return before


async def compare_some(conn: Connection, now: datetime) -> bool:
    """Compare the next lines of the statement that has waited longest; False when none waits."""
    of = await comparing.uncompared(conn)
    if of is None:
        return False
    found = await comparing.lines_beside_orders(conn, of, _PAGE)
    classes = {beside.line_id: await _settle(conn, of, beside, now) for beside in found}
    await comparing.mark(conn, of, classes)
    if len(found) < _PAGE:
        await _finish(conn, of, now)
    return True


async def _settle(conn: Connection, of: Statement, beside: Beside, now: datetime) -> str:
    """Do what one line asks for; the answer is what it was."""
    if beside.repeated:
        return REPEATED
    result = compare(beside.ours, beside.line)
    if result.remedy is Remedy.AGREE and not beside.in_question:
        return result.match_class
    if beside.order_id is None:
        await open_missing_here(conn, of, beside, now)
        return result.match_class
    order = await orders.order(conn, beside.order_id, lock=True)
    if result.remedy is Remedy.AGREE:
        await cases.agree(conn, order, at=now)
    elif result.remedy is Remedy.GRANT:
        line = beside.line
        heard = Heard(now, granted_on=line.granted_on, transaction_id=line.transaction_id)
        await hear(conn, order, Input.INQUIRY_GRANTED, heard)
        await cases.agree(conn, order, at=now)
    elif result.remedy is Remedy.ADOPT:
        await adopting.adopt(conn, order, at=now)
    else:
        kind = CaseKind(result.match_class)
        mark = f"{of.statement_id}/{beside.line_id}"
        words = f"{order.state}: {beside.line.amount} {beside.line.transaction_id}"
        found = Contradiction(kind, words, mark=mark)
        await suspend_and_say(conn, order, found, now, money=Money.NOTHING)
    return result.match_class


async def _finish(conn: Connection, of: Statement, now: datetime) -> None:
    until = of.day - GRACE
    missing = await _missing_there(conn, of, until, now)
    for case_id in await comparing.never_granted(conn, of.provider_id, until, _PAGE):
        case = await kept_cases.case(conn, case_id, lock=True)
        await cases.close(conn, case, "not_granted", by=_SERVICE, at=now)
    classes = Counter(await comparing.day_classes(conn, of.provider_id, of.day))
    if missing:
        classes[MatchClass.MISSING_THERE] += missing
    await comparing.finish(conn, of, now, classes)
    done = await statements.statement(conn, of.provider_id, of.statement_id)
    assert done is not None
    own = await statements.classes_of(conn, of.provider_id, of.statement_id)
    opened = sum(own.get(name, 0) for name in ("amount", "double", "wrong_person"))
    _say(conn, done, StatementCompared, now, classes=own, cases=opened)


async def _missing_there(conn: Connection, of: Statement, until: date, now: datetime) -> int:
    """Cases for grants of which the next day's statement has no line either."""
    first = await comparing.first_day(conn, of.provider_id)
    if first is None or first > until:
        return 0
    found = await comparing.missing_there(conn, of.provider_id, first, until, _PAGE)
    for order_id in found:
        order = await orders.order(conn, order_id, lock=True)
        missing = Contradiction(CaseKind.MISSING_THERE, f"granted on {order.granted_on}")
        await suspend_and_say(conn, order, missing, now, money=Money.NOTHING)
    return len(found)


def _say(
    conn: Connection,
    of: Statement,
    kind: type[StatementReceived] | type[StatementCompared],
    at: datetime,
    **more: object,
) -> None:
    moment = (
        at if kind is StatementReceived else max(at, of.received_at + timedelta(microseconds=1))
    )
    publish(
        conn,
        kind.model_validate(
            {
                "statement_id": of.id,
                "provider_id": of.provider_id,
                "day": of.day,
                "revision": of.revision,
                "occurred_at": moment,
                **more,
            }
        ),
    )
