"""People who ask content over HTTP."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestClient

from chassis.database import Pool
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.content.jobs import Clockwork
from services.content.outside import FileShelf
from tests.rig import asker as rig
from tests.rig.keyring import KeyRing

#: A small file that is what it says.
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64 + b"\x00\x00\x00\x00IEND\xaeB`\x82"


@dataclass
class Asker(rig.Asker):
    """Somebody who asks content."""

    base = "/api/v1/content"


def writing(title: str = "お知らせの題", **more: Any) -> dict[str, Any]:
    """A notice as an editor sends it."""
    texts = {
        "ja": {"title": title, "body": more.pop("body", "本文です。")},
        **more.pop("texts", {}),
    }
    return {"category": "programme", "audience": "public", "texts": texts, "links": [], **more}


@dataclass
class Desk:
    """Content, everybody who may come to it, and its clockwork, wound by hand."""

    client: TestClient[Any, Any]
    keys: KeyRing
    pool: Pool
    shelf: FileShelf
    clockwork: Clockwork

    def anybody(self) -> Asker:
        """Somebody without a token."""
        return Asker(self.client, None)

    def member(self, kind: OrganisationKind, *roles: Role) -> Asker:
        """A member of an organisation of their own."""
        own = new_id()
        principal = Principal(
            kind="member",
            subject=str(new_id()),
            organisation_id=own,
            organisation_kind=kind,
            roles=frozenset(roles or {Role.ADMIN}),
            session_id=new_id(),
        )
        token = self.keys("identity").sign(principal, seconds=600)
        return Asker(self.client, token, own)

    def secretariat(self, *roles: Role) -> Asker:
        """Somebody of the secretariat."""
        return self.member(OrganisationKind.SECRETARIAT, *(roles or (Role.ADMIN,)))

    async def written(self, **more: Any) -> dict[str, Any]:
        """A draft."""
        answer = await self.secretariat().post("/desk/notices", writing(**more))
        assert answer.status == 201, answer.json
        return dict(answer.json)

    async def published(
        self, schedule: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A notice that is scheduled, at once without an instant."""
        draft = await self.written(**more)
        path = f"/desk/notices/{draft['notice_id']}/schedule"
        answer = await self.secretariat().post(path, schedule or {}, etag=draft["version"])
        assert answer.status == 200, answer.json
        return dict(answer.json)

    async def titles(self, query: str = "") -> list[str]:
        """What everybody reads in the list."""
        answer = await self.anybody().get(f"/notices{query}")
        assert answer.status == 200, answer.json
        return [item["title"] for item in answer.json["items"]]

    async def brought(
        self, content: bytes = PNG, name: str = "図.png", media_type: str = "image/png"
    ) -> dict[str, Any]:
        """A file that was announced, sent and looked through."""
        who = self.secretariat()
        told = announced(content, name, media_type)
        file = (await who.post("/desk/files", told)).json
        sent = await who.ask("PUT", f"/desk/files/{file['file_id']}/content", data=content)
        assert sent.status == 200, sent.json
        await self.look_through()
        return dict((await who.get(f"/desk/files/{file['file_id']}")).json)

    async def look_through(self) -> None:
        """Look through everything in quarantine."""
        while await self.clockwork.inspect():
            pass

    async def facts(self, kind: str) -> Sequence[Any]:
        """Everything said of a kind of subject, in its order."""
        async with self.pool.acquire() as conn:
            return await conn.fetch(
                "SELECT subject, revision, type, body FROM events WHERE kind = $1 ORDER BY seq",
                kind,
            )


def announced(content: bytes, name: str, media_type: str) -> dict[str, Any]:
    """What is said of a file before it comes."""
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "media_type": media_type, "size": len(content), "sha256": digest}
