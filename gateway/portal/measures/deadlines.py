"""All days of a measure on one axis: what begins and ends when, and where two of them collide."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from chassis.clock import JAPAN
from gateway.portal.drawings import TimeChart, time_chart
from gateway.portal.measures.words import first_moment, last_moment, span
from gateway.portal.words import as_instant, day

_LAST_MINUTES = {"", "24:00", "23:59"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the deadline map: from when, until when (the first instant that is too late), in words."""

    label: str
    first: datetime
    over: datetime
    words: str
    #: ``own`` of the measure, ``service`` of one service.
    kind: str = "own"
    #: What collides, in words.
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineMap:
    """The rows with their drawings, for wide pages and for phones, and the finding in a sentence."""

    lines: list[Line]
    #: Maintenance windows, hatched behind the rows: from when until when, in words.
    rests: list[str]
    charts: tuple[tuple[str, TimeChart], ...]
    finding: str


def drawn(
    lines: list[Line], now: datetime, windows: Iterable[dict[str, Any]] = ()
) -> DeadlineMap | None:
    """The deadline map with the maintenance windows that lie in its time; none while too little is known."""
    if not lines:
        return None
    begins, ends = min(line.first for line in lines), max(line.over for line in lines)
    known = [(as_instant(w["starts_at"]), as_instant(w["ends_at"]), w) for w in windows]
    shown = [r for r in known if r[0] < ends and begins < r[1]]
    rests = [(starts, over) for starts, over, _ in shown]
    lines = [_colliding(line, rests) for line in lines]
    spans = [(line.first, line.over) for line in lines]
    charts = tuple(
        (name, time_chart(spans, now, wide, rests))
        for name, wide in (("wide", 560), ("narrow", 310))
    )
    clashes = [f"{line.label}：{line.conflict}" for line in lines if line.conflict]
    told = (
        f"確かめるところが{len(clashes)}つあります。" if clashes else "ぶつかる日程はありません。"
    )
    return DeadlineMap(lines, [_rest(*r) for r in shown], charts, told + "。".join(clashes))


def of_entry(entry: dict[str, Any]) -> list[Line]:
    """The days of an entry as the registry says it."""
    first, over = as_instant(entry["apply_from"]), as_instant(entry["apply_until"])
    last = date.fromisoformat(entry["allocate_by"])
    lines = [
        Line("申込み", first, over, f"{first_moment(first)}から{last_moment(over)}まで"),
        *_part(entry.get("take_part_from"), entry.get("take_part_until")),
        Line("受け取り先を決める", first, _start(last, 1), f"{day(last)}まで"),
    ]
    for service in entry.get("services") or []:
        if service.get("apply_until"):
            own = as_instant(service["apply_until"])
            lines.append(_service(service["name"], first, own, over))
    for occasion in entry.get("occasions") or []:
        begins, ends = as_instant(occasion["starts_at"]), as_instant(occasion["ends_at"])
        lines.append(_occasion(occasion["name"], begins, ends, first))
    return lines


def of_form(form: dict[str, Any], names: dict[str, str]) -> list[Line]:
    """The days of a form as far as they can be read; ``names`` says what a service's code is called."""
    dates = form["dates"]
    first = _instant(dates["apply_from_on"], dates["apply_from_time"])
    over = _end(dates["apply_until_on"], dates["apply_until_time"])
    if first is None or over is None or first >= over:
        return []
    lines = [Line("申込み", first, over, f"{first_moment(first)}から{last_moment(over)}まで")]
    lines += _part(dates["take_part_from"], dates["take_part_until"])
    last = _day(dates["allocate_by"])
    if last and _start(last, 1) > first:
        early = "申込みの締切より前です" if _start(last, 1) < over else ""
        lines.append(
            Line("受け取り先を決める", first, _start(last, 1), f"{day(last)}まで", conflict=early)
        )
    for service in form["services"]:
        own = _end(service["apply_until_on"], service["apply_until_time"])
        if own and own > first:
            lines.append(_service(names.get(service["code"], service["code"]), first, own, over))
    return lines


def _rest(starts: datetime, over: datetime, window: dict[str, Any]) -> str:
    touched = str(window.get("impact") or "")
    return span(starts, over) + (f"。{touched}" if touched else "")


def _colliding(line: Line, rests: list[tuple[datetime, datetime]]) -> Line:
    """The row, with what is to be checked where its last moment lies in a maintenance window."""
    inside = any(starts < line.over <= ends for starts, ends in rests)
    if not inside or line.conflict:
        return line
    return replace(line, conflict="保守の間に締め切ります")


def _part(first: str | None, last: str | None) -> list[Line]:
    begins, ends = _day(first or last or ""), _day(last or first or "")
    if begins is None or ends is None or begins > ends:
        return []
    return [
        Line("参加する期間", _start(begins), _start(ends, 1), f"{day(begins)}から{day(ends)}まで")
    ]


def _service(name: str, first: datetime, own: datetime, over: datetime) -> Line:
    late = "申込みの締切よりあとです" if own > over else ""
    return Line(f"{name}の締切", first, own, f"{last_moment(own)}まで", "service", late)


def _occasion(name: str, begins: datetime, ends: datetime, first: datetime) -> Line:
    early = "申込みの開始より前に終わります" if ends <= first else ""
    return Line(f"会場：{name}", begins, ends, span(begins, ends), conflict=early)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _start(on: date, later: int = 0) -> datetime:
    return datetime.combine(on + timedelta(days=later), time(), JAPAN)


def _instant(on: str, clock: str) -> datetime | None:
    found = _day(on)
    try:
        at = time.fromisoformat(clock.zfill(5)) if clock else time()
    except ValueError:
        return None
    return datetime.combine(found, at, JAPAN) if found and at.tzinfo is None else None


def _end(on: str, clock: str) -> datetime | None:
    found = _day(on)
    if clock in _LAST_MINUTES:
        return _start(found, 1) if found else None
    return _instant(on, clock)
