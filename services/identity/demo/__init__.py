"""Demo accounts, made by the same commands as real ones: known beforehand, repeatable, for a machine of one's own."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp

from chassis.clock import day_of, now
from chassis.database import Connection, Pool, reading, transaction
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.card_issuer import Shelf
from services.identity.commands import issuing, passwords, people, provisional, requests, visiting
from services.identity.commands.office import Office
from services.identity.commands.second_factor import begin_setup, finish_setup
from services.identity.commands.sign_in import Knock, enter, knock
from services.identity.demo import cards
from services.identity.hashing import Hasher
from services.identity.model.accounts import READABLE, AccountState
from services.identity.model.links import new_token
from services.identity.model.requests import RequestForm, guidelines_on
from services.identity.model.sessions import SessionState
from services.identity.store import accounts, members

_FILE = Path(__file__).with_name("accounts.json")
_ADDRESS = "192.0.2.10"


@dataclass(slots=True)
class Play:
    """One showing of the demo: everything happened a little while ago, and tokens are overheard."""

    office: Office
    hasher: Hasher
    at: datetime
    told: list[str]

    @classmethod
    def new(cls, office: Office, hasher: Hasher) -> "Play":
        """A play in front of this office."""
        told: list[str] = []

        def overheard() -> str:
            told.append(new_token())
            return told[-1]

        known = replace(office, tokens=overheard, account_ids=account_id_of, letters=_letters)
        # Codes of the authenticator apps are used up by the play; those of this minute stay good.
        return cls(known, hasher, now() - timedelta(minutes=10), told)


def account_id_of(code: str) -> UUID:
    """The id of a demo account; other services' demo data name it too."""
    digits = "0" if not code.isdigit() else code[-12:]
    return UUID(f"01900000-0000-7000-8000-{digits:0>12}")


def _letters(code: str) -> str:
    digest = hashlib.sha256(code.encode()).digest()
    return "".join(READABLE[b % len(READABLE)] for b in digest[:5])


def script() -> dict[str, Any]:
    """Who plays: ``accounts.json``."""
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read


async def perform(pool: Pool, office: Office, shelf: Shelf | None = None) -> None:
    """Make every demo account that is not there yet, and the residents whose cards lie on the shelf."""
    hasher, text = Hasher(), script()
    play = Play.new(office, hasher)
    kept = hasher.hashed(text["password"])
    hasher.close()
    async with transaction(pool) as conn:
        await _secretariat(conn, play, text["secretariat"], kept)
    for one in text["organisations"]:
        async with transaction(pool) as conn:
            await _organisation(conn, play, one, kept)
    async with transaction(pool) as conn:
        await _provisional(conn, play, text["provisional"], kept)
    if shelf is not None:
        async with transaction(pool) as conn:
            await cards.perform(conn, office, shelf, at=play.at)


async def _secretariat(conn: Connection, play: Play, one: dict[str, Any], kept: str) -> None:
    kind = OrganisationKind.SECRETARIAT
    if await accounts.usable_account_of(conn, kind, one["code"]):
        return
    done = await issuing.found_secretariat(
        conn, play.office, name=one["name"], person=one["person"], email=one["email"], now=play.at
    )
    await _join(conn, play, done.password_token, one, kept)
    await _others(conn, play, account_id_of(one["code"]), one, kept)


async def _organisation(conn: Connection, play: Play, one: dict[str, Any], kept: str) -> None:
    kind = OrganisationKind(one["kind"])
    if await accounts.account(conn, account_id_of(one["code"])):
        return
    today = day_of(play.at)
    version = next(g.version for g in guidelines_on(today) if g.organisation_kind is kind)
    form = RequestForm(
        organisation_kind=kind,
        organisation_name=one["name"],
        organisation_code=one["code"],
        department=one["department"],
        contact_name=one["person"],
        contact_kana=one["kana"],
        email=one["email"],
        phone=one["phone"],
        guideline_version=version,
    ).checked(today)
    await requests.answer_request(conn, play.office, form, now=play.at)
    if one.get("only_requested"):
        return
    done = await issuing.confirm(conn, play.office, play.told[-1], now=play.at)
    await _join(conn, play, done.password_token, one, kept)
    await _others(conn, play, account_id_of(one["code"]), one, kept)


async def _others(
    conn: Connection, play: Play, account_id: UUID, one: dict[str, Any], kept: str
) -> None:
    for other in one.get("others", []):
        await people.invite(
            conn,
            play.office,
            account_id,
            name=other["person"],
            email=other["email"],
            roles=[Role(r) for r in other["roles"]],
            now=play.at,
        )
        await _join(conn, play, play.told[-1], other, kept)


async def _provisional(conn: Connection, play: Play, part: dict[str, Any], kept: str) -> None:
    raw = "\n".join(part["csv"]).encode()
    checked = await provisional.check(conn, raw)
    if checked.errors:
        return
    heard = len(play.told)
    await provisional.bring_in(conn, play.office, raw, promote_on=day_of(play.at), now=play.at)
    for one in part["joined"]:
        at = [row.organisation_code for row in checked.rows].index(one["code"])
        await _join(conn, play, play.told[heard + at], one, kept)


async def _join(conn: Connection, play: Play, token: str, one: dict[str, Any], kept: str) -> None:
    """Set the password, sign in for the first time, set the second factor up, sign out."""
    sign_in_id = await passwords.set_password(conn, play.office, token, kept, now=play.at)
    at_door = Knock(sign_in_id, _ADDRESS, "Demo")
    today = day_of(play.at)
    attempt = await knock(conn, at_door, now=play.at)
    opened = await enter(conn, play.office, at_door, attempt, now=play.at, today=today)
    if opened is None or attempt.member is None:
        raise RuntimeError(f"{sign_in_id} could not sign in")
    if opened.session.state is SessionState.SECOND_FACTOR_SETUP:
        secret = one["totp_secret"]
        await begin_setup(conn, play.office, attempt.member, secret=secret)
        code = pyotp.TOTP(secret).at(play.at)
        await finish_setup(conn, play.office, opened.session.id, code, now=play.at, today=today)
    await visiting.end_by_value(conn, opened.value, now=play.at)


async def told(pool: Pool) -> list[dict[str, str]]:
    """Whom one can sign in as, in words for the screen."""
    text = script()
    shown: list[dict[str, str]] = []
    async with reading(pool) as conn:
        for one in [text["secretariat"], *text["organisations"], *text["provisional"]["joined"]]:
            account = await accounts.account(conn, account_id_of(one["code"]))
            if account is None or account.state is AccountState.REQUESTED:
                continue
            for number, person in enumerate([one, *one.get("others", [])], start=1):
                sign_in_id = f"{account.sign_in_prefix}-{number:02d}"
                member = await members.member_by_sign_in_id(conn, sign_in_id)
                if member is not None:
                    shown.append(_shown(person, sign_in_id, text["password"]))
    return shown


def _shown(person: dict[str, Any], sign_in_id: str, password: str) -> dict[str, str]:
    return {
        "account": person["label"],
        "sign_in_id": sign_in_id,
        "password": password,
        "totp_secret": person.get("totp_secret", ""),
    }
