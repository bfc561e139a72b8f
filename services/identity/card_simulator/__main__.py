"""The simulator of cards, assembled: ``python -m services.identity.card_simulator``."""

import asyncio
import signal
from pathlib import Path

from aiohttp import web
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import now
from services.identity.card_issuer.invented import invented_shelf
from services.identity.card_simulator.application import new_app


class Settings(BaseSettings):
    """What may be turned. Each field is read from ``CARDS_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="CARDS_", frozen=True)

    #: Where it listens.
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    #: Where its keys and cards are kept, and ``roots.pem`` for those who are to trust it.
    folder: Path


async def run(settings: Settings) -> None:
    """Answer until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = new_app(invented_shelf(settings.folder, now()), settings.folder)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(run(Settings()))
