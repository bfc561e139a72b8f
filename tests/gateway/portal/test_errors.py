"""Every trouble has a page with words of its own, that says what to do and never whose fault it is not."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal import errors
from gateway.portal.errors import error_page
from gateway.portal.mounting import add_pages
from gateway.portal.visit import Visit
from tests.gateway.portal.test_own_measures import Registry

Client = TestClient[web.Request, web.Application]
_OURS = "こちらの問題で表示できませんでした"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async def trouble(request: web.Request) -> web.Response:
        asked = request.query
        return error_page(
            Visit(request),
            int(request.match_info["status"]),
            asked.get("detail", ""),
            retry_after=int(asked["after"]) if "after" in asked else None,
        )

    app = web.Application()
    app.router.add_route("*", "/trouble/{status}", trouble)
    add_pages(app, Registry())
    async with TestClient(TestServer(app)) as found:
        yield found


async def _page(client: Client, path: str, method: str = "GET") -> tuple[int, str, str]:
    async with client.request(method, f"/trouble/{path}") as answer:
        return answer.status, await answer.text(), answer.headers.get("Retry-After", "")


async def test_every_status_has_its_own_words_and_says_what_to_do(client: Client) -> None:
    titles = set()
    for status, title in errors._TITLES.items():
        told, text, _ = await _page(client, str(status), "POST")
        assert (told, f"<h1>{title}</h1>" in text) == (status, True), status
        assert (_OURS in text) is (status in (500, 503)), status
        if status in errors._LEADS:
            assert errors._LEADS[status] in text and "何も変更していません" in text
        titles.add(title)
    # 405, 417, 501 and 505 are one trouble for a person; no others share their words.
    assert len(titles) == len(errors._TITLES)


@pytest.mark.parametrize(("status", "as_if"), [(418, 400), (451, 400), (507, 500), (599, 500)])
async def test_a_status_nobody_thought_of_is_told_as_the_nearest(
    client: Client, status: int, as_if: int
) -> None:
    told, text, _ = await _page(client, str(status))
    assert (told, f"<h1>{errors._TITLES[as_if]}</h1>" in text) == (status, True)


@pytest.mark.parametrize("status", [502, 504])
async def test_only_who_sent_something_is_told_that_its_end_is_open(
    client: Client, status: int
) -> None:
    _, looked, _ = await _page(client, str(status))
    assert f"<h1>{errors._TITLES[503]}</h1>" in looked and "済んでいることがあります" not in looked
    _, sent, _ = await _page(client, str(status), "POST")
    assert "済んでいることがあります" in sent and _OURS not in sent


async def test_what_was_said_goes_before_the_general_words(client: Client) -> None:
    _, text, _ = await _page(client, "421?detail=%E5%88%A5%E3%81%AE%E5%AE%9B%E5%85%88")
    assert "別の宛先" in text and errors._LEADS[421] not in text


async def test_who_comes_too_often_reads_when_to_come_again(client: Client) -> None:
    status, text, after = await _page(client, "429?after=61")
    assert (status, after, "2分後" in text) == (429, "61", True)
