"""The mail catcher, assembled: ``python -m services.notifications.catcher``."""

import asyncio
import signal
from pathlib import Path

from aiohttp import web
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifications.catcher.door import Door, protocols
from services.notifications.catcher.pages import new_app
from services.notifications.catcher.shelf import Shelf


class Settings(BaseSettings):
    """What may be turned. Each field is read from ``CATCHER_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="CATCHER_", frozen=True)

    #: Where mail is taken.
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(ge=1, le=65535)
    #: Where the page is.
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=1, le=65535)
    #: Where mails are kept.
    dir: Path
    #: What a mail sent back is piped to (``python -m services.notifications bounce``).
    return_command: str | None = None


async def run(settings: Settings) -> None:
    """Take mail and show it until told to stop."""
    shelf = Shelf(settings.dir)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    taking = protocols(Door(shelf, settings.return_command))
    server = await loop.create_server(taking, settings.smtp_host, settings.smtp_port)
    runner = web.AppRunner(new_app(shelf), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    await stop.wait()
    server.close()
    await runner.cleanup()
    shelf.close()


if __name__ == "__main__":
    asyncio.run(run(Settings()))
