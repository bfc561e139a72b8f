"""Who applied already reads so before any card is read, and where the application stands."""

import pytest

from gateway.portal.asking import SERVICES
from tests.gateway.portal.entries import ENTRY, MEASURE_ID
from tests.gateway.portal.residents import CHILD, ID, application, settle
from tests.gateway.portal.test_own_measures import Registry
from tests.gateway.portal.test_resident_pages import Client, client, look, press
from tests.rig.sheet import Sheet

__all__ = ["client"]
MEASURE = f"/measures/{MEASURE_ID}"
OWN = "/api/v1/benefits/own-applications"
_HAD, _APPLY, _OTHERS = "申込み済みです", "この施策に申し込む", "ほかの方の分を申し込む"


@pytest.fixture
def services(client: Client) -> Registry:
    assert client.app is not None
    found = client.app[SERVICES]
    assert isinstance(found, Registry)
    settle(found)
    return found


def _measure(services: Registry, *, used_up: bool = False, **changed: object) -> None:
    entry = ENTRY | {"unit": "person"} | changed
    said = {"measure_id": MEASURE_ID, "state": "open", "entry": entry, "versions": 1, "why": ""}
    services.say("GET", f"/api/v1/registry/measures/{MEASURE_ID}", said | {"used_up": used_up})


def _mine(services: Registry, *items: dict[str, object]) -> None:
    services.say("GET", OWN, {"items": list(items), "next": None})


async def _seen(client: Client, path: str) -> Sheet:
    status, text = await look(client, path)
    assert status == 200, path
    return Sheet(text)


@pytest.mark.parametrize("path", [MEASURE, f"/easy{MEASURE}", f"{MEASURE}/apply"])
async def test_what_one_has_stands_where_the_button_was(
    client: Client, services: Registry, path: str
) -> None:
    _measure(services, unit="child")
    _mine(services, application(person_id=CHILD))
    page = await _seen(client, path)
    before = "/easy" if path.startswith("/easy") else ""
    assert f"{before}/my/applications/{ID}" in [href for _, href in page.links]
    assert not {_APPLY, _OTHERS} & set(dict(page.links))
    onwards = f"{before}{MEASURE}/apply" if path != f"{MEASURE}/apply" else f"{path}/who"
    assert onwards not in [href for _, href in page.links]
    assert [call for call in services.asked if call[1] == OWN]


async def test_another_person_may_still_be_applied_for(client: Client, services: Registry) -> None:
    _mine(services, application())
    page = await _seen(client, MEASURE)
    assert _HAD in page.words and page.link(_OTHERS) == f"{MEASURE}/apply"
    assert _APPLY not in dict(page.links)
    page = await _seen(client, f"{MEASURE}/apply/who")
    assert _HAD in page.words
    assert page.form("次へ")[0].choices("person_id") == [CHILD]


async def test_the_first_page_of_an_application_shows_it_instead_of_the_form(
    client: Client, services: Registry
) -> None:
    _mine(services, application(), application(person_id=CHILD))
    page = await _seen(client, f"{MEASURE}/apply/who")
    assert _HAD in page.words and page.words.count("申込みの様子を見る") == 2
    assert "次へ" not in [b.words for form in page.forms for b in form.buttons]


@pytest.mark.parametrize("word", ["不承認", "取消"])
async def test_what_was_refused_or_taken_back_stands_in_nobodys_way(
    client: Client, services: Registry, word: str
) -> None:
    _mine(services, application(word))
    page = await _seen(client, MEASURE)
    assert _HAD not in page.words and _APPLY in dict(page.links)


async def test_a_measure_for_several_times_lets_one_apply_again(
    client: Client, services: Registry
) -> None:
    _measure(services, times=2)
    _mine(services, application())
    page = await _seen(client, f"{MEASURE}/apply/who")
    assert page.form("次へ")[0].choices("person_id") == [ID, CHILD]


async def test_who_sends_an_old_page_is_told_before_the_card(
    client: Client, services: Registry
) -> None:
    _mine(services, application())
    fields = {"person_id": ID, "statements": "0", "receive": "later"}
    status, text = await press(client, f"{MEASURE}/apply/check", fields)
    assert (status, Sheet(text).errors) == (422, ["この方の分は、もう申し込まれています"])
    assert services.written == []


async def test_where_benefits_says_nothing_the_page_is_as_for_everybody(
    client: Client, services: Registry
) -> None:
    services.say("GET", OWN, {"code": "away"}, 503)
    assert _APPLY in dict((await _seen(client, MEASURE)).links)
    page = await _seen(client, f"{MEASURE}/apply/who")
    assert page.form("次へ")[0].choices("person_id") == [ID, CHILD]


async def test_where_nothing_is_left_no_card_is_asked_for_unless_one_may_wait_in_line(
    client: Client, services: Registry
) -> None:
    _mine(services)
    _measure(services, used_up=True)
    for path in (MEASURE, f"{MEASURE}/apply", f"{MEASURE}/apply/who"):
        page = await _seen(client, path)
        assert "予算・定員に達しました" in page.words
        assert not [b for form in page.forms for b in form.buttons if b.words == "次へ"]
        assert not {_APPLY, "カードで申し込む"} & set(dict(page.links))
    _measure(services, used_up=True, on_exhaustion="waitlist")
    page = await _seen(client, MEASURE)
    assert "予備の順番で受け付けます" in page.words and _APPLY in dict(page.links)
    page = await _seen(client, f"{MEASURE}/apply/who")
    assert page.form("次へ")[0].choices("person_id") == [ID, CHILD]
