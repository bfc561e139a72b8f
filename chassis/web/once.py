"""Every write happens once: a repeat of its Idempotency-Key hears the first answer's bytes."""

import hashlib
import re
from typing import Any

import orjson
from aiohttp import web

from chassis.database import Contended, Pool, UniqueViolation, reading, transaction
from chassis.outbox import AuditRow, StoredAnswer, remember
from chassis.refusal import Conflict, Invalid, Malformed, Refusal
from chassis.web.ask import Ask
from chassis.web.rendering import response_of
from chassis.web.routes import Route

_KEY = re.compile(r"^[\x21-\x7e]{8,128}$")


async def once(
    route: Route, pool: Pool, ask: Ask, arguments: dict[str, Any], raw: bytes
) -> web.StreamResponse:
    """Do it once for this Idempotency-Key, and answer every repeat with the first answer's bytes.

    Nothing is looked up first: the answer's own primary key stops the second of two copies at its
    commit, and whoever fails looks whether the deed was already answered.
    """
    owner, key = str(ask.visitor or "public"), _idempotency_key(ask.request)
    digest = hashlib.sha256(
        b"\0".join([route.method.encode(), ask.request.path_qs.encode(), raw])
    ).digest()
    try:
        async with transaction(pool) as conn:
            if "conn" in route.wants:
                arguments["conn"] = conn
            answer = response_of(await route.handler(**arguments), route, ask.request)
            remember(conn, answer=_stored(owner, key, digest, answer), audit=audit_row(route, ask))
        return answer
    except (Refusal, UniqueViolation, *Contended) as why:
        earlier = await _earlier(pool, owner, key, digest)
        if earlier is not None:
            return earlier
        if isinstance(why, Contended):
            raise Conflict(
                "idempotency-key-in-flight",
                "同じ操作がまだ処理中です。少し待ってからもう一度お試しください。",
                retry_after=2,
            ) from None
        raise


async def _earlier(pool: Pool, owner: str, key: str, digest: bytes) -> web.Response | None:
    async with reading(pool) as conn:
        row = await conn.fetchrow(
            "SELECT request_hash, status, headers, body FROM answers"
            " WHERE principal = $1 AND key = $2",
            owner,
            key,
        )
    if row is None:
        return None
    if row["request_hash"] != digest:
        raise Invalid(
            "idempotency-key-reused",
            "この Idempotency-Key は別の内容で使われています。新しい値を付けてください。",
        )
    headers = {**orjson.loads(row["headers"]), "Idempotency-Replayed": "true"}
    return web.Response(status=row["status"], body=row["body"], headers=headers)


def _stored(owner: str, key: str, digest: bytes, answer: web.Response) -> StoredAnswer:
    kept = {
        str(k): v for k, v in answer.headers.items() if k in ("Content-Type", "ETag", "Location")
    }
    body = answer.body if isinstance(answer.body, bytes) else b""
    return StoredAnswer(owner, key, digest, answer.status, orjson.dumps(kept), body)


def audit_row(route: Route, ask: Ask) -> AuditRow:
    """Who did what by this request."""
    organisation = ask.visitor.organisation_id if ask.visitor else None
    return AuditRow(
        actor=str(ask.visitor or "public"),
        organisation_id=str(organisation) if organisation else None,
        action=route.name,
        details=orjson.dumps(dict(ask.request.match_info)).decode(),
    )


def _idempotency_key(request: web.Request) -> str:
    given = request.headers.getall("Idempotency-Key", [])
    if len(given) != 1 or not _KEY.match(given[0]):
        raise Malformed(
            "idempotency-key-missing",
            "Idempotency-Key ヘッダーに 8〜128 文字の英数字を1つ付けてください。",
        )
    return given[0]
