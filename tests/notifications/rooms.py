"""What tests of notifications share: facts with their letters, and a catcher to start and stop."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from chassis.access import Keys, seal
from chassis.clock import now
from chassis.database import Connection
from chassis.ids import new_id
from chassis.inbox import Subscriptions
from contracts.event import Fact
from contracts.identity import AccountIssued, AccountRequested, LetterContent, MemberJoined
from contracts.principal import Role
from contracts.registry import RegistrationSubmitted
from contracts.values import OrganisationKind
from deploy.local.places import ROOT
from deploy.local.ports import free_ports
from services.notifications.outside import Post

TOKEN = "Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC1vbmU"
LINK = f"http://portal.example/accounts/confirm/{TOKEN}"
AOBA = UUID("0198f0c2-5d10-7a70-8a51-0b6f5a6f1c11")
HANAKO = UUID("0198f0c2-5d11-7a70-8a51-0b6f5a6f1c12")


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seals letters as identity does."""

    keys: Keys

    def __call__(
        self, template: str, to: str = "hanako@aoba.example", name: str = "佐藤 花子", **values: str
    ) -> str:
        """A sealed letter with every value a template may want; ``values`` replace them."""
        said = {
            "organisation_name": "青葉市",
            "sign_in_id": "m041017-01",
            "link": LINK,
            "expires_at": (now() + timedelta(hours=24)).isoformat(),
            "change": "set",
            **values,
        }
        content = LetterContent(to_address=to, to_name=name, template=template, values=said)
        return seal(self.keys, "notifications", content.model_dump_json())


@dataclass(frozen=True, slots=True)
class Hear:
    """Runs the handlers of facts."""

    subscriptions: Subscriptions

    async def __call__(self, conn: Connection, *facts: Fact) -> None:
        """Act on each fact, in order."""
        for fact in facts:
            await self.subscriptions.handlers[fact.type](conn, fact)


def requested(letter: str, account_id: UUID | None = None) -> AccountRequested:
    """Somebody asked for an account."""
    return AccountRequested(
        account_id=account_id or new_id(),
        revision=1,
        organisation_kind=OrganisationKind.MUNICIPALITY,
        letter=letter,
    )


def issued(
    letter: str,
    account_id: UUID = AOBA,
    member_id: UUID = HANAKO,
    kind: OrganisationKind = OrganisationKind.MUNICIPALITY,
    name: str = "青葉市",
) -> AccountIssued:
    """The account was given out."""
    return AccountIssued(
        account_id=account_id,
        revision=2,
        organisation_kind=kind,
        organisation_code="041017",
        organisation_name=name,
        member_id=member_id,
        letter=letter,
    )


def joined(letter: str, member_id: UUID, *roles: Role, revision: int = 3) -> MemberJoined:
    """A person joined the organisation."""
    return MemberJoined(
        account_id=AOBA,
        revision=revision,
        member_id=member_id,
        roles=frozenset(roles),
        letter=letter,
    )


def submitted(organisation_id: UUID = AOBA, revision: int = 1) -> RegistrationSubmitted:
    """The organisation handed in its registration."""
    return RegistrationSubmitted(
        organisation_id=organisation_id, revision=revision, reference="R5-M-0113"
    )


class Catcher:
    """A mail catcher in a process of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.smtp_port, self.http_port = free_ports(2)
        self._environment = {
            **os.environ,
            "CATCHER_SMTP_PORT": str(self.smtp_port),
            "CATCHER_HTTP_PORT": str(self.http_port),
            "CATCHER_DIR": str(folder),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        command = [sys.executable, "-m", "services.notifications.catcher"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/livez")
            except OSError:
                assert time.monotonic() < deadline, "the catcher does not come up"
                assert self._process.poll() is None, "the catcher ended"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Let it end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def get(self, path: str) -> str:
        """What its page answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=10) as got:
            text: str = got.read().decode()
            return text

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Mails to an address, newest first."""
        found: list[dict[str, Any]] = json.loads(self.get(f"/mails?to={quote(to)}"))["mails"]
        return found

    def post(self, seconds: float = 15) -> Post:
        """The way to it."""
        return Post("127.0.0.1", self.smtp_port, "no-reply@machipo.example", seconds=seconds)
