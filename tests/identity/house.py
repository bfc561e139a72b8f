"""Identity's doors as tests knock at them, and the letters it sealed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pyotp
from aiohttp import web
from aiohttp.test_utils import TestClient

from chassis.clock import now
from chassis.database import Pool, reading
from chassis.ids import new_id
from contracts.identity import LetterContent
from contracts.values import corporate_check_digit, municipality_check_digit
from services.identity.commands.office import Office
from services.identity.jobs import Clerk
from tests.rig.keyring import KeyRing

API = "/api/v1/identity"
PASSWORD = "えんぴつ-すずめ-三日月-41"
NEW_PASSWORD = "たんぽぽ-こくばん-水曜日-72"
ADDRESS = "203.0.113.7"


@dataclass(frozen=True, slots=True)
class Said:
    """What a door answered."""

    status: int
    body: Any
    raw: bytes
    headers: dict[str, str]

    def expect(self, status: int) -> "Said":
        """The same answer, if it has the status expected."""
        assert self.status == status, (self.status, self.body)
        return self

    def refused(self, status: int, code: str) -> "Said":
        """The same answer, if it is this refusal."""
        assert (self.status, self.body["code"]) == (status, code), self.body
        assert self.headers["Content-Type"].startswith("application/problem+json")
        return self


@dataclass(slots=True)
class Person:
    """Somebody with an account ID, and perhaps a second factor."""

    sign_in_id: str
    password: str = PASSWORD
    address: str = ADDRESS
    session: str = ""
    token: str = ""
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    me: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> UUID:
        """The organisation's id."""
        return UUID(self.me["organisation_id"])

    @property
    def member_id(self) -> UUID:
        """The person's own id."""
        return UUID(self.me["member_id"])


_counter = iter(range(10_000, 99_999))


def some_code() -> str:
    """A municipality code nobody had before."""
    first = f"{next(_counter):05d}"
    return first + municipality_check_digit(first)


def some_number() -> str:
    """A corporate number nobody had before."""
    last = f"7017{next(_counter):08d}"
    return corporate_check_digit(last) + last


def form(kind: str = "municipality", **changes: Any) -> dict[str, Any]:
    """A complete account request of somebody new."""
    unique = next(_counter)
    fields = {
        "organisation_kind": kind,
        "organisation_name": "試験市" if kind == "municipality" else "試験ペイ株式会社",
        "organisation_code": some_code() if kind == "municipality" else some_number(),
        "department": "企画課",
        "contact_name": "試験 花子",
        "contact_kana": "シケン ハナコ",
        "email": f"tantou{unique}@example.jp",
        "phone": "0312345678",
        "guideline_version": "2023-04-12" if kind == "municipality" else "2023-05-26",
    }
    return fields | changes


class House:
    """Identity over HTTP, with its jobs run by hand."""

    def __init__(
        self,
        client: TestClient[web.Request, web.Application],
        pool: Pool,
        keys: KeyRing,
        office: Office,
        superuser_url: Callable[[str], str],
    ) -> None:
        self._superuser_url = superuser_url
        self.client, self.pool, self.keys, self.office = client, pool, keys, office
        self.clerk = Clerk(pool, office)
        self._gateway = keys("gateway")
        self._reader = keys("notifications")

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        key: str | None = "new",
    ) -> Said:
        """Ask once."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if key and method != "GET":
            sent["Idempotency-Key"] = str(new_id()) if key == "new" else key
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.client.request(method, path, data=data, headers=sent) as answer:
            content = await answer.read()
            parsed = json.loads(content) if content else None
            return Said(answer.status, parsed, content, dict(answer.headers))

    async def post(self, path: str, body: Any = None, **options: Any) -> Said:
        """Ask for something to be done below the public prefix."""
        return await self.ask("POST", API + path, body, **options)

    async def get(self, path: str, token: str | None = None) -> Said:
        """Look below the public prefix."""
        return await self.ask("GET", API + path, token=token)

    async def internal(self, path: str, body: Any) -> Said:
        """Ask as the gateway does."""
        token = self._gateway.for_service("identity")
        return await self.ask("POST", f"/internal{path}", body, token=token)

    async def settle(self) -> None:
        """Let the clerk answer everything that was asked."""
        while await self.clerk.answer():
            pass

    async def facts(self, like: str = "identity.") -> list[dict[str, Any]]:
        """What was said, oldest first, each with its ``type``."""
        async with reading(self.pool) as conn:
            rows = await conn.fetch(
                "SELECT type, subject, body FROM events WHERE starts_with(type, $1) ORDER BY seq",
                like,
            )
        return [
            {**json.loads(row["body"]), "type": row["type"], "subject": row["subject"]}
            for row in rows
        ]

    async def letters(self, to: str | None = None) -> list[LetterContent]:
        """The letters asked for so far, opened as notifications opens them."""
        sealed = [fact["letter"] for fact in await self.facts() if "letter" in fact]
        opened = [LetterContent.model_validate_json(self._reader.unseal(s)) for s in sealed]
        return [letter for letter in opened if to is None or letter.to_address == to]

    async def mailed_token(self, to: str, template: str | None = None) -> str:
        """The token of the last link mailed to the address."""
        links = [
            letter.values["link"]
            for letter in await self.letters(to)
            if "link" in letter.values and template in (None, letter.template)
        ]
        return links[-1].rpartition("/")[2]

    async def pass_time(self, table: str, columns: str, hours: float) -> None:
        """Let hours pass for what lies in ``table``, around the rules of the house."""
        shifted = ", ".join(f"{c.strip()} = {c.strip()} - $1::interval" for c in columns.split(","))
        async with reading(self.pool) as conn:
            name = await conn.fetchval("SELECT current_database()")
        superuser = await asyncpg.connect(self._superuser_url(name))
        try:
            async with superuser.transaction():
                await superuser.execute("SET LOCAL session_replication_role = replica")
                await superuser.execute(f"UPDATE {table} SET {shifted}", timedelta(hours=hours))
        finally:
            await superuser.close()

    async def requested(self, **changes: Any) -> tuple[dict[str, Any], str]:
        """An account request and the token of its link."""
        asked = form(**changes)
        (await self.post("/account-requests", asked)).expect(202)
        await self.settle()
        return asked, await self.mailed_token(asked["email"])

    async def issued(self, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A confirmed request: the form, and the answer to the confirmation."""
        asked, token = await self.requested(**changes)
        done = await self.post("/account-requests/confirm", {"token": token})
        return asked, done.expect(200).body

    async def account(self, **changes: Any) -> Person:
        """Somebody who went through all eight steps and is signed in."""
        _, done = await self.issued(**changes)
        await self.set_password(done["password_token"])
        return await self.sign_in(Person(done["sign_in_id"]))

    async def set_password(self, token: str, password: str = PASSWORD) -> str:
        """Set the password a link may set; answers the sign-in id."""
        done = await self.post("/passwords", {"token": token, "password": password})
        return str(done.expect(200).body["sign_in_id"])

    async def knock(self, person: Person, **changes: Any) -> Said:
        """Try to sign in."""
        body = {
            "sign_in_id": person.sign_in_id,
            "password": person.password,
            "address": person.address,
            "user_agent": "tests",
        }
        return await self.internal("/sessions", body | changes)

    async def sign_in(self, person: Person, *, step: int = 0) -> Person:
        """Sign in, setting up or showing the second factor where one is asked for."""
        opened = (await self.knock(person)).expect(200).body
        person.session = opened["session"]
        if opened["state"] == "second_factor":
            code = pyotp.TOTP(person.secret).at(now(), counter_offset=step)
            body = {"session": person.session, "code": code, "address": person.address}
            person.session = (
                (await self.internal("/sessions/second-factor", body)).expect(200).body["session"]
            )
        await self.exchange(person)
        if opened["state"] == "second_factor_setup":
            await self.set_up_factor(person)
            await self.exchange(person)
        return person

    async def exchange(self, person: Person) -> Said:
        """Exchange the session for a token, as the gateway does."""
        got = await self.internal("/sessions/exchange", {"session": person.session})
        if got.status == 200:
            person.token, person.me = got.body["token"], got.body["me"]
        return got

    async def set_up_factor(self, person: Person) -> None:
        """Set up a second factor for somebody who is signed in; its first code is the one before this."""
        started = await self.post("/me/totp", {"password": person.password}, token=person.token)
        person.secret = started.expect(200).body["secret"]
        for _ in range(3):
            code = pyotp.TOTP(person.secret).at(now(), counter_offset=-1)
            done = await self.post("/me/totp/confirm", {"code": code}, token=person.token)
            if done.status == 200:
                break
            # The half minute turned over while the code was on its way: it is two back by now.
            done.refused(422, "code-wrong")
        person.recovery_codes = done.expect(200).body["recovery_codes"]

    async def invited(self, admin: Person, *roles: str) -> Person:
        """A colleague the admin invited, who has set a password and is signed in."""
        email = f"nakama{next(_counter)}@example.jp"
        body = {"name": "試験 太郎", "email": email, "roles": list(roles)}
        (await self.post("/members", body, token=admin.token)).expect(201)
        sign_in_id = await self.set_password(await self.mailed_token(email, "invitation"))
        return await self.sign_in(Person(sign_in_id))
