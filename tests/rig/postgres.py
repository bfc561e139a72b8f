"""Databases for tests: migrated once a service, then copied."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from chassis.database import migrate
from deploy.local.places import ROOT
from deploy.local.postgres import PostgreSQL

_CHASSIS = ROOT / "chassis/migrations"


class Databases:
    """Fresh migrated databases, by the name of their service."""

    def __init__(self, server: PostgreSQL) -> None:
        self.server = server
        self._templates: dict[str, str] = {}
        self._shared: dict[str, str] = {}
        self._admin: asyncpg.Connection[asyncpg.Record] | None = None

    async def fresh(self, service: str) -> str:
        """A database nobody else uses; its address for the application's role."""
        template = await self._template(service)
        name = f"{service}_{secrets.token_hex(4)}"
        admin = await self.admin()
        owner = f"{service}_owner"
        # Without fsync a copy of the files is cheaper than a copy through the log, and so is its removal.
        await admin.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}" STRATEGY FILE_COPY'
        )
        return self.server.url(name, f"{service}_app")

    async def shared(self, service: str) -> str:
        """The database for tests that roll back what they do."""
        if service not in self._shared:
            self._shared[service] = await self.fresh(service)
        return self._shared[service]

    async def drop(self, url: str) -> None:
        """Remove a database, cutting whoever still uses it."""
        name = url.rpartition("/")[2]
        await (await self.admin()).execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def close(self) -> None:
        """Let go of the server."""
        if self._admin:
            await self._admin.close()

    async def admin(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The superuser's connection."""
        if self._admin is None:
            self._admin = await asyncpg.connect(self.server.url("postgres", "portal"))
        return self._admin

    async def _template(self, service: str) -> str:
        if service not in self._templates:
            self.server.add_services({service: ("", "")})
            folders = [_CHASSIS, ROOT / "services" / service / "migrations"]
            owner = self.server.url(service, f"{service}_owner")
            await migrate(owner, [folder for folder in folders if folder.is_dir()])
            self._templates[service] = service
        return self._templates[service]


def owner_url(url: str) -> str:
    """The address for the owner's role, given the application's."""
    return url.replace("_app@", "_owner@")


@asynccontextmanager
async def databases(server: PostgreSQL) -> AsyncIterator[Databases]:
    """Databases on ``server``."""
    made = Databases(server)
    try:
        yield made
    finally:
        await made.close()


def service_of(path: Path) -> str:
    """The service a test file is about: its folder's name."""
    return path.relative_to(ROOT / "tests").parts[0]
