"""Which headers pass, both ways, and which every answer carries."""

from collections.abc import Iterable
from http import HTTPStatus

from gateway.edge.problems import Answer

#: What a client may say to a service. Nothing else passes: no ``X-*``, no ``Forwarded``, no cookie.
TO_SERVICE = frozenset(
    {
        "accept",
        "accept-language",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "last-event-id",
        "traceparent",
    }
)

#: What a service may say to a client.
FROM_SERVICE = {
    name: name
    for name in (
        b"allow",
        b"content-disposition",
        b"content-language",
        b"content-type",
        b"deprecation",
        b"etag",
        b"idempotency-replayed",
        b"last-modified",
        b"link",
        b"location",
        b"ratelimit-limit",
        b"ratelimit-remaining",
        b"ratelimit-reset",
        b"retry-after",
        b"sunset",
        b"www-authenticate",
    )
}

#: Requests with one of these are refused: nothing of ours needs them, and each has been a way to smuggle.
REFUSED = ("upgrade", "expect", "content-encoding", "transfer-encoding", "te", "trailer")

_EVERYWHERE = (
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Not `no-referrer`: browsers then send `Origin: null` with forms, and the origin check needs the truth.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)

_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The reader of the API description draws with a worker it makes itself, and with styles it computes.
_READER = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'none'"
)

PAGE_HEADERS = (*_EVERYWHERE, ("Content-Security-Policy", _PAGE), ("Server", "machipo"))

STREAM_HEADERS = (*_EVERYWHERE, ("Content-Security-Policy", _NOTHING), ("Server", "machipo"))


def _with(policy: str) -> bytes:
    every = (*_EVERYWHERE, ("Content-Security-Policy", policy))
    return b"".join(b"\r\n%b: %b" % (name.encode(), value.encode()) for name, value in every)


API = _with(_NOTHING)
#: For the page that shows the API description.
READER = _with(_READER)

PRIVATE = b"no-store"
#: May be kept by anybody who asks each time whether it is still true.
PUBLIC = b"public, no-cache"

_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}
_BODILESS = frozenset({204, 304})


def _titled(name: bytes) -> bytes:
    return b"-".join(part.capitalize() for part in name.split(b"-"))


_TITLES = {name: _titled(name) for name in FROM_SERVICE}
_TITLES[b"etag"] = b"ETag"
_TITLES[b"www-authenticate"] = b"WWW-Authenticate"


def start_of(
    answer: Answer,
    cache_control: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
    every: bytes = API,
) -> bytes:
    """The head of ``answer`` up to the value of ``X-Request-Id``, which is added for each asker."""
    status = answer.status
    parts = [b"HTTP/1.1 %d %b" % (status, _REASONS.get(status, b""))]
    for name, value in answer.headers:
        parts.append(b"\r\n%b: %b" % (_TITLES.get(name) or _titled(name), value))
    for name, value in more:
        parts.append(b"\r\n%b: %b" % (name, value))
    if status not in _BODILESS:
        parts.append(b"\r\nContent-Length: %d" % len(answer.body))
    parts.append(b"\r\nCache-Control: %b" % cache_control)
    parts.append(every)
    parts.append(b"\r\nX-Request-Id: ")
    return b"".join(parts)
