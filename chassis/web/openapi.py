"""The description of a service's operations, OpenAPI 3.1, made from its routes."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chassis.web.problems import MEDIA_TYPE, Problem
from chassis.web.routes import Route

_REFERENCE = "#/components/schemas/{model}"


def describe(title: str, routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document; internal routes are left out."""
    shown = [r for r in routes if not r.access.internal]
    models: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for route in shown:
        models += [(route.body, "validation")] if route.body else []
        models += [(route.answers, "serialization")] if route.answers else []
    names, definitions = models_json_schema(list(dict.fromkeys(models)), ref_template=_REFERENCE)
    paths: dict[str, Any] = {}
    for route in shown:
        path = re.sub(r"{(\w+):[^{}]+}", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(route: Route, names: dict[Any, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done"}
    if route.answers or route.status != 204:
        schema = names[(route.answers, "serialization")] if route.answers else {}
        answer["content"] = {route.content_type: {"schema": schema}}
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_path(route), *_query(route), *_headers(route)],
        "responses": {
            str(route.status): answer,
            "default": {
                "description": "A problem",
                "content": {MEDIA_TYPE: {"schema": names[(Problem, "serialization")]}},
            },
        },
    }
    if not route.writes:
        operation["responses"]["304"] = {"description": "Not changed"}
    if route.body:
        schema = names[(route.body, "validation")]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    elif "body" in route.wants:
        binary = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(route.takes or ("application/octet-stream",), binary)
        operation["requestBody"] = {"required": True, "content": content}
    if not route.access.public:
        operation["security"] = [{"token": []}]
    return operation


def _path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": adapter.json_schema()}
        for name, adapter in route.path_types.items()
    ]


def _query(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "schema": _inlined(shape, definitions),
        }
        for name, shape in schema.get("properties", {}).items()
    ]


def _inlined(shape: Any, definitions: dict[str, Any]) -> Any:
    """A query's schema without references, since its definitions stand nowhere else."""
    if isinstance(shape, dict):
        if "$ref" in shape:
            return _inlined(definitions[shape["$ref"].rsplit("/", 1)[1]], definitions)
        return {k: _inlined(v, definitions) for k, v in shape.items()}
    if isinstance(shape, list):
        return [_inlined(s, definitions) for s in shape]
    return shape


def _headers(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = []
    if route.idempotent:
        key = {"type": "string", "pattern": "^[\\x21-\\x7e]{8,128}$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key})
    if route.if_match:
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": text})
    return found
