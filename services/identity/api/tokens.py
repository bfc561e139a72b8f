"""Tokens for machine clients (OAuth 2.0 client credentials, RFC 6749 4.4)."""

import base64
import binascii
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

import orjson

from chassis.database import reading
from chassis.refusal import Malformed
from chassis.web import Answer, Ask, Json, Routes
from services.identity.api.desk import PREFIX, TAG, office
from services.identity.api.views.public import AccessTokenView
from services.identity.commands import machines
from services.identity.commands.machines import Granted

routes = Routes(PREFIX, tag=TAG)

_SAID = {
    "invalid_request": "本文を grant_type=client_credentials の形で送ってください。",
    "unsupported_grant_type": "grant_type は client_credentials だけを受け付けています。",
    "invalid_client": "クライアントIDかシークレットが違います。",
    "unauthorized_client": "団体の登録が停止しているため、トークンを発行できません。",
    "invalid_scope": "許可されていない利用範囲が入っています。",
}


@routes.post(
    "/oauth/token",
    public=True,
    idempotent=False,
    takes=("application/x-www-form-urlencoded",),
    body_limit=8_192,
    answers=AccessTokenView,
)
async def issue_token(ask: Ask, body: bytes) -> Answer:
    """A token for a machine client that shows its secret; errors carry OAuth's own words."""
    form = _form(body)
    basic = _basic(ask.request.headers.get("Authorization", ""))
    if form is None or (basic and ("client_id" in form or "client_secret" in form)):
        return _refused("invalid_request")
    if form.get("grant_type") != "client_credentials":
        known = "grant_type" in form
        return _refused("unsupported_grant_type" if known else "invalid_request")
    name, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    wanted = frozenset(form.get("scope", "").split())
    async with reading(ask.pool) as conn:
        granted = await machines.grant(conn, office(ask), _id(name), secret, wanted, now=ask.now)
    if isinstance(granted, str):
        return _refused(granted)
    return _granted(granted)


def _granted(granted: Granted) -> Answer:
    view = AccessTokenView(
        access_token=granted.token,
        expires_in=granted.seconds,
        scope=" ".join(sorted(granted.scopes)),
    )
    return Answer(view, headers={"Pragma": "no-cache"})


def _refused(word: str) -> Answer:
    status = 401 if word == "invalid_client" else 400
    document = {
        "type": f"/problems/{word.replace('_', '-')}",
        "title": "トークンを発行できません",
        "status": status,
        "code": word.replace("_", "-"),
        "detail": _SAID[word],
        "error": word,
        "error_description": _SAID[word],
    }
    headers = {"WWW-Authenticate": 'Basic realm="machipo"'} if status == 401 else {}
    return Answer(
        Json(orjson.dumps(document)),
        status=status,
        content_type="application/problem+json",
        headers=headers,
    )


def _form(body: bytes) -> dict[str, str] | None:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"
        )
    except (ValueError, UnicodeDecodeError):
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise Malformed(
            "authorization-unreadable", "Authorization ヘッダーを読み取れません。"
        ) from None
    name, _, secret = text.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
