"""The descriptions of all services joined into one, holding only what the map lets through."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.edge.routes import route_of

Document = dict[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch")
_SCHEMAS = "#/components/schemas/"


def join(described: Mapping[str, Document]) -> Document:
    """One document of many, by service. A schema two services mean differently carries the service's name."""
    schemas: Document = dict(_OWN_SCHEMAS)
    paths: Document = {path: dict(item) for path, item in _OWN_PATHS.items()}
    for service, document in sorted(described.items()):
        own = document.get("components", {}).get("schemas", {})
        names = {name: _name(service, name, shape, schemas) for name, shape in own.items()}
        for name, shape in own.items():
            schemas[names[name]] = _renamed(shape, names)
        for path, item in _passed(document):
            paths[path] = _renamed(item, names)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in ("sessions", *sorted(described))],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _SECURITY},
    }


def _passed(document: Document) -> Iterator[tuple[str, Document]]:
    """The operations that can be reached from outside."""
    for path, item in document.get("paths", {}).items():
        route = route_of(path)
        if route is None:
            continue
        kept = {
            key: value
            for key, value in item.items()
            if key not in _METHODS or key.upper() in route.methods
        }
        if any(key in _METHODS for key in kept):
            yield path, kept


def _name(service: str, name: str, shape: Any, taken: Document) -> str:
    if name not in taken or taken[name] == shape:
        return name
    return f"{service.capitalize()}{name}"


def _renamed(shape: Any, names: Mapping[str, str]) -> Any:
    if isinstance(shape, list):
        return [_renamed(part, names) for part in shape]
    if not isinstance(shape, dict):
        return shape
    found = {key: _renamed(value, names) for key, value in shape.items()}
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith(_SCHEMAS):
        name = reference.removeprefix(_SCHEMAS)
        found["$ref"] = _SCHEMAS + names.get(name, name)
    return found


_INFO = {
    "title": "自治体マイナポイント API",
    "version": "1",
    "description": (
        "登録一覧の閲覧と変更の購読は、だれでも利用できます。そのほかは、画面のログイン"
        "（Cookie）または団体の管理者が作るシステム接続（OAuth 2.0 クライアント資格情報）が必要です。\n\n"
        "書き込みには `Idempotency-Key` を付けてください。同じ鍵でもう一度送ると、同じ答えが返ります。"
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}

_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "`POST /api/v1/identity/oauth/token` で受け取ったトークン",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-machipo"},
}

_TEXT = {"type": "string", "minLength": 1, "maxLength": 1024}
_OWN_SCHEMAS: Document = {
    "SessionOpened": {
        "type": "object",
        "required": ["state", "expires_at"],
        "properties": {
            "state": {"type": "string", "enum": ["open", "second_factor", "second_factor_setup"]},
            "expires_at": {"type": "string", "format": "date-time"},
        },
    },
}
_PROBLEM = {
    "description": "A problem",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}
_OPENED = {
    "description": "The session is in the cookie",
    "content": {"application/json": {"schema": {"$ref": _SCHEMAS + "SessionOpened"}}},
}


def _own(operation: str, summary: str, fields: tuple[str, ...]) -> Document:
    described: Document = {
        "operationId": operation,
        "summary": summary,
        "tags": ["sessions"],
        "responses": {"201": _OPENED, "default": _PROBLEM},
    }
    if fields:
        schema = {
            "type": "object",
            "required": list(fields),
            "additionalProperties": False,
            "properties": dict.fromkeys(fields, _TEXT),
        }
        content = {"application/json": {"schema": schema}}
        described["requestBody"] = {"required": True, "content": content}
    else:
        described["responses"] = {"204": {"description": "Done"}, "default": _PROBLEM}
    return described


_OWN_PATHS: Document = {
    "/api/v1/sessions": {
        "post": _own("sessions.open", "Sign in with this browser.", ("sign_in_id", "password"))
    },
    "/api/v1/sessions/second-factor": {
        "post": _own("sessions.second_factor", "Complete a sign-in with a code.", ("code",))
    },
    "/api/v1/sessions/current": {"delete": _own("sessions.end", "Sign out with this browser.", ())},
}
