"""Identity, assembled."""

import asyncio
import json
import sys
from pathlib import Path

from chassis.access import Keys
from chassis.clock import now
from chassis.conversation import Conversation
from chassis.database import open_pool, transaction
from chassis.ended import refusing
from chassis.process import main
from chassis.refusal import Refusal
from chassis.speaker_api import routes as speaker_routes
from chassis.web import new_app, serve
from services.identity import api, demo
from services.identity.card_issuer import Shelf
from services.identity.card_issuer.invented import invented_shelf
from services.identity.commands import issuing, second_factor
from services.identity.commands.office import Office
from services.identity.demo import cards
from services.identity.hashing import Hasher
from services.identity.jobs import Clerk
from services.identity.model.links import Terms
from services.identity.outside.card_reader import CardReader
from services.identity.outside.jpki import Closed, IssuerAt
from services.identity.settings import Settings
from services.identity.subscriptions import SUBSCRIPTIONS

NAME = "identity"


def office_of(settings: Settings, keys: Keys) -> Office:
    """What commands are handed, as the operator set it."""
    terms = Terms(**{name: getattr(settings, name) for name in _TERMS})
    issuer, roots = settings.card_issuer_url, settings.card_roots_file
    jpki = IssuerAt(issuer, roots) if issuer and roots and settings.card_secret else Closed()
    secret = settings.card_secret.get_secret_value() if settings.card_secret else ""
    return Office(
        keys,
        settings.public_url,
        terms,
        settings.promote_on,
        jpki=jpki,
        card_secret=secret.encode(),
    )


_TERMS = (
    "link_hours",
    "activation_hours",
    "invitation_hours",
    "reset_hours",
    "request_days",
    "forget_days",
    "mails_an_hour",
    "mails_a_day",
    "idle_minutes",
    "session_hours",
    "client_token_seconds",
    "resident_idle_minutes",
    "resident_hours",
)


async def run(settings: Settings) -> None:
    """Answer requests, hear facts, tell facts and do what time asks for, until cancelled."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    office = office_of(settings, keys)
    hasher = Hasher(settings.hash_workers, settings.hash_queue)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=settings.pool_size, name=NAME) as pool:
        talk = Conversation(pool, settings, SUBSCRIPTIONS, keys)
        app = new_app(
            NAME,
            [*api.routes, *speaker_routes],
            pool=pool,
            keys=keys,
            run_id=settings.run_id,
            ready=talk.missing,
            alive=talk.dead,
        )
        app[api.OFFICE], app[api.HASHER] = office, hasher
        app[api.CARD_READER] = CardReader(settings.card_simulator_url)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, settings.http_host, settings.http_port))
            tasks.create_task(talk.run())
            tasks.create_task(refusing(pool, keys))
            tasks.create_task(Clerk(pool, office).run())
    hasher.close()


async def show_demo(settings: Settings, words: list[str]) -> None:
    """``demo``: make the demo accounts; ``demo accounts`` (or ``--json``): tell them."""
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=2, name=f"{NAME} demo") as pool:
        if not words:
            await demo.perform(pool, office_of(settings, keys), _simulated(settings))
        else:
            people = cards.told() if settings.card_simulator_url else []
            print(json.dumps(await demo.told(pool) + people, ensure_ascii=False))


def _simulated(settings: Settings) -> Shelf | None:
    """The simulator's cards, which lie beside the roots identity is to trust."""
    if settings.card_simulator_url is None or settings.card_roots_file is None:
        return None
    return invented_shelf(settings.card_roots_file.parent, now())


async def found_secretariat(settings: Settings, words: list[str]) -> None:
    """``secretariat NAME PERSON ADDRESS``: begin the secretariat's account; its first admin is mailed a link."""
    if len(words) != 3:
        sys.exit("identity secretariat NAME PERSON ADDRESS")
    name, person, email = words
    keys = Keys(NAME, settings.key_file, settings.keys_file)
    url = settings.database_url.get_secret_value()
    try:
        async with (
            open_pool(url, size=2, name=f"{NAME} founding") as pool,
            transaction(pool) as conn,
        ):
            done = await issuing.found_secretariat(
                conn, office_of(settings, keys), name=name, person=person, email=email, now=now()
            )
    except Refusal as why:
        sys.exit(f"{why.code}: {why.detail}")
    print(f"{done.sign_in_id}: the link that sets its password is on its way to {email}")


async def reseal(settings: Settings, words: list[str]) -> None:
    """``reseal OLD_KEY_FILE``: second factors were sealed with the old key; seal them with the one in use now."""
    if len(words) != 1:
        sys.exit("identity reseal OLD_KEY_FILE")
    old = Keys(NAME, Path(words[0]), settings.keys_file)
    new = Keys(NAME, settings.key_file, settings.keys_file)
    url = settings.database_url.get_secret_value()
    async with open_pool(url, size=2, name=f"{NAME} reseal") as pool, transaction(pool) as conn:
        count = await second_factor.seal_again(conn, old, new)
    print(f"{count} second factors are sealed with the new key")


if __name__ == "__main__":
    main(
        NAME,
        Settings,
        run,
        migrations=Path(__file__).parent / "migrations",
        subscriptions=SUBSCRIPTIONS,
        commands={"demo": show_demo, "secretariat": found_secretariat, "reseal": reseal},
    )
