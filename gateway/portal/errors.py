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
    401: "ログインが必要です",
    403: "このページは開けません",
    404: "ページが見つかりません",
    405: "この方法では開けません",
    408: "時間内に届きませんでした",
    409: "いまの状態ではできません",
    410: "このページは終わりました",
    411: "送る内容の長さがわかりません",
    412: "ほかの方が先に変更しました",
    413: "送る量が多すぎます",
    414: "アドレスが長すぎます",
    415: "この種類の内容は受け取れません",
    417: "この方法では送れません",
    421: "このアドレスでは開けません",
    422: "入力を直してください",
    429: "少し待ってからお試しください",
    431: "ブラウザーから届いた情報が大きすぎます",
    500: "表示できませんでした",
    501: "この方法には対応していません",
    502: "結果を確認できませんでした",
    503: "ただいま表示できません",
    504: "応答に時間がかかっています",
    505: "この通信の方法では開けません",
}
#: What is said where whoever refused gave no reason; nothing of it was taken in.
_LEADS = {
    401: "ログインしてから、もう一度お試しください。",
    405: "アドレスを直接開かず、前のページのボタンからお進みください。",
    408: "通信が途切れたのかもしれません。もう一度お試しください。",
    411: "別のブラウザーで、もう一度お試しください。",
    414: "検索の条件を減らして、もう一度お試しください。",
    415: "ファイルの種類を確かめて、もう一度お試しください。",
    417: "別のブラウザーで、もう一度お試しください。",
    421: "アドレスをご確認ください。",
    431: "ブラウザーのCookieを消してから、もう一度お試しください。",
    501: "別のブラウザーで、もう一度お試しください。",
    505: "別のブラウザーで、もう一度お試しください。",
}
#: Whether it was done is not known.
_OPEN = frozenset({502, 504})


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
    known = status if status in _TITLES else (400 if 400 <= status < 500 else 500)
    if known in _OPEN and visit.request.method in ("GET", "HEAD"):
        # Whoever only looked did nothing whose end could be open.
        known = 503
    again = as_instant(visit.at + timedelta(seconds=retry_after)) if retry_after else None
    response = visit.page(
        "errors/error.html",
        _TITLES[known],
        status=status,
        kind="open" if known in _OPEN else "unread" if known in _LEADS else known,
        detail=detail or _LEADS.get(known, ""),
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
