"""Only the public internet is called for a provider, by the very address that was looked at."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chassis.ids import new_id
from services.benefits.outside import NotSent, Odd, ProviderLine
from services.benefits.outside.addresses import NotPublic, PublicResolver, public
from services.benefits.outside.provider import provider_client
from services.benefits.outside.simulated import doors_of
from tests.benefits.resolving import Names

NAME = "provider.example.jp"


@pytest.fixture
async def inside() -> AsyncIterator[tuple[TestServer, list[str]]]:
    """A server nobody outside is to reach, and what was asked of it."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound(f"http://127.0.0.1:{request.url.port}/secret")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    async with server:
        yield server, asked


def _line(url: str) -> ProviderLine:
    return ProviderLine(new_id(), url, bytes(32), timedelta(0))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "not an address",
        "",
    ],
)
def test_what_is_not_of_the_public_internet_is_known(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_a_public_address_may_be_called(address: str) -> None:
    assert public(address)


async def test_a_name_that_changes_its_answer_is_looked_at_each_time() -> None:
    names = PublicResolver(Names("8.8.8.8", "127.0.0.1"))
    assert [one["host"] for one in await names.resolve(NAME, 443)] == ["8.8.8.8"]
    with pytest.raises(NotPublic):
        await names.resolve(NAME, 443)


async def test_a_name_with_one_private_address_among_public_ones_is_not_called() -> None:
    with pytest.raises(NotPublic):
        await PublicResolver(Names("8.8.8.8 10.0.0.1")).resolve(NAME, 443)


async def test_nothing_is_sent_to_a_name_that_leads_inside(
    inside: tuple[TestServer, list[str]],
) -> None:
    server, asked = inside
    async with provider_client(names=Names("127.0.0.1")) as providers:
        with pytest.raises(NotSent):
            await providers.grant(_line(f"http://{NAME}:{server.port}"), new_id(), b"{}")
    assert asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_nothing_is_sent_to_an_address_that_is_written_as_a_number(
    inside: tuple[TestServer, list[str]], host: str
) -> None:
    server, asked = inside
    async with provider_client() as providers:
        with pytest.raises(NotSent):
            await providers.inquire(_line(f"http://{host}:{server.port}"), new_id())
    assert asked == []


async def test_what_was_allowed_by_a_setting_is_called_and_its_redirects_are_not_followed(
    inside: tuple[TestServer, list[str]],
) -> None:
    server, asked = inside
    url = f"http://{NAME}:{server.port}"
    async with provider_client(names=Names("127.0.0.1"), allowed=doors_of(url)) as providers:
        with pytest.raises(Odd):
            await providers.grant(_line(url), new_id(), b"{}")
    assert len(asked) == 1
    assert asked[0].startswith("/orders/")


def test_only_the_host_and_port_of_the_setting_are_allowed() -> None:
    assert doors_of("") == frozenset()
    assert doors_of("http://127.0.0.1:8028") == {("127.0.0.1", 8028)}
