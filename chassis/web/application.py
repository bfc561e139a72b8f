"""The application of a service: its routes, its health, its description."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.access import Keys
from chassis.database import Pool, reading
from chassis.web.edge import Handle, handle
from chassis.web.openapi import describe
from chassis.web.problems import problem
from chassis.web.routes import Route

POOL = web.AppKey("pool", Pool)
ACCESS = web.AppKey("access", Keys)

#: Names what is not as it should be; empty when all is well.
Check = Callable[[], Mapping[str, str]]


def new_app(
    name: str,
    routes: Iterable[Route],
    *,
    pool: Pool,
    keys: Keys,
    run_id: str = "",
    ready: Check = dict,
    alive: Check = dict,
) -> web.Application:
    """An application that answers ``routes`` and says how it is."""
    app = web.Application(middlewares=[_unknown], handler_args={"max_line_size": 8190})
    app[POOL] = pool
    app[ACCESS] = keys
    declared = list(routes)
    for route in declared:
        app.router.add_route(route.method, route.path, handle(route, pool, keys))
    app.router.add_get("/openapi.json", _description(name, declared))
    app.router.add_get("/livez", _health(name, run_id, alive, None))
    app.router.add_get("/readyz", _health(name, run_id, ready, pool))
    app.router.add_get("/metrics", _metrics)
    return app


@web.middleware
async def _unknown(request: web.Request, handler: Handle) -> web.StreamResponse:
    """What no route answers, as problem documents too."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return problem(404, "not-found", "お探しのものは見つかりません。")
    except web.HTTPMethodNotAllowed as why:
        answer = problem(405, "method-not-allowed", "この方法では受け付けていません。")
        answer.headers["Allow"] = ", ".join(sorted(why.allowed_methods))
        return answer
    except web.HTTPException as why:
        return problem(why.status, "request-refused", "このリクエストは受け付けられません。")


def _description(name: str, routes: Sequence[Route]) -> Handle:
    """Made when first asked for, beside the loop: a service is ready without it, and most are never asked."""
    made: list[bytes] = []

    async def answer(_: web.Request) -> web.Response:
        if not made:
            made.append(await asyncio.to_thread(lambda: orjson.dumps(describe(name, routes))))
        return web.Response(body=made[0], content_type="application/json")

    return answer


def _health(name: str, run_id: str, check: Check, pool: Pool | None) -> Handle:
    async def answer(_: web.Request) -> web.Response:
        missing = dict(check())
        if pool is not None:
            missing |= await _database(pool)
        document = {"service": name, "run_id": run_id, "ready": not missing, "missing": missing}
        return web.Response(
            status=503 if missing else 200,
            body=orjson.dumps(document),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return answer


async def _database(pool: Pool) -> dict[str, str]:
    try:
        async with asyncio.timeout(2), reading(pool) as conn:
            await conn.fetchval("SELECT 1")
    except Exception as why:
        return {"database": type(why).__name__}
    return {}


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def serve(app: web.Application, host: str, port: int, *, drain: float = 10.0) -> None:
    """Answer on ``host:port`` until cancelled; then finish what has begun, for ``drain`` seconds at most."""
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=75,
        handler_cancellation=False,
        shutdown_timeout=drain,
    )
    await runner.setup()
    await web.TCPSite(runner, host, port, reuse_port=False).start()
    try:
        await asyncio.Event().wait()
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(asyncio.ensure_future(runner.cleanup()))
