"""Errors as people and programs read them: RFC 9457 problem documents with a stable code."""

from collections.abc import Iterable
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from chassis.refusal import FieldError, Invalid, Refusal

MEDIA_TYPE = "application/problem+json"

_TITLES = {
    400: "リクエストを読み取れません",
    401: "ログインが必要です",
    403: "この操作はできません",
    404: "見つかりません",
    405: "この方法では受け付けていません",
    408: "時間内に届きませんでした",
    409: "いまの状態ではできません",
    410: "すでに終了しています",
    412: "ほかの方が先に更新しました",
    413: "大きすぎます",
    415: "この種類の内容は受け付けていません",
    422: "入力を直してください",
    428: "もとの版を示してください",
    429: "回数が多すぎます",
    431: "ヘッダーが大きすぎます",
    500: "こちらの問題で処理できませんでした",
    503: "ただいま処理できません",
}

#: What to do about each kind of mistake pydantic names; ``{…}`` are its context values.
_SENTENCES = {
    "missing": "入力してください。",
    "extra_forbidden": "この項目は使いません。取り除いてください。",
    "string_too_short": "{min_length}文字以上で入力してください。",
    "string_too_long": "{max_length}文字以内で入力してください。",
    "string_pattern_mismatch": "決められた形で入力してください。",
    "string_type": "文字で入力してください。",
    "int_type": "数字で入力してください。",
    "int_parsing": "数字で入力してください。",
    "int_from_float": "小数ではなく整数で入力してください。",
    "bool_type": "はい・いいえのどちらかにしてください。",
    "bool_parsing": "はい・いいえのどちらかにしてください。",
    "greater_than_equal": "{ge}以上にしてください。",
    "greater_than": "{gt}より大きくしてください。",
    "less_than_equal": "{le}以下にしてください。",
    "less_than": "{lt}より小さくしてください。",
    "enum": "選べるものの中から選んでください。",
    "literal_error": "選べるものの中から選んでください。",
    "date_type": "日付を YYYY-MM-DD の形で入力してください。",
    "date_parsing": "日付を YYYY-MM-DD の形で入力してください。",
    "date_from_datetime_parsing": "日付を YYYY-MM-DD の形で入力してください。",
    "datetime_type": "日時を 2023-11-30T09:00:00+09:00 の形で入力してください。",
    "datetime_parsing": "日時を 2023-11-30T09:00:00+09:00 の形で入力してください。",
    "datetime_from_date_parsing": "日時を 2023-11-30T09:00:00+09:00 の形で入力してください。",
    "timezone_aware": "日時に +09:00 のような時差を付けてください。",
    "uuid_parsing": "番号の形を確かめてください。",
    "uuid_type": "番号の形を確かめてください。",
    "too_long": "{max_length}件以内にしてください。",
    "too_short": "{min_length}件以上にしてください。",
    "json_invalid": "JSON として読み取れません。",
    "municipality_code_check_digit": "団体コードの最後の数字が合っていません。",
    "corporate_number_check_digit": "法人番号の最初の数字が合っていません。",
    "url_parsing": "https:// から始まるアドレスを入力してください。",
}


class ProblemField(BaseModel):
    """What to mend in one field."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """An error, after RFC 9457; ``code`` is stable, ``detail`` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemField] = []
    request_id: str | None = None


def invalid_from(error: ValidationError, *, code: str = "fields-invalid") -> Invalid:
    """The refusal that names each wrong field; the values themselves are not repeated."""
    count = error.error_count()
    return Invalid(
        code,
        f"入力を直してください（{count}か所）。",
        errors=[
            _field_error(e) for e in error.errors(include_url=False, include_input=False)[:100]
        ],
    )


def _field_error(error: Any) -> FieldError:
    kind = error["type"]
    context = error.get("ctx", {})
    if kind == "value_error":
        # Our own validators raise ValueError with a code; some add the sentence behind a bar.
        code, _, sentence = str(context.get("error", "value_error")).partition("|")
        detail = sentence or _SENTENCES.get(code, "入力を確かめてください。")
    else:
        code = kind
        # To who left a field empty, a least length of one says nothing.
        kind = "missing" if kind == "string_too_short" and context["min_length"] == 1 else kind
        detail = _SENTENCES.get(kind, "入力を確かめてください。").format_map(_Shown(context))
    return FieldError(".".join(str(part) for part in error["loc"]), code, detail)


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "？"


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Iterable[FieldError] = (),
    request_id: str | None = None,
    retry_after: int | None = None,
) -> web.Response:
    """The problem document as an answer."""
    document: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": _TITLES.get(status, "処理できませんでした"),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"field": e.field, "code": e.code, "detail": e.detail} for e in errors],
        "request_id": request_id,
    }
    headers = {"Cache-Control": "no-store"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web.Response(
        status=status, body=orjson.dumps(document), content_type=MEDIA_TYPE, headers=headers
    )


def problem_of(refusal: Refusal, request_id: str | None) -> web.Response:
    """A refusal as an answer."""
    answer = problem(
        refusal.status,
        refusal.code,
        refusal.detail,
        errors=refusal.errors,
        request_id=request_id,
        retry_after=refusal.retry_after,
    )
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
