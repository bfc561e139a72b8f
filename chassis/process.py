"""The command line of every service: ``prepare``, ``declare``, serve, ``facts``, and what a service adds."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import structlog
import uvloop

from chassis import broker, logs, operator
from chassis.database import migrate
from chassis.inbox import Subscriptions, ready_to_hear
from chassis.settings import ServiceSettings

_log = structlog.get_logger()
_CHASSIS_MIGRATIONS = Path(__file__).parent / "migrations"

S = TypeVar("S", bound=ServiceSettings)


def main(
    name: str,
    settings_of: Callable[[], S],
    run: Callable[[S], Awaitable[None]],
    *,
    migrations: Path,
    subscriptions: Subscriptions | None = None,
    commands: Mapping[str, Callable[[S, list[str]], Awaitable[None]]] | None = None,
) -> None:
    """Do what the first word of the command line says; without one, serve until told to stop."""
    settings = settings_of()
    word, *rest = sys.argv[1:] or ["serve"]
    logs.configure(name, settings.log_level, settings.log_format)
    heard = subscriptions or Subscriptions({})
    if word == "serve":
        act: Awaitable[None] = run(settings)
    elif word == "prepare":
        act = prepare(name, settings, heard, migrations)
    elif word == "declare":
        act = declare(name, settings, heard)
    elif word == "facts":
        act = operator.command(name, settings, heard, rest)
    elif commands and word in commands:
        act = commands[word](settings, rest)
    else:
        sys.exit(f"{name}: {word} is not something it can do")
    uvloop.run(until_told(act))


async def prepare(
    name: str, settings: ServiceSettings, subscriptions: Subscriptions, migrations: Path
) -> None:
    """Bring the database up to date as its owner and declare the queue as a deployer; safe to repeat."""
    if settings.owner_database_url is None or settings.deployer_broker_url is None:
        sys.exit(f"{name} prepare needs OWNER_DATABASE_URL and DEPLOYER_BROKER_URL")
    owner = settings.owner_database_url.get_secret_value()
    await migrate(owner, [_CHASSIS_MIGRATIONS, migrations])
    no_longer = await ready_to_hear(owner, subscriptions.kinds)
    await declare(name, settings, subscriptions, no_longer)
    _log.info("prepared", service=name)


async def declare(
    name: str,
    settings: ServiceSettings,
    subscriptions: Subscriptions,
    no_longer: Sequence[str] = (),
) -> None:
    """Declare the queue as a deployer; for a broker that lost its data, while everything runs on."""
    if settings.deployer_broker_url is None:
        sys.exit(f"{name} declare needs DEPLOYER_BROKER_URL")
    url = settings.deployer_broker_url.get_secret_value()
    await broker.declare(url, name, subscriptions.kinds, no_longer=no_longer)


async def until_told(act: Awaitable[None]) -> None:
    """Run ``act`` until it ends or SIGTERM or SIGINT comes; being told to stop is no failure."""
    task = asyncio.ensure_future(act)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        _log.info("stopped")
