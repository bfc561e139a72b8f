"""Databases and a virtual host for the messaging rows, and how a side is run."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from chassis.broker import declare
from tests.bench.harness import GROUND
from tests.bench.messaging.facts import KIND
from tests.bench.programs import run
from tests.rig.postgres import databases, owner_url
from tests.rig.rabbitmq import VirtualHost, virtual_host

TABLES = """
CREATE TABLE business (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL, name text NOT NULL,
                       updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE projection (subject text NOT NULL, revision bigint NOT NULL, words text NOT NULL);
CREATE TABLE naive_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL,
                           body text NOT NULL, published_at timestamptz);
CREATE TABLE naive_inbox (event_id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
INSERT INTO heard (kind) VALUES ('bench.thing') ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Place:
    """One database and one virtual host, fresh."""

    database_url: str
    host: VirtualHost

    def told(self, **more: object) -> str:
        """What a side is told."""
        return json.dumps(
            {
                "database_url": self.database_url,
                "broker_url": self.host.url("bench"),
                "deployer_url": self.host.deployer_url,
                **more,
            }
        )

    async def fetchval(self, sql: str) -> int:
        """One number out of the database."""
        conn = await asyncpg.connect(self.database_url)
        try:
            return int(await conn.fetchval(sql) or 0)
        finally:
            await conn.close()


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """A fresh place with a queue `bench` that hears everything of its kind."""
    async with databases(GROUND.postgres) as made:
        url = await made.fresh("bench")
        owner = await asyncpg.connect(owner_url(url))
        await owner.execute(TABLES)
        await owner.close()
        host = await asyncio.to_thread(virtual_host, GROUND.rabbitmq, ("bench",))
        await declare(host.deployer_url, "bench", [KIND])
        try:
            yield Place(url, host)
        finally:
            await asyncio.to_thread(host.delete)
            await made.drop(url)


async def figure(module: str, told: str) -> float:
    """The figure a side prints."""
    command = [sys.executable, "-m", f"tests.bench.messaging.{module}", told]
    return float((await asyncio.to_thread(run, command, core=None)).split()[-1])
