"""The one way in: id, token, rights, parsing, transaction, idempotency, audit, answer."""

import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import orjson
import structlog
from aiohttp import web
from structlog.contextvars import bind_contextvars, bound_contextvars

from chassis import clock
from chassis.access import Keys
from chassis.database import Away, Contended, Pool, UniqueViolation, reading, transaction
from chassis.ids import new_id
from chassis.outbox import AuditRow, StoredAnswer, remember
from chassis.refusal import (
    ConditionMissing,
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Refusal,
    Unauthenticated,
)
from chassis.web.answer import Answer, Json
from chassis.web.ask import Ask
from chassis.web.intake import check_content_type, read_body, read_bytes, read_path, read_query
from chassis.web.measures import REQUESTS
from chassis.web.problems import problem, problem_of
from chassis.web.routes import Access, Route
from contracts.principal import Principal

_log = structlog.get_logger()
_REQUEST_ID = re.compile(r"^[0-9a-f-]{36}$")
_KEY = re.compile(r"^[\x21-\x7e]{8,128}$")

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handle(route: Route, pool: Pool, keys: Keys) -> Handle:
    """The aiohttp handler of ``route``: everything around the service's own function."""

    async def handler(request: web.Request) -> web.StreamResponse:
        request_id = _request_id(request)
        with bound_contextvars(request_id=request_id):
            began = time.perf_counter()
            answer = await _answered(route, pool, keys, request, request_id)
            seconds = time.perf_counter() - began
            REQUESTS.labels(route.method, route.path, answer.status).observe(seconds)
            _log.info(
                "request",
                operation=route.name,
                method=request.method,
                status=answer.status,
                milliseconds=round(seconds * 1000, 1),
            )
            return answer

    return handler


async def _answered(
    route: Route, pool: Pool, keys: Keys, request: web.Request, request_id: str
) -> web.StreamResponse:
    try:
        answer = await _act(route, pool, keys, request, request_id)
    except Refusal as why:
        bind_contextvars(refused=why.code)
        answer = problem_of(why, request_id)
    except Contended:
        detail = "同じ内容を別の操作が更新しています。少し待ってからもう一度お試しください。"
        answer = problem(503, "busy", detail, request_id=request_id, retry_after=2)
    except Away as why:
        _log.warning("the database is away", operation=route.name, why=repr(why))
        detail = "ただいま処理できません。少し待ってから、同じ内容でもう一度お試しください。"
        answer = problem(503, "database-away", detail, request_id=request_id, retry_after=5)
    except Exception:
        _log.exception("a request failed", operation=route.name)
        detail = "申し訳ありません。こちらの問題で処理できませんでした。受付番号を添えてお知らせください。"
        answer = problem(500, "fault", detail, request_id=request_id)
    if not answer.prepared:
        answer.headers["X-Request-Id"] = request_id
        if route.writes or not route.access.public:
            answer.headers.setdefault("Cache-Control", "no-store")
    return answer


async def _act(
    route: Route, pool: Pool, keys: Keys, request: web.Request, request_id: str
) -> web.StreamResponse:
    visitor = _visitor(request, keys, route.access)
    _admit(visitor, route.access)
    bind_contextvars(actor=str(visitor) if visitor else "public")
    arguments: dict[str, Any] = read_path(request, route.path_types)
    query = read_query(request, route.query)
    raw = await _body(request, route)
    if "query" in route.wants:
        arguments["query"] = query
    if "body" in route.wants:
        arguments["body"] = read_body(raw, route.body) if route.body else raw
    ask = Ask(
        request=request,
        pool=pool,
        request_id=request_id,
        now=clock.now(),
        today=clock.today(),
        visitor=visitor,
        if_match=_if_match(request, route),
    )
    if "ask" in route.wants:
        arguments["ask"] = ask
    if route.idempotent:
        return await _once(route, pool, ask, arguments, raw)
    return await _plainly(route, pool, arguments, ask)


async def _body(request: web.Request, route: Route) -> bytes:
    if "body" not in route.wants:
        return b""
    check_content_type(request, route)
    return await read_bytes(request, route)


async def _plainly(
    route: Route, pool: Pool, arguments: dict[str, Any], ask: Ask
) -> web.StreamResponse:
    if "conn" not in route.wants:
        returned = await route.handler(**arguments)
    elif route.writes:
        async with transaction(pool) as conn:
            returned = await route.handler(conn=conn, **arguments)
            remember(conn, answer=None, audit=_audit(route, ask))
    else:
        async with reading(pool) as conn:
            returned = await route.handler(conn=conn, **arguments)
    return _response(returned, route, ask.request)


async def _once(
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
            answer = _response(await route.handler(**arguments), route, ask.request)
            remember(conn, answer=_stored(owner, key, digest, answer), audit=_audit(route, ask))
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


def _audit(route: Route, ask: Ask) -> AuditRow:
    organisation = ask.visitor.organisation_id if ask.visitor else None
    return AuditRow(
        actor=str(ask.visitor or "public"),
        organisation_id=str(organisation) if organisation else None,
        action=route.name,
        details=orjson.dumps(dict(ask.request.match_info)).decode(),
    )


def _response(returned: Any, route: Route, request: web.Request) -> web.Response:
    # A stream was prepared by the handler itself; it passes as it is.
    if isinstance(returned, web.StreamResponse):
        return cast(web.Response, returned)
    answer = returned if isinstance(returned, Answer) else Answer(returned)
    headers = dict(answer.headers)
    etag = answer.etag or (answer.body.etag if isinstance(answer.body, Json) else None)
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
        if not route.writes and headers["ETag"] in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
    status = answer.status or (204 if answer.body is None else route.status)
    if answer.body is None:
        return web.Response(status=status, headers=headers)
    headers.setdefault("Content-Type", answer.content_type)
    return web.Response(status=status, body=_bytes(answer.body), headers=headers)


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, Json):
        return body.content if isinstance(body.content, bytes) else body.content.encode()
    serialised: bytes = body.__pydantic_serializer__.to_json(body)
    return serialised


def _request_id(request: web.Request) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.match(given) else str(new_id())


def _visitor(request: web.Request, keys: Keys, access: Access) -> Principal | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        if access.public:
            return None
        raise Unauthenticated("token-missing", "ログインしてから、もう一度お試しください。")
    return keys.verify(token)


def _admit(visitor: Principal | None, access: Access) -> None:
    """Default deny: who is not named does not come in."""
    if access.public:
        return
    if visitor is None:
        raise Unauthenticated("token-missing", "ログインしてから、もう一度お試しください。")
    if access.internal or visitor.kind == "service":
        if not (access.internal and visitor.kind == "service"):
            raise NotFound("not-found", "お探しのものは見つかりません。")
        return
    if access.organisation and visitor.organisation_kind not in access.organisation:
        raise Forbidden("organisation-kind", "この操作は、別の種類の団体の方だけができます。")
    if visitor.kind == "client":
        if not access.scopes & visitor.scopes:
            raise Forbidden("scope-missing", "このクライアントには、この操作が許可されていません。")
    elif access.roles and not access.roles & visitor.roles:
        raise Forbidden(
            "role-missing", "この操作に必要な役割がありません。団体の管理者にご相談ください。"
        )


def _if_match(request: web.Request, route: Route) -> int | None:
    if not route.if_match:
        return None
    given = request.headers.get("If-Match")
    if given is None:
        raise ConditionMissing(
            "if-match-missing", "どの版をもとにした変更かを If-Match ヘッダーで示してください。"
        )
    try:
        return int(given.strip().strip('"'))
    except ValueError:
        raise Malformed(
            "if-match-unreadable", "If-Match には受け取った ETag をそのまま付けてください。"
        ) from None


def _idempotency_key(request: web.Request) -> str:
    given = request.headers.getall("Idempotency-Key", [])
    if len(given) != 1 or not _KEY.match(given[0]):
        raise Malformed(
            "idempotency-key-missing",
            "Idempotency-Key ヘッダーに 8〜128 文字の英数字を1つ付けてください。",
        )
    return given[0]
