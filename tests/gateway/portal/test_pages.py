"""Every page stands on its own: also while no service answers."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.portal.asking import VISITOR, Condition, Entering, Reply, Visitor, Window
from gateway.portal.doors import BEHIND
from gateway.portal.hours import Differing
from gateway.portal.mounting import add_pages
from gateway.portal.pages import ALL
from gateway.portal.rendering import ENVIRONMENT
from gateway.portal.visit import SESSION_COOKIE
from tests.rig.sheet import Sheet

Client = TestClient[web.Request, web.Application]
_PUBLIC = sorted(
    {
        p.path
        for p in ALL
        if p.method == "GET" and not p.organisations and not p.residents and "{" not in p.path
    }
)
#: Pages that only lead on, one that is for somebody who is signed in, and one that is for machines.
_ELSEWHERE = {"/signin/done", "/signin/second-factor/setup", "/sitemap.xml"}


class Away:
    """Services of which none answers."""

    async def ask(self, method: str, service_path: str, **_: Any) -> Reply:
        """Nobody is there."""
        return Reply(503, {"Retry-After": "5"})

    async def sign_in(self, request: web.Request, sign_in_id: str, password: str) -> Entering:
        """Nobody is there."""
        return Entering("refused", Reply(503))

    async def second_factor(self, request: web.Request, code: str) -> Entering:
        """Nobody is there."""
        return Entering("refused", Reply(503))

    async def sign_out(self, request: web.Request) -> tuple[str, ...]:
        """Nothing to forget."""
        return ()

    async def conditions(self) -> list[Condition]:
        """Nothing is known."""
        return []

    def windows(self) -> list[Window]:
        """Nothing is planned."""
        return []

    def desk_days(self) -> Differing:
        """Every day is as week and holidays say."""
        return {}


def _visitor(kind: str, roles: frozenset[str] = frozenset({"admin"})) -> Visitor:
    return Visitor("1", "森田 進", "m172031-01", "2", kind, "小松市", roles)


@web.middleware
async def _known(request: web.Request, handler: Any) -> web.StreamResponse:
    kind = request.headers.get("X-Kind")
    if kind:
        role = request.headers.get("X-Role", "admin")
        request[VISITOR] = _visitor(kind, frozenset({role}))
    answer: web.StreamResponse = await handler(request)
    return answer


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[_known])
    add_pages(app, Away())
    async with TestClient(TestServer(app)) as found:
        yield found


async def _open(client: Client, path: str, **headers: str) -> tuple[int, Mapping[str, str], str]:
    async with client.get(path, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers, await answer.text()


def test_every_template_can_be_read() -> None:
    for name in ENVIRONMENT.list_templates():
        ENVIRONMENT.get_template(name)


def test_no_address_is_declared_twice() -> None:
    declared = [(p.method, p.path) for p in ALL]
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("path", [p for p in _PUBLIC if p not in _ELSEWHERE])
async def test_public_pages_stand_while_no_service_answers(client: Client, path: str) -> None:
    status, _, text = await _open(client, path)
    assert status == 200, path
    sheet = Sheet(text)
    assert sheet.h1.strip()
    assert re.fullmatch(r".+\|.+\|マチポ", sheet.title)
    assert len(re.findall("<h1", text)) == 1


@pytest.mark.parametrize("variant", ["easy", "en"])
async def test_a_missing_language_shows_the_japanese_page_and_says_so(
    client: Client, variant: str
) -> None:
    status, _, text = await _open(client, f"/{variant}/how")
    assert status == 200
    assert "準備中です" in text
    assert "受け取りまでの流れと必要なもの" in text


@pytest.mark.parametrize(
    "page", [p for p in ALL if p.organisations], ids=lambda p: f"{p.method} {p.path}"
)
async def test_pages_behind_a_door_send_strangers_to_the_sign_in(client: Client, page: Any) -> None:
    path = re.sub(r"\{door:([a-z]+)[^}]*\}", r"\1", page.path)
    path = re.sub(r"\{[a-z_]+:([a-z]+)\|[^}]*\}", r"\1", path)
    path = re.sub(r"\{year[^/]*\}\}?", "2026", path)
    path = re.sub(r"\{[a-z_]+(:[^/]*)?\}+", "0" * 8 + "-0000-7000-8000-" + "0" * 12, path)
    async with client.request(page.method, path, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"][:22]) == (
            303,
            "/signin/organisation?n",
        ), path


async def test_another_organisations_door_stays_closed(client: Client) -> None:
    for kind in BEHIND:
        for other in BEHIND - {kind}:
            status, _, text = await _open(client, f"/{other}/members", **{"X-Kind": kind})
            assert status == 403, (kind, other)
            assert "開けません" in text


async def test_a_page_for_some_roles_says_which(client: Client) -> None:
    headers = {"X-Kind": "municipality", "X-Role": "viewer"}
    status, _, text = await _open(client, "/municipality/members/invite", **headers)
    assert status == 403
    assert "管理者の方だけが開けます" in text


async def test_our_fault_is_told_with_a_number_to_call_with(client: Client) -> None:
    status, headers, text = await _open(
        client, "/municipality/members", **{"X-Kind": "municipality"}
    )
    assert (status, headers["Cache-Control"]) == (503, "no-store")
    assert "申し訳ありません" in text
    assert re.search(r"[0-9A-F]{4} [0-9A-F]{4} [0-9A-F]{4} [0-9A-F]{4}", text)


async def test_a_form_of_another_session_is_refused(client: Client) -> None:
    cookies = {SESSION_COOKIE: "a-session-of-somebody"}
    async with client.post(
        "/municipality/sessions/end-all",
        data={"csrf": "made up"},
        headers={"X-Kind": "municipality"},
        cookies=cookies,
    ) as answer:
        assert answer.status == 403
        assert "有効期限" in await answer.text()


async def test_files_have_addresses_that_name_their_content(client: Client) -> None:
    _, _, text = await _open(client, "/how")
    found = re.findall(r'href="(/static/[0-9a-f]{16}/[a-z.]+css)"', text)
    assert len(found) == 2
    for address in found:
        status, headers, _ = await _open(client, address)
        assert (status, "immutable" in headers["Cache-Control"]) == (200, True)
    status, _, _ = await _open(client, "/static/0000000000000000/portal.css")
    assert status == 404


async def test_what_people_type_is_never_markup(client: Client) -> None:
    evil = '"><script>alert(1)</script>'
    form = {"organisation_name": evil, "organisation_code": evil, "email": evil}
    async with client.post("/accounts/new/provider/check", data=form) as answer:
        text = await answer.text()
    assert answer.status == 422
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "path",
    [
        "/?as_of=never",
        "/lists?as_of=20231399",
        "/lists/municipalities?as_of=x&known_at=y&fiscal_year=99999999999999999999",
        "/lists/participation?fiscal_year=99999",
        "/signin/organisation?next=//elsewhere.example",
    ],
)
async def test_odd_queries_break_no_page(client: Client, path: str) -> None:
    status, _, _ = await _open(client, path)
    assert status in (200, 422, 503), path


async def test_a_forms_token_may_be_any_text(client: Client) -> None:
    async with client.post("/signout", data={"csrf": "あ", "form_key": "い"}) as answer:
        assert answer.status in (200, 403)


async def test_a_page_answers_head_without_a_body(client: Client) -> None:
    async with client.head("/how") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
