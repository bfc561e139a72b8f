"""The hand-made frames are those the library would make, and only facts are read as facts."""

from typing import Any
from uuid import UUID

import pytest
from aiormq.abc import DeliveredMessage
from pamqp import commands
from pamqp import frame as pamqp_frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from chassis.wire import EXCHANGE, Said, Unreadable, frames_of, headers_of, heard, heard_of


def said(**other: object) -> Said:
    usual = {
        "position": 7,
        "kind": "alpha.thing",
        "number": 3,
        "seq": 9,
        "event_id": str(UUID(int=5)),
        "subject": f"thing/{UUID(int=1)}",
        "revision": 2,
        "type": "alpha.thing.moved.v1",
        "body": b'{"revision":2}',
        "recorded_at": "2026-04-01T00:00:00.000000Z",
        "request_id": "0193-request",
    }
    return Said(**{**usual, **other})  # type: ignore[arg-type]


ODD = [
    said(),
    said(request_id=None),
    said(body=b""),
    said(body="自治体マイナポイント".encode()),
    said(subject="thing/" + "子" * 80, number=2**62, revision=2**40),
    said(body=b"x" * 1_000),
    said(type="alpha.thing.renamed_and_moved.v12"),
]


def by_the_library(fact: Said, channel: int, most: int) -> bytes:
    properties = commands.Basic.Properties(
        content_type="application/json",
        headers=dict(headers_of(fact)),
        delivery_mode=2,
        correlation_id=fact.request_id,
        message_id=fact.event_id,
        message_type=fact.type,
    )
    parts: list[Any] = [
        commands.Basic.Publish(exchange=EXCHANGE, routing_key=fact.type),
        ContentHeader(body_size=len(fact.body), properties=properties),
        *(ContentBody(fact.body[at : at + most]) for at in range(0, len(fact.body), most)),
    ]
    return b"".join(pamqp_frame.marshal(part, channel) for part in parts)


@pytest.mark.parametrize("fact", ODD)
@pytest.mark.parametrize("most", [131_064, 64])
def test_hand_made_frames_are_the_librarys(fact: Said, most: int) -> None:
    assert frames_of(fact, 3, most) == by_the_library(fact, 3, most)


def delivered(frames: bytes) -> DeliveredMessage:
    """What a consumer is given when ``frames`` were published."""
    parts: list[Any] = []
    left = frames
    while left:
        used, _, part = pamqp_frame.unmarshal(left)
        parts.append(part)
        left = left[used:]
    publish, header, *bodies = parts
    deliver = commands.Basic.Deliver("tag", 1, False, EXCHANGE, publish.routing_key)
    body = b"".join(part.value for part in bodies)
    return DeliveredMessage(delivery=deliver, header=header, body=body, channel=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("fact", ODD)
def test_what_was_said_is_what_is_heard(fact: Said) -> None:
    found = heard_of(delivered(frames_of(fact, 1, 131_064)))
    assert found.subject == f"alpha.{fact.subject}"
    assert found.recorded_at.isoformat() == "2026-04-01T00:00:00+00:00"
    assert found[1:7] == (
        fact.revision, fact.kind, fact.number, UUID(fact.event_id), fact.type, fact.body
    )  # fmt: skip
    assert found.request_id == fact.request_id


GOOD = {
    "type_": "alpha.thing.moved.v1",
    "subject": "thing/1",
    "revision": "1",
    "number": 1,
    "event_id": str(UUID(int=1)),
    "recorded_at": "2026-04-01T00:00:00Z",
    "request_id": None,
    "body": b"{}",
}


def test_a_plain_fact_is_read() -> None:
    assert heard(**GOOD).subject == "alpha.thing/1"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bad",
    [
        {"type_": "alpha.thing.moved"},
        {"type_": "alpha.thing.moved.1"},
        {"type_": "alpha..moved.v1"},
        {"type_": None},
        {"subject": "note/1"},
        {"subject": "thing/\0"},
        {"subject": "thing/" + "x" * 300},
        {"subject": None},
        {"revision": "0"},
        {"revision": "-1"},
        {"revision": "one"},
        {"revision": str(2**63)},
        {"number": None},
        {"number": 1.5},
        {"event_id": "1"},
        {"recorded_at": "2026-04-01T00:00:00"},
        {"recorded_at": "yesterday"},
        {"request_id": "a\0b"},
    ],
)
def test_what_is_no_fact_is_unreadable(bad: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        heard(**{**GOOD, **bad})  # type: ignore[arg-type]
