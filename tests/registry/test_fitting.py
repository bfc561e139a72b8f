"""A provider looks for measures: those its services fit, with how far it has come with each municipality."""

import pytest

from contracts.values import OrganisationKind
from tests.registry.asking import Desk
from tests.registry.covering import carry_now
from tests.registry.matching import Pair, pair
from tests.registry.measuring import Staff, measure_form, year_of


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


async def test_a_provider_finds_the_measures_its_services_fit_and_how_far_it_has_come(
    two: Pair,
) -> None:
    path = "/fitting-measures"
    own, year = two.municipality.organisation_id, year_of(measure_form())
    assert own
    staff = Staff.of(two.desk, two.municipality)
    carried = await carry_now(two.desk.pool, own, "nagisa-money", year=year)
    measure_id = await staff.published()
    await staff.begun()
    page = (await two.provider.get(f"{path}?fiscal_year={year}&q=コマツ")).json
    [found] = page["items"]
    assert (found["measure_id"], found["state"]) == (measure_id, "scheduled")
    assert found["fitting"] == found["in_scope"] == ["なぎさマネー"]
    assert (found["match_state"], found["contract_state"]) == ("contracted", "concluded")
    assert (found["match_id"], page["next"]) == (str(carried.match_id), None)
    for nothing in ("prefecture=01", "grant_type=purchase_rate", "q=ほかのまち"):
        asked = f"{path}?fiscal_year={year}&{nothing}"
        assert (await two.provider.get(asked)).json["items"] == []
    assert (await two.provider.get(f"{path}?fiscal_year={year + 1}")).json["items"] == []
    second = await staff.published()
    first = (await two.provider.get(f"{path}?fiscal_year={year}&limit=1")).json
    asked = f"{path}?fiscal_year={year}&limit=1&after={first['next']}"
    rest = (await two.provider.get(asked)).json
    ids = [p["items"][0]["measure_id"] for p in (first, rest)]
    assert (ids, rest["next"]) == (sorted([measure_id, second]), None)
    assert (await two.municipality.get(path)).status == 403
    assert (await two.provider.get(f"{path}?after=x")).code == "cursor-unknown"


async def test_a_provider_whose_services_grant_otherwise_or_rest_finds_nothing(two: Pair) -> None:
    year, pool = year_of(measure_form()), two.desk.pool
    own = two.municipality.organisation_id
    assert own
    await carry_now(pool, own, "nagisa-money", year=year)
    await Staff.of(two.desk, two.municipality).published()
    asked = f"/fitting-measures?fiscal_year={year}"
    assert len((await two.provider.get(asked)).json["items"]) == 1
    grants = """UPDATE payment_services SET details = jsonb_set(details, '{grant_types}', '["charge_rate"]')"""
    await pool.execute(grants)
    assert (await two.provider.get(asked)).json["items"] == []
    stranger = two.desk.member(OrganisationKind.PROVIDER)
    assert (await stranger.get(asked)).json["items"] == []
