"""Fixtures for tests that speak to the whole portal; the stack starts when the first of them asks."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import aiohttp
import pytest

from tests.rig.stack import Stack, running
from tests.rig.story import REGISTRY, Story, pass_second_factor, sign_in
from tests.rig.visitor import Visitor


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The run's portal: every process once or three times, with demo data."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections; cookies are each visitor's own business."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0)
    ) as session:
        yield session


@pytest.fixture
def story(stack: Stack, http: aiohttp.ClientSession) -> Story:
    """What people do at the portal."""
    return Story(stack, http)


@pytest.fixture(scope="session")
def demo_accounts(stack: Stack) -> list[dict[str, Any]]:
    """The demo accounts, as `./portal demo accounts` tells them."""
    found: list[dict[str, Any]] = json.loads(stack.command("demo", "accounts", "--json"))
    return found


@pytest.fixture(scope="session")
async def desk(
    stack: Stack, http: aiohttp.ClientSession, demo_accounts: list[dict[str, Any]]
) -> Visitor:
    """The secretariat's desk: a browser in which one of its members is signed in, second factor and all."""
    visitor = Visitor(stack.url, http)
    account = next(a for a in demo_accounts if a["sign_in_id"].startswith("s"))
    opened = await sign_in(visitor, account["sign_in_id"], account["password"])
    if opened.body["state"] == "second_factor":
        await pass_second_factor(visitor, account["totp_secret"])
    return visitor


@pytest.fixture
async def today(story: Story) -> date:
    """The day it is for the portal."""
    answer = (await story.visitor().get(f"{REGISTRY}/municipalities", limit=1)).expect(200)
    return date.fromisoformat(answer.body["as_of"])


#: `PORTAL_FAULTS=long` lets the tests of faults run for many minutes.
LONG = os.environ.get("PORTAL_FAULTS") == "long"
