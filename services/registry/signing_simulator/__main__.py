"""The signing simulator, assembled: ``python -m services.registry.signing_simulator``."""

import asyncio
import signal
from pathlib import Path

from aiohttp import web
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.registry.signing_simulator.application import new_app
from services.registry.signing_simulator.shelf import Shelf


class Settings(BaseSettings):
    """What may be turned. Each field is read from ``SIGNING_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="SIGNING_", frozen=True)

    #: Where it listens.
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    #: Where documents are kept.
    file: Path
    #: Where what happened is told, without a signature; nowhere when empty.
    webhook_url: str = ""


async def run(settings: Settings) -> None:
    """Answer until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = new_app(Shelf(settings.file), settings.webhook_url)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(run(Settings()))
