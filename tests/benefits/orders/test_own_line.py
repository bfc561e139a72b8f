"""Where a provider wants to be called is looked up before it is kept, and refused where it leads inside."""

from base64 import b64encode

import pytest

from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.api.provider_line import ADDRESSES
from services.benefits.outside.addresses import Door
from services.benefits.outside.simulated import doors_of
from tests.benefits.asking import House
from tests.benefits.orders.granting import Town
from tests.benefits.resolving import NOWHERE, SILENT, Names
from tests.rig.asker import Answered

_URL = "https://provider.example.jp/machipo"


async def _kept(house: House, town: Town, url: str = _URL) -> Answered:
    technical = house.member(
        OrganisationKind.PROVIDER, Role.TECHNICAL, organisation_id=town.provider_id
    )
    body = {"way": "push", "url": url, "public_key": b64encode(bytes(32)).decode()}
    return await technical.ask("PUT", "/own-line", body)


def _book(
    house: House, answer: str, *, seconds: float = 60.0, allowed: frozenset[Door] = frozenset()
) -> None:
    """What the names of this house lead to."""
    assert house.client.app is not None
    book = house.client.app[ADDRESSES]
    book.names, book.seconds, book.allowed = Names(answer), seconds, allowed


@pytest.mark.parametrize(
    "leads_to",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "8.8.8.8 10.0.0.7",
    ],
)
async def test_a_name_that_leads_inside_is_refused_at_its_field(
    house: House, town: Town, leads_to: str
) -> None:
    _book(house, leads_to)
    refused = await _kept(house, town)
    assert (refused.status, refused.code) == (422, "url-not-public")
    (error,) = refused.json["errors"]
    assert error["field"] == "url" and "公開のアドレス" in error["detail"]
    assert await town.pool.fetchval("SELECT count(*) FROM provider_lines") == 0


@pytest.mark.parametrize("answer", [NOWHERE, SILENT, ""])
async def test_a_name_nobody_answers_for_is_refused_in_time(
    house: House, town: Town, answer: str
) -> None:
    _book(house, answer, seconds=0.05)
    refused = await _kept(house, town)
    assert (refused.status, refused.code) == (422, "url-not-found")
    assert [error["field"] for error in refused.json["errors"]] == ["url"]


async def test_a_public_name_is_kept_and_who_said_so_is_written_down(
    house: House, town: Town
) -> None:
    _book(house, "8.8.8.8 2606:4700::1111")
    kept = await _kept(house, town)
    assert (kept.status, kept.json["url"], kept.headers["ETag"]) == (200, _URL, '"1"')
    who = await town.pool.fetchval(
        "SELECT organisation_id FROM audit WHERE action LIKE '%own_line'"
    )
    assert who == town.provider_id


async def test_only_what_a_setting_allows_may_lie_here(house: House, town: Town) -> None:
    here = "http://127.0.0.1:8028"
    assert (await _kept(house, town, here)).code == "url-unfit"
    _book(house, "127.0.0.1", allowed=doors_of(here))
    assert (await _kept(house, town, here)).status == 200
    assert (await _kept(house, town, "http://127.0.0.1:8029")).code == "url-unfit"
    assert (await _kept(house, town)).code == "url-not-public"
