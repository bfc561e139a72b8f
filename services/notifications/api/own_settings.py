"""How a resident is told: the language, what by mail, and the address that was proved."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from services.notifications.api.desk import DESK, at_home
from services.notifications.api.wishes import Language, Quiet, clock_of
from services.notifications.commands import residents as commands
from services.notifications.commands.letters import ADDRESS
from services.notifications.model.residents import PROVE_WITHIN, Topic, is_over
from services.notifications.model.tokens import opened_token
from services.notifications.model.writing import LANGUAGE
from services.notifications.store import residents

routes = Routes("/api/v1/notifications/own-settings", tag="notifications")
_RESIDENTS = {"resident"}


class SettingsBody(Quiet):
    """In which language to write, what goes out by mail, too, and when not; everything lies in the portal."""

    language: Language
    by_mail: Annotated[list[Topic], Field(max_length=len(Topic))]


class AddressBody(Body):
    """Where mails are wanted."""

    address: Annotated[str, Field(min_length=3, max_length=254)]


class SettingsView(BaseModel):
    """How the resident is told."""

    language: str
    by_mail: list[Topic]
    #: Where mails go; none go where nothing was proved.
    address: str | None
    #: The address a mail has asked at, and until when it can be answered.
    asked_address: str | None = None
    asked_until: datetime | None = None
    #: The last mail there came back, or was not taken, at this instant.
    bounced_at: datetime | None = None
    #: … the one that asks.
    asked_bounced: bool = False
    #: Nothing goes out by mail between these; it waits for the end.
    quiet_from: str | None = None
    quiet_until: str | None = None


class ProofView(BaseModel):
    """The address a link proves."""

    address: str
    #: It was said before that this address is right.
    proved: bool


class AddressAsked(BaseModel):
    """A mail is on its way."""

    asked: bool = True


@routes.get("", kinds=_RESIDENTS, answers=SettingsView)
async def own_settings(ask: Ask, conn: Connection) -> Answer:
    """What was chosen, or what holds as long as nothing was."""
    return await _view(ask, conn)


@routes.put("", kinds=_RESIDENTS, if_match=True, answers=SettingsView)
async def save_settings(ask: Ask, conn: Connection, body: SettingsBody) -> Answer:
    """Choose the language, and what comes by mail."""
    await commands.choose(
        conn,
        _resident(ask),
        ask.if_match or 0,
        language=body.language,
        by_mail=frozenset(body.by_mail),
        quiet=body.hours(),
    )
    return await _view(ask, conn)


@routes.post("/address", kinds=_RESIDENTS, status=202)
async def ask_for_address(ask: Ask, conn: Connection, body: AddressBody) -> AddressAsked:
    """Have a mail sent whose link proves that the address is one's own."""
    await commands.ask_for_address(conn, ask.app[DESK], _resident(ask), body.address, ask.now)
    return AddressAsked()


@routes.delete("/address", kinds=_RESIDENTS, answers=SettingsView)
async def forget_address(ask: Ask, conn: Connection) -> Answer:
    """Have nothing mailed any more."""
    await commands.forget_address(conn, _resident(ask))
    return await _view(ask, conn)


@routes.get("/address/{token}", kinds=_RESIDENTS)
async def look_at_address(ask: Ask, conn: Connection, token: str) -> ProofView:
    """Which address a link is about; looking changes nothing."""
    found = await commands.asked(conn, _resident(ask), _ask_id(ask, token), ask.now)
    return ProofView(address=found["address"], proved=found["confirmed_at"] is not None)


@routes.post("/address/{token}", kinds=_RESIDENTS, idempotent=False, answers=SettingsView)
async def confirm_address(ask: Ask, conn: Connection, token: str) -> Answer:
    """The address is right: mails go there from now on."""
    await commands.confirm_address(conn, _resident(ask), _ask_id(ask, token), ask.now)
    return await _view(ask, conn)


def _resident(ask: Ask) -> UUID:
    at_home(ask)
    return UUID(ask.principal.subject)


def _ask_id(ask: Ask, token: str) -> UUID:
    return opened_token(ask.app[DESK].tag, ADDRESS, token)


async def _view(ask: Ask, conn: Connection) -> Answer:
    row = await residents.resident(conn, _resident(ask))
    if row is None:
        return Answer(SettingsView(language=LANGUAGE, by_mail=list(Topic), address=None), etag="0")
    view = SettingsView(
        language=row["language"],
        by_mail=row["by_mail"],
        address=row["address"],
        quiet_from=clock_of(row["quiet_from"]),
        quiet_until=clock_of(row["quiet_until"]),
    )
    if row["address"]:
        view.bounced_at = await residents.bounced_at(conn, _resident(ask), row["address"])
    asked = await residents.ask(conn, row["asking"]) if row["asking"] else None
    if asked and not is_over(asked["asked_at"], ask.now):
        view.asked_address = asked["address"]
        view.asked_until = asked["asked_at"] + PROVE_WITHIN
        view.asked_bounced = await residents.ask_bounced(conn, asked["ask_id"])
    return Answer(view, etag=str(row["revision"]))
