"""A provider says how orders reach it: it reads its feed, or is called."""

from base64 import b64decode
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection, transaction
from chassis.outbox import AuditRow, remember
from chassis.refusal import FieldError, Invalid
from chassis.web import Answer, Ask, Body, Routes
from contracts.principal import Role
from services.benefits.api.provider_orders import PROVIDER
from services.benefits.model.order import Way
from services.benefits.outside.addresses import AddressBook, NotFound, NotPublic
from services.benefits.store import lines
from services.benefits.store.lines import KnownLine

routes = Routes("/api/v1/benefits", tag="benefits")
#: Looks where an address leads before it is kept.
ADDRESSES = web.AppKey("addresses", AddressBook)
_KEPT = "benefits.keep_own_line"


class LineBody(Body):
    """How orders reach the provider; who is called signs its answers."""

    way: Annotated[Way, Field(strict=False)]
    #: With ``push``: an address that begins with https.
    url: Annotated[str, StringConstraints(max_length=500)] = ""
    #: With ``push``: the Ed25519 key of the provider's answers, 32 bytes in base64.
    public_key: Annotated[str, StringConstraints(max_length=64)] = ""
    #: So long an order may take until an inquiry finds it.
    visibility_seconds: Annotated[int, Field(ge=0, le=86_400)] = 60
    #: With ``push``: it answers whether an account can receive, before the first order goes there.
    checks_accounts: bool = False


class LineView(BaseModel):
    """How orders reach the provider, and whether it is being left alone because it did not answer."""

    way: Way
    url: str
    visibility_seconds: int
    checks_accounts: bool
    failing: bool
    version: int


@routes.get("/own-line", organisation=PROVIDER, answers=LineView)
async def own_line(ask: Ask, conn: Connection) -> Answer:
    """How orders reach the provider."""
    return await _shown(ask, conn)


@routes.put(
    "/own-line",
    organisation=PROVIDER,
    roles={Role.ADMIN, Role.TECHNICAL},
    idempotent=False,
    answers=LineView,
)
async def keep_own_line(ask: Ask, body: LineBody) -> Answer:
    """Say how orders reach the provider from now on; said again it is the same."""
    key = _key(body) if body.way is Way.PUSH else None
    if body.way is Way.PUSH:
        # Names are asked for outside of any transaction.
        await _looked_at(ask.app[ADDRESSES], body.url)
    line = KnownLine(
        provider_id=ask.organisation_id,
        way=body.way,
        url=body.url if body.way is Way.PUSH else "",
        public_key=key,
        visibility=timedelta(seconds=body.visibility_seconds),
        checks=body.checks_accounts and body.way is Way.PUSH,
    )
    async with transaction(ask.pool) as conn:
        await lines.keep_line(conn, line)
        row = AuditRow(str(ask.principal), str(ask.organisation_id), _KEPT, "{}")
        remember(conn, answer=None, audit=row)
        return await _shown(ask, conn)


async def _looked_at(addresses: AddressBook, url: str) -> None:
    """Refuse an address by its looks, and by where its name leads."""
    if not _public(url) and not addresses.allows(url):
        raise _unfit("url-unfit", "httpsで始まる公開のアドレスを入力してください。")
    try:
        await addresses.look_up(url)
    except NotPublic:
        detail = (
            "このアドレスは、社内や手元の機器につながります。公開のアドレスを入力してください。"
        )
        raise _unfit("url-not-public", detail) from None
    except NotFound:
        detail = "このアドレスが見つかりません。公開のDNSに登録されているかを確かめて、少し待ってからお試しください。"
        raise _unfit("url-not-found", detail) from None


def _unfit(code: str, detail: str) -> Invalid:
    return Invalid(code, detail, errors=[FieldError("url", code, detail)])


def _public(url: str) -> bool:
    """Whether an address is one of the public web by its looks: a name with a dot, and no number."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        plain = parts.port in (None, 443) and not parts.username and not parts.query
    except ValueError:
        return False
    named = "." in host.strip(".") and not host.rstrip(".").split(".")[-1].isdigit()
    return parts.scheme == "https" and plain and named and ":" not in host


def _key(body: LineBody) -> bytes:
    try:
        key = b64decode(body.public_key, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        detail = "Ed25519の公開鍵（32バイト）をbase64で入力してください。"
        raise Invalid("key-unfit", detail, errors=[FieldError("public_key", "key-unfit", detail)])
    return key


async def _shown(ask: Ask, conn: Connection) -> Answer:
    found = await lines.line(conn, ask.organisation_id)
    view = LineView(
        way=found.way,
        url=found.url,
        visibility_seconds=int(found.visibility.total_seconds()),
        checks_accounts=found.checks,
        failing=found.failing,
        version=found.version,
    )
    return Answer(view, etag=str(found.version))
