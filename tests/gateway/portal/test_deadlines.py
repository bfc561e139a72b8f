"""All days of a measure on one axis: drawn to scale, told in a table, collisions said in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import JAPAN
from gateway.portal.drawings import time_chart
from gateway.portal.measures.deadlines import drawn, of_entry, of_form
from services.registry.model.measure.form import MeasureForm
from tests.gateway.portal.entries import ENTRY

NOW = datetime(2026, 12, 10, 9, 0, tzinfo=JAPAN)


def _form(**dates: str) -> dict[str, Any]:
    """A form with these dates typed in."""
    form: dict[str, Any] = MeasureForm().model_dump()
    form["dates"] |= {"apply_from_on": "2026-12-01", "apply_until_on": "2026-12-25"} | dates
    return form


def test_every_deadline_of_an_entry_has_its_row() -> None:
    lines = of_entry(ENTRY)
    assert [(line.label, line.words) for line in lines] == [
        ("申込み", "2026年12月1日（火）から2026年12月25日（金）まで"),
        ("受け取り先を決める", "2027年1月31日（日）まで"),
        ("なぎさマネーの締切", "2026年12月24日（木）まで"),
    ]
    assert [line.kind for line in lines] == ["own", "own", "service"]


def test_a_form_is_drawn_as_soon_as_both_days_of_applying_can_be_read() -> None:
    assert of_form(_form(), {})[0].words == "2026年12月1日（火）から2026年12月25日（金）まで"
    assert of_form(_form(apply_until_on=""), {}) == []
    assert of_form(_form(apply_until_on="令和8年13月"), {}) == []
    assert of_form(_form(apply_from_time="25時"), {}) == []
    assert of_form(_form(apply_until_on="2026-11-01"), {}) == []


def test_choosing_the_place_before_the_last_day_of_applying_collides() -> None:
    lines = of_form(_form(allocate_by="2026-12-20"), {})
    assert [line.conflict for line in lines] == ["", "申込みの締切より前です"]
    found = drawn(lines, NOW)
    assert found is not None
    assert (
        found.finding == "確かめるところが1つあります。受け取り先を決める：申込みの締切より前です"
    )


@pytest.mark.parametrize(
    ("starts", "ends", "conflict"),
    [
        ("2026-12-25T22:00:00+09:00", "2026-12-26T06:00:00+09:00", "保守の間に締め切ります"),
        ("2026-12-24T22:00:00+09:00", "2026-12-26T00:00:00+09:00", "保守の間に締め切ります"),
        ("2026-12-26T00:00:00+09:00", "2026-12-26T06:00:00+09:00", ""),
        ("2026-12-24T22:00:00+09:00", "2026-12-25T06:00:00+09:00", ""),
    ],
)
def test_a_deadline_within_a_maintenance_window_collides(
    starts: str, ends: str, conflict: str
) -> None:
    window = {"starts_at": starts, "ends_at": ends, "impact": "申込みが止まります。"}
    found = drawn(of_form(_form(allocate_by="2027-01-31"), {}), NOW, [window])
    assert found is not None
    assert found.lines[0].conflict == conflict
    assert found.rests[0].endswith("。申込みが止まります。")


def test_maintenance_outside_the_time_shown_is_not_drawn() -> None:
    window = {"starts_at": "2028-01-01T00:00:00Z", "ends_at": "2028-01-01T06:00:00Z"}
    found = drawn(of_entry(ENTRY), NOW, [window])
    assert found is not None
    assert (found.rests, found.charts[0][1].bands) == ([], ())


@pytest.mark.parametrize("wide", [310, 560])
@pytest.mark.parametrize("days", [1, 40, 1200])
def test_a_drawing_stays_within_its_width_whatever_it_shows(wide: int, days: int) -> None:
    over = NOW + timedelta(days=days)
    spans = [(NOW, over), (NOW, NOW + timedelta(minutes=1))]
    chart = time_chart(spans, NOW, wide, [(NOW - timedelta(days=9), over + timedelta(days=9))])
    assert all(s.x >= 0 and s.x + min(s.wide, wide) <= wide + 6 for s in chart.spans + chart.bands)
    assert chart.spans[1].wide >= 3
    assert len(chart.months) <= wide // 44 + 1
    assert [x for x, _ in chart.months] == sorted(x for x, _ in chart.months)
