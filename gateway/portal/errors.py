"""The pages for when something is not there, not allowed, too often, or our fault."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from chassis.ids import new_id
from gateway.portal.asking import Reply
from gateway.portal.visit import Visit, own_path
from gateway.portal.words import ROLES, as_instant

_TITLES = {
    400: "読み取れませんでした",
    403: "このページは開けません",
    404: "ページが見つかりません",
    409: "いまの状態ではできません",
    410: "このページは終わりました",
    412: "ほかの方が先に変更しました",
    413: "送る量が多すぎます",
    422: "入力を直してください",
    429: "少し待ってからお試しください",
    500: "表示できませんでした",
    503: "ただいま表示できません",
}


def error_page(
    visit: Visit,
    status: int,
    detail: str = "",
    *,
    roles: Iterable[str] = (),
    retry_after: int | None = None,
    reference: str = "",
) -> web.Response:
    """The page for one kind of trouble."""
    known = status if status in _TITLES else (503 if status in (502, 504) else 500)
    again = as_instant(visit.at + timedelta(seconds=retry_after)) if retry_after else None
    response = visit.page(
        "errors/error.html",
        _TITLES[known],
        status=known,
        kind=known,
        detail=detail,
        role_words="・".join(ROLES[r] for r in ROLES if r in set(roles)),
        again=again,
        wait_minutes=-(-retry_after // 60) if retry_after else 0,
        reference=reference or str(new_id()),
    )
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def answer_page(visit: Visit, reply: Reply) -> web.Response:
    """The page for what a service answered."""
    problem = reply.json()
    problem = problem if isinstance(problem, dict) else {}
    # An address with parts no service can read leads nowhere.
    looking = visit.request.method == "GET"
    status = 404 if looking and reply.status in (400, 405, 422) else reply.status
    detail = str(problem.get("detail", "")) if status not in (404, 500) else ""
    if problem.get("code") == "maintenance":
        return resting_page(visit, problem, reply.headers.get("Retry-After", ""))
    after = reply.headers.get("Retry-After", "")
    reference = reply.headers.get("X-Request-Id", "")
    return error_page(
        visit,
        status,
        detail,
        retry_after=int(after) if after.isdigit() else None,
        reference=reference,
    )


def resting_page(visit: Visit, problem: Mapping[str, Any], after: str) -> web.Response:
    """The page for what rests for maintenance: until when, and where more is said."""
    response = visit.page(
        "errors/resting.html",
        "メンテナンス中です",
        status=503,
        ends_at=str(problem.get("ends_at", "")),
        end_is_estimate=bool(problem.get("end_is_estimate")),
        more=own_path(str(problem.get("page", "")), "/status"),
    )
    response.headers["Cache-Control"] = "no-store"
    if after.isdigit():
        response.headers["Retry-After"] = after
    return response


def not_found_page(request: web.Request) -> web.Response:
    """For the edge: an address nobody answers, asked for by a person."""
    return error_page(Visit(request), 404)


def fault_page(request: web.Request, reference: str) -> web.Response:
    """For the edge: something of ours broke."""
    return error_page(Visit(request), 500, reference=reference)
