"""What the services say to each other, described after AsyncAPI 3 from the contracts themselves."""

from typing import Any

from pydantic.json_schema import models_json_schema

from contracts import benefits, content, identity, notifications, registry, scheduling
from contracts.event import Fact, facts_of

Document = dict[str, Any]
_SPEAKERS = {
    "benefits": benefits,
    "identity": identity,
    "content": content,
    "notifications": notifications,
    "registry": registry,
    "scheduling": scheduling,
}
_REFERENCE = "#/components/schemas/{model}"


def describe() -> Document:
    """The whole document: a channel per kind of subject, a message per fact."""
    facts = [f for module in _SPEAKERS.values() for f in facts_of(module).values()]
    facts.sort(key=lambda fact: fact.type)
    names, definitions = models_json_schema(
        [(fact, "serialization") for fact in facts], ref_template=_REFERENCE
    )
    kinds = sorted({fact.kind() for fact in facts})
    return {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "defaultContentType": "application/json",
        "channels": {kind: _channel(kind, facts) for kind in kinds},
        "operations": {f"say.{kind}": _said(kind) for kind in kinds},
        "components": {
            "messages": {fact.type: _message(fact, names[fact, "serialization"]) for fact in facts},
            "schemas": definitions["$defs"],
        },
    }


def _channel(kind: str, facts: list[type[Fact]]) -> Document:
    return {
        "address": f"{kind}.#",
        "description": f"Facts about one kind of subject, in the order of each subject: {kind}.",
        "messages": {
            fact.type: {"$ref": f"#/components/messages/{fact.type}"}
            for fact in facts
            if fact.kind() == kind
        },
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": "events", "type": "topic", "durable": True},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _said(kind: str) -> Document:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{kind}"},
        "summary": f"{kind.partition('.')[0]} says what has become true.",
    }


def _message(fact: type[Fact], payload: Any) -> Document:
    return {
        "name": fact.type,
        "title": fact.__name__,
        "summary": (fact.__doc__ or "").partition("\n\n")[0].strip(),
        "contentType": "application/json",
        "headers": _HEADERS,
        "payload": payload,
        "x-feeds": list(fact.feeds),
    }


_INFO = {
    "title": "Machipo facts",
    "version": "1",
    "description": (
        "Facts travel over one topic exchange; the routing key is the fact's type. Provider systems hear the"
        " facts of feed `registry` over `GET /api/v1/registry/changes`, with the same bodies."
    ),
    "license": {"name": "Apache-2.0"},
}

_HEADERS = {
    "type": "object",
    "required": ["subject", "revision", "number", "recorded_at"],
    "properties": {
        "subject": {"type": "string", "description": "The one thing the fact speaks about."},
        "revision": {"type": "string", "description": "1, 2, 3 … without gaps per subject."},
        "number": {"type": "string", "description": "1, 2, 3 … without gaps per kind."},
        "recorded_at": {"type": "string", "format": "date-time"},
    },
}
