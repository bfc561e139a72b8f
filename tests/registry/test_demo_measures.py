"""The measures of the demo: every real example can be typed, and stands where it should once contracts carry it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.database import Pool, reading
from services.registry.demo import fill
from services.registry.demo.measure_forms import days_of, measure_form, year_of
from services.registry.demo.measuring import fill_measures, measure_id_of
from services.registry.demo.written import MEASURES, Row
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.measure.judging import Municipality, Surroundings, judged
from services.registry.store import measures
from tests.registry.asking import Desk
from tests.registry.forms import GUIDELINES
from tests.registry.test_bad_measures import NOW, covered


def _ids(row: Row) -> str:
    return str(row["title"])


@pytest.mark.parametrize("row", MEASURES, ids=_ids)
@pytest.mark.parametrize("day", [date(2026, 11, 27), date(2027, 3, 31), date(2027, 4, 1)])
def test_every_real_example_can_be_expressed_on_whatever_day(row: Row, day: date) -> None:
    around = Surroundings(
        measure_id=measure_id_of(row),
        municipality=Municipality(UUID(int=1), row["code"], row["title"], row["code"][:2]),
        covered={code: covered(code) for code in row["services"]},
        areas={row["code"]},
        known_services=set(row["services"]),
        number=1,
        now=NOW.replace(year=day.year, month=day.month, day=day.day),
    )
    entry, errors = judged(measure_form(row, day), around)
    assert entry, errors


def test_no_measure_of_the_demo_opens_before_the_contracts_that_carry_it() -> None:
    for day in (date(2027, 1, 1) + timedelta(days=n) for n in range(365)):
        for row in MEASURES:
            assert fiscal_year(days_of(row, day)[0]) == year_of(row, day), (day, row["title"])


async def test_every_measure_of_the_demo_stands_where_it_should(desk: Desk, pool: Pool) -> None:
    await fill(pool, GUIDELINES)
    assert await fill_measures(pool) == 0
    async with reading(pool) as conn:
        found = {row["key"]: await measures.measure(conn, measure_id_of(row)) for row in MEASURES}
    assert {row["key"]: row["state"] for row in MEASURES} == {k: m.state for k, m in found.items()}
