"""The one way in: id, token, rights, parsing, transaction, idempotency, audit, answer."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import Histogram
from structlog.contextvars import bind_contextvars, bound_contextvars

from chassis import clock
from chassis.access import Keys
from chassis.database import Away, Contended, Pool, reading, transaction
from chassis.ids import new_id
from chassis.outbox import remember
from chassis.refusal import Refusal
from chassis.web.admission import admit, if_match_of, visitor_of
from chassis.web.ask import Ask
from chassis.web.intake import check_content_type, read_body, read_bytes, read_path, read_query
from chassis.web.measures import REQUESTS
from chassis.web.once import audit_row, once
from chassis.web.problems import problem, problem_of
from chassis.web.rendering import response_of
from chassis.web.routes import Route

_log = structlog.get_logger()
_REQUEST_ID = re.compile(r"^[0-9a-f-]{36}$")

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handle(route: Route, pool: Pool, keys: Keys) -> Handle:
    """The aiohttp handler of ``route``: everything around the service's own function."""
    timed: dict[int, Histogram] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        request_id = _request_id(request)
        with bound_contextvars(request_id=request_id):
            began = time.perf_counter()
            answer = await _answered(route, pool, keys, request, request_id)
            seconds = time.perf_counter() - began
            status = answer.status
            if status not in timed:
                timed[status] = REQUESTS.labels(route.method, route.path, status)
            timed[status].observe(seconds)
            _log.info(
                "request",
                operation=route.name,
                method=request.method,
                status=status,
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
    visitor = visitor_of(request, keys, route.access)
    admit(visitor, route.access)
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
        if_match=if_match_of(request, route),
    )
    if "ask" in route.wants:
        arguments["ask"] = ask
    if route.idempotent:
        return await once(route, pool, ask, arguments, raw)
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
            remember(conn, answer=None, audit=audit_row(route, ask))
    else:
        async with reading(pool) as conn:
            returned = await route.handler(conn=conn, **arguments)
    return response_of(returned, route, ask.request)


def _request_id(request: web.Request) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.match(given) else str(new_id())
