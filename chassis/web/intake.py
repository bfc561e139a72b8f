"""Reading what came in: strictly, and with nothing kept that must not be kept."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from chassis.clock import is_reckonable
from chassis.individual_number import DETAIL, holds_individual_number
from chassis.refusal import FieldError, Invalid, Malformed, NotFound, TooLarge, WrongType
from chassis.web.problems import invalid_from
from chassis.web.routes import Route

# What PostgreSQL or UTF-8 cannot hold, and what only hides or reorders text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_DEEPEST = 32
_QUERIES: dict[tuple[type[BaseModel] | None, str], BaseModel] = {}
_MOST_KEPT, _LONGEST_KEPT = 1_000, 300


def refuse_individual_number(texts: Iterable[tuple[str, str]]) -> None:
    """Refuse 12 digits that pass the check of 個人番号, whatever field they stand in; never repeat them."""
    for field, text in texts:
        if holds_individual_number(text):
            raise Invalid(
                "individual-number-refused",
                DETAIL,
                errors=[FieldError(field, "individual_number", DETAIL)],
            )


async def read_bytes(request: web.Request, route: Route) -> bytes:
    """The whole body, if it is not longer than the route takes."""
    if (request.content_length or 0) > route.body_limit:
        raise _too_large(route)
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > route.body_limit:
            raise _too_large(route)
        parts.append(part)
    return b"".join(parts)


def _too_large(route: Route) -> TooLarge:
    return TooLarge(
        "body-too-large",
        f"一度に送れるのは {route.body_limit // 1024} KB までです。小さく分けてください。",
    )


def check_content_type(request: web.Request, route: Route) -> None:
    """Refuse a body of another kind than the route takes."""
    expected = route.takes or (("application/json",) if route.body else ())
    if expected and request.content_type not in expected:
        raise WrongType(
            "content-type-unknown", f"内容の種類は {'、'.join(expected)} にしてください。"
        )


def read_body(raw: bytes, model: type[BaseModel]) -> BaseModel:
    """The JSON body as ``model``; doubled keys, broken text and unknown fields are refused."""
    document = _document(raw)
    texts = list(_texts("", document, 0))
    for field, text in texts:
        if _CONTROL.search(text):
            detail = "使えない文字（制御文字など）が入っています。取り除いてください。"
            raise Invalid(
                "text-unusable", detail, errors=[FieldError(field, "text_unusable", detail)]
            )
    refuse_individual_number(texts)
    try:
        found = model.model_validate_json(raw)
    except ValidationError as why:
        raise invalid_from(why) from None
    _refuse_too_far(found, "fields-invalid")
    return found


def _document(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise Malformed(
            "body-unreadable",
            "本文を UTF-8 の JSON として読み取れません。同じ名前の項目が2つないかも確かめてください。",
        ) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _texts(path: str, value: Any, depth: int) -> Iterable[tuple[str, str]]:
    if depth > _DEEPEST:
        raise Malformed("body-too-deep", "本文の入れ子が深すぎます。")
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, str(value) if abs(value) < 10**18 else ""
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield path, key
            yield from _texts(f"{path}.{key}" if path else key, inner, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(f"{path}.{index}" if path else str(index), inner, depth + 1)


def _refuse_too_far(model: BaseModel, code: str) -> None:
    """Neither we nor the database can reckon with instants at the ends of the calendar."""
    detail = "日時は、1900年から2999年までで入れてください。"
    far = [path for path, at in _instants("", model) if not is_reckonable(at)]
    if far:
        raise Invalid(code, detail, errors=[FieldError(p, "instant_too_far", detail) for p in far])


def _instants(path: str, value: Any) -> Iterable[tuple[str, datetime]]:
    if isinstance(value, datetime):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _instants(f"{path}.{name}" if path else name, getattr(value, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _instants(f"{path}.{index}" if path else str(index), inner)


def read_query(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    """The query as ``model``; a parameter that stands twice is refused, and so is an unknown one."""
    raw = request.rel_url.raw_query_string
    found = _QUERIES.get((model, raw))
    if found is None:
        found = _query(request, model)
        # Queries are frozen and depend on nothing but their text: the same text need not be read again.
        if found is not None and len(raw) <= _LONGEST_KEPT:
            if len(_QUERIES) >= _MOST_KEPT:
                _QUERIES.clear()
            _QUERIES[model, raw] = found
    return found


def _query(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    try:
        unquote_to_bytes(request.rel_url.raw_query_string).decode()
    except UnicodeDecodeError:
        raise Malformed("text-unusable", "アドレスの文字を UTF-8 として読み取れません。") from None
    pairs = list(request.query.items())
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed(
            "parameter-doubled", "同じ名前のパラメーターが2つあります。1つにしてください。"
        )
    if any(_CONTROL.search(k) or _CONTROL.search(v) for k, v in pairs):
        raise Malformed("text-unusable", "使えない文字（制御文字など）が入っています。")
    refuse_individual_number(pairs)
    if model is None:
        if pairs:
            raise Malformed("parameter-unknown", f"パラメーター {pairs[0][0][:40]} は使いません。")
        return None
    try:
        read = model.model_validate_strings(found)
    except ValidationError as why:
        raise invalid_from(why, code="parameters-invalid") from None
    _refuse_too_far(read, "parameters-invalid")
    return read


def read_path(request: web.Request, types: dict[str, TypeAdapter[Any]]) -> dict[str, Any]:
    """The variable parts of the address; what cannot be one names nothing."""
    refuse_individual_number(request.match_info.items())
    try:
        return {name: t.validate_strings(request.match_info[name]) for name, t in types.items()}
    except ValidationError:
        raise NotFound("not-found", "お探しのものは見つかりません。") from None
