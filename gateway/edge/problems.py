"""What the gateway itself says no with: RFC 9457 problems, and the sentence a person reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from gateway.portal.asking import Window
from gateway.portal.words import moment

_TITLES = {
    400: "リクエストを読み取れません",
    401: "ログインが必要です",
    403: "この操作はできません",
    404: "見つかりません",
    405: "この方法では受け付けていません",
    408: "時間内に届きませんでした",
    411: "長さが示されていません",
    413: "大きすぎます",
    414: "アドレスが長すぎます",
    415: "この種類の内容は受け付けていません",
    417: "この方法では受け付けていません",
    421: "宛先が違います",
    429: "回数が多すぎます",
    500: "こちらの問題で処理できませんでした",
    502: "結果を確認できませんでした",
    503: "ただいま処理できません",
    504: "応答に時間がかかっています",
    505: "この版の HTTP は受け付けていません",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Something to answer with: made by a service or by ourselves, headers already chosen."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""

    def header(self, name: bytes) -> bytes | None:
        """The value of one header, by its lower-case name."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


@dataclass(eq=False)
class Problem(Exception):
    """A request that goes no further. ``code`` is stable; ``detail`` says in Japanese what to do."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Further members of the document.
    more: Mapping[str, object] = field(default_factory=dict)

    def answer(self, request_id: bytes) -> Answer:
        """The problem as it is sent."""
        document = {
            "type": f"/problems/{self.code}",
            "title": _TITLES.get(self.status, "処理できませんでした"),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": [],
            "request_id": request_id.decode(),
            **self.more,
        }
        more = tuple((k.lower().encode(), v.encode()) for k, v in self.headers.items())
        kind = (b"content-type", b"application/problem+json")
        return Answer(self.status, (kind, *more), orjson.dumps(document))

    @property
    def retry_after(self) -> int | None:
        """In how many seconds to come again, where that helps."""
        value = self.headers.get("Retry-After")
        return int(value) if value else None


def malformed(code: str, detail: str = "リクエストの形式を読み取れませんでした。") -> Problem:
    """It cannot be read as a request."""
    return Problem(400, code, detail)


def not_found() -> Problem:
    """No address of ours."""
    return Problem(
        404,
        "no-such-address",
        "お探しのページやデータは見つかりませんでした。アドレスをご確認ください。",
    )


def not_this_way(allowed: str) -> Problem:
    """The address is ours; the method is not one it takes."""
    return Problem(
        405, "method-not-allowed", "この方法では受け付けていません。", {"Allow": allowed}
    )


def too_many(seconds: float) -> Problem:
    """More than this visitor may ask for now."""
    wait = max(1, int(seconds + 0.999))
    return Problem(
        429,
        "too-many-requests",
        f"短い時間に多くのアクセスがありました。{wait}秒ほど待ってから、もう一度お試しください。",
        {"Retry-After": str(wait)},
    )


def sign_in_first() -> Problem:
    """Nobody knows who is asking."""
    return Problem(
        401,
        "token-missing",
        "ログインしてから、もう一度お試しください。",
        {"WWW-Authenticate": "Bearer"},
    )


def token_refused() -> Problem:
    """The session or token is not good any more."""
    return Problem(
        401,
        "token-refused",
        "ログインの有効期限が切れました。もう一度ログインしてください。",
        {"WWW-Authenticate": "Bearer"},
    )


def unreachable() -> Problem:
    """The service takes no connection at all; it has seen nothing of the request."""
    return Problem(
        503,
        "service-unavailable",
        "ただいまご利用いただけません。少し待ってから、もう一度お試しください。",
        {"Retry-After": "5"},
    )


def broken_off() -> Problem:
    """The service took the request and did not answer it to the end."""
    return Problem(
        502,
        "service-broke-off",
        "処理の結果を確認できませんでした。画面を開き直して、状態をご確認ください。",
        {"Retry-After": "5"},
    )


def too_slow() -> Problem:
    """The service did not answer in time."""
    return Problem(
        504,
        "service-too-slow",
        "応答に時間がかかっています。済んでいる場合がありますので、画面を開き直して状態をご確認ください。",
        {"Retry-After": "5"},
    )


def busy() -> Problem:
    """More is waiting for this service than can be answered in time."""
    return Problem(
        503,
        "busy",
        "ただいま混み合っています。少し待ってから、もう一度お試しください。",
        {"Retry-After": "2"},
    )


def resting(window: Window, seconds: int) -> Problem:
    """The function rests for maintenance; when it is back and where more is said."""
    until = f"{moment(window.ends_at)}{'ごろ' if window.end_is_estimate else ''}"
    return Problem(
        503,
        "maintenance",
        f"システムメンテナンスのため、この操作は{until}までご利用いただけません。"
        "ページを見ることはできます。",
        {"Retry-After": str(seconds)},
        {
            "maintenance_id": str(window.maintenance_id),
            "ends_at": window.ends_at.isoformat(),
            "end_is_estimate": window.end_is_estimate,
            "page": f"/maintenance/{window.maintenance_id}",
        },
    )


def fault() -> Problem:
    """A mistake of ours; nothing of it is shown."""
    return Problem(
        500,
        "fault",
        "申し訳ありません。こちらの問題で処理できませんでした。受付番号を添えてお知らせください。",
    )
