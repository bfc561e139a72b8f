"""The provider simulator, assembled: ``python -m services.benefits.provider_simulator``."""

import asyncio
import signal
from pathlib import Path

from aiohttp import web
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.benefits.outside.simulated import simulated_key
from services.benefits.provider_simulator.api import new_app
from services.benefits.provider_simulator.books import Books
from services.benefits.provider_simulator.journal import Journal


class Settings(BaseSettings):
    """What may be turned. Each field is read from ``PROVIDER_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="PROVIDER_", frozen=True)

    #: Where it listens.
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    #: What its signing key is made of; the same as ``BENEFITS_SIMULATOR_SECRET``.
    secret: SecretStr
    #: Where its books are kept; without one a restart forgets them.
    books_file: Path | None = None


async def run(settings: Settings) -> None:
    """Answer until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    journal = Journal(settings.books_file) if settings.books_file else None
    books = journal.read() if journal else Books()
    app = new_app(books, simulated_key(settings.secret.get_secret_value()), journal)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(run(Settings()))
