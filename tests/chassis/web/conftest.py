"""The little shop, served over real HTTP on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis.access import Keys
from chassis.database import Pool, open_pool, transaction
from chassis.web import new_app
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from deploy.local.postgres import PostgreSQL
from tests.chassis.web import shop

Client = TestClient[Any, Any]
ORGANISATION = UUID(int=7)


@pytest.fixture
async def shop_pool(
    postgres: PostgreSQL, database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Pool]:
    """A database with the chassis' tables and the shop's one, used as the application."""
    url = await database("chassis")
    owner = postgres.url(url.rpartition("/")[2], "chassis_owner")
    async with open_pool(owner, size=2) as owned, transaction(owned) as conn:
        await conn.execute(
            "CREATE TABLE things (thing_id uuid PRIMARY KEY, name text NOT NULL, revision bigint)"
        )
    async with open_pool(url) as pool:
        yield pool


@pytest.fixture
async def client(shop_pool: Pool, keys: Callable[[str], Keys]) -> AsyncIterator[Client]:
    """The shop, ready to be asked."""
    app = new_app("shop", shop.routes, pool=shop_pool, keys=keys("registry"), run_id="run-1")
    async with TestClient(TestServer(app)) as found:
        yield found


@pytest.fixture
def token(keys: Callable[[str], Keys]) -> Callable[..., str]:
    """A token of a member; give other fields to be somebody else."""

    def sign(**changed: Any) -> str:
        fields: dict[str, Any] = {
            "kind": "member",
            "subject": "m-1",
            "organisation_id": ORGANISATION,
            "organisation_kind": OrganisationKind.MUNICIPALITY,
            "roles": {Role.ADMIN},
        }
        return keys("identity").sign(Principal(**(fields | changed)))

    return sign


@pytest.fixture
def post(client: Client, token: Callable[..., str]) -> Callable[..., Awaitable[Any]]:
    """Post a body as the municipality's admin."""

    async def send(path: str, body: Any, *, key: str = "key-0001", **headers: str) -> Any:
        raw = isinstance(body, bytes | AsyncIterator)
        data = {"data": body} if raw else {"json": body}
        given = {"Authorization": f"Bearer {token()}", "Idempotency-Key": key}
        if raw:
            given["Content-Type"] = "application/json"
        return await client.post(f"/api/v1/shop{path}", headers=given | headers, **data)

    return send
