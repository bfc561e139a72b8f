"""Notifications, assembled."""

import asyncio
import os
import sys
from pathlib import Path

from chassis.access import Keys, unseal
from chassis.clock import now
from chassis.conversation import Conversation
from chassis.database import open_pool, transaction
from chassis.ended import refusing
from chassis.operator import operator_routes
from chassis.process import main
from chassis.refusal import Malformed, NotFound
from chassis.speaker_api import routes as speaker_routes
from chassis.web import new_app, serve
from services.notifications import api
from services.notifications.commands.letters import Desk
from services.notifications.commands.mails import take_return
from services.notifications.jobs import Courier, Herald
from services.notifications.model.returned import notice_of
from services.notifications.outside import Post
from services.notifications.settings import Settings
from services.notifications.subscriptions import subscriptions

NAME = "notifications"


async def run(settings: Settings) -> None:
    """Answer requests, hear facts, tell facts and carry mails, until cancelled."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    desk = Desk(settings.public_url, lambda sealed: unseal(keys, sealed), keys.tag)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=settings.pool_size, name=NAME) as pool:
        heard = subscriptions(desk)
        talk = Conversation(pool, settings, heard, keys)
        app = new_app(
            NAME,
            [*api.routes, *speaker_routes, *operator_routes(heard)],
            pool=pool,
            keys=keys,
            run_id=settings.run_id,
            ready=talk.missing,
            alive=talk.dead,
        )
        app[api.DESK] = desk
        app[api.LETTERS_A_DAY] = settings.letters_a_day
        courier = Courier(
            pool,
            _post(settings),
            desk,
            second=_second_post(settings),
            lanes=settings.mail_lanes,
            round_lanes=settings.announcement_lanes,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, settings.http_host, settings.http_port))
            tasks.create_task(talk.run())
            tasks.create_task(refusing(pool, keys))
            tasks.create_task(courier.run())
            tasks.create_task(Herald(pool, desk).run())


async def bounce(settings: Settings, _: list[str]) -> None:
    """Take a mail that came back from standard input, as a mail server pipes it.

    Ends with the numbers mail servers know: 65 for what is no notice about a mail of ours, 75 for
    "not now, keep it and try again".
    """
    try:
        notice = notice_of(sys.stdin.buffer.read(1_048_576))
        url = settings.database_url.get_secret_value()
        async with open_pool(url, size=2, name=NAME) as pool, transaction(pool) as conn:
            if notice.final:
                await take_return(conn, notice.delivery_id, notice.answer, now())
    except (Malformed, NotFound) as why:
        print(why.code, file=sys.stderr)
        sys.exit(os.EX_DATAERR)
    except OSError as why:
        print(why, file=sys.stderr)
        sys.exit(os.EX_TEMPFAIL)


def _post(settings: Settings) -> Post:
    password = settings.smtp_password
    return Post(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_sender,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        seconds=settings.smtp_seconds,
    )


def _second_post(settings: Settings) -> Post | None:
    if settings.second_smtp_host is None or settings.second_smtp_port is None:
        return None
    password = settings.second_smtp_password
    return Post(
        host=settings.second_smtp_host,
        port=settings.second_smtp_port,
        sender=settings.mail_sender,
        security=settings.second_smtp_security,
        user=settings.second_smtp_user,
        password=password.get_secret_value() if password else None,
        seconds=settings.smtp_seconds,
    )


if __name__ == "__main__":
    main(
        NAME,
        Settings,
        run,
        migrations=Path(__file__).parent / "migrations",
        # What is heard is the same at every desk; this one writes nothing.
        subscriptions=subscriptions(Desk("", str)),
        commands={"bounce": bounce},
    )
