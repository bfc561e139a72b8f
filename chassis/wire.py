"""A fact on the wire: routing key = type, four headers in a fixed order, the body as it was said."""

import struct
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from aiormq.abc import DeliveredMessage

#: The topic exchange every service speaks to.
EXCHANGE = "events"
_CONTENT_TYPE = "application/json"
_PERSISTENT = 2
_MOST = 2**63
#: The longest subject, type or request id that is believed.
_LONGEST = 255


class Said(NamedTuple):
    """A fact that has its number and is to be carried."""

    position: int
    kind: str
    number: int
    seq: int
    event_id: str
    subject: str
    revision: int
    type: str
    body: bytes
    #: ``2026-04-01T00:00:00.000000Z``: always UTC, always six decimals, so that it can be hashed.
    recorded_at: str
    request_id: str | None


class Heard(NamedTuple):
    """A fact that arrived, by whichever way."""

    #: The speaker's subject with the speaker before it: ``registry.organisation/0193…``.
    subject: str
    revision: int
    kind: str
    number: int
    event_id: UUID
    type: str
    body: bytes
    recorded_at: datetime
    request_id: str | None


class Unreadable(Exception):
    """What arrived is not a fact."""


def headers_of(said: Said) -> dict[str, str]:
    """The four headers; as text, so that every client writes and reads the same bytes."""
    return {
        "number": str(said.number),
        "recorded_at": said.recorded_at,
        "revision": str(said.revision),
        "subject": said.subject,
    }


@lru_cache(maxsize=1024)
def kind_of(type_: str) -> str:
    """The kind of subject a fact of ``type_`` speaks about."""
    service, noun, what, version = type_.split(".")
    if not (service and noun and what and version[:1] == "v" and version[1:].isdigit()):
        raise ValueError(f"{type_!r} is no type of a fact")
    return f"{service}.{noun}"


def heard(
    *,
    type_: object,
    subject: object,
    revision: object,
    number: object,
    event_id: object,
    recorded_at: object,
    request_id: object,
    body: bytes,
) -> Heard:
    """What arrived, if every part of it can be believed; ``Unreadable`` if not."""
    try:
        kind = kind_of(_text(type_))
        service, _, noun = kind.partition(".")
        about = _text(subject)
        if not about.startswith(f"{noun}/"):
            raise ValueError(f"{type_} does not speak about {about}")
        return Heard(
            subject=f"{service}.{about}",
            revision=_whole(revision),
            kind=kind,
            number=_whole(number),
            event_id=UUID(_text(event_id)),
            type=_text(type_),
            body=body,
            recorded_at=_instant(recorded_at),
            request_id=None if request_id is None else _text(request_id),
        )
    except (ValueError, TypeError) as why:
        raise Unreadable(str(why)) from why


def heard_of(message: DeliveredMessage) -> Heard:
    """The fact in a delivery."""
    properties = message.header.properties
    headers = properties.headers or {}
    return heard(
        type_=properties.message_type or message.routing_key,
        subject=headers.get("subject"),
        revision=headers.get("revision"),
        number=headers.get("number"),
        event_id=properties.message_id,
        recorded_at=headers.get("recorded_at"),
        request_id=properties.correlation_id,
        body=message.body,
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or "\0" in value:
        raise ValueError(f"{str(value)[:80]!r} is not a short text")
    return value


def _whole(value: object) -> int:
    number = int(_text(value)) if not isinstance(value, int) else value
    if not 0 < number < _MOST:
        raise ValueError(f"{number} is no count")
    return number


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise ValueError(f"{value} does not say which time it is")
    return instant


# ---------------------------------------------------------------- by hand

_FRAME = struct.Struct(">BHI")
_HEADER = struct.Struct(">HHQH")
_END = b"\xce"
_BASIC = 60
_PUBLISH = 40
# content type, headers, delivery mode, [correlation id,] message id, type
_FLAGS = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7 | 1 << 5
_CORRELATED = _FLAGS | 1 << 10


def _short(text: bytes) -> bytes:
    return _LENGTH_1[len(text)] + text


#: The lengths of texts, as one byte and as four: what is packed most is looked up.
_LENGTH_1 = tuple(bytes((n,)) for n in range(256))
_LENGTH_4 = tuple(n.to_bytes(4, "big") for n in range(2_048))
_NUMBER, _RECORDED, _REVISION, _SUBJECT = (
    _short(name) + b"S" for name in (b"number", b"recorded_at", b"revision", b"subject")
)
_TABLE = sum(len(name) + 4 for name in (_NUMBER, _RECORDED, _REVISION, _SUBJECT))
_BEGIN = _short(_CONTENT_TYPE.encode())
_MODE = bytes((_PERSISTENT,))


@lru_cache(maxsize=1024)
def _method(type_: str, channel: int) -> bytes:
    """The frame of ``basic.publish``: the same for every fact of one type."""
    arguments = b"".join((_short(EXCHANGE.encode()), _short(type_.encode()), b"\0"))
    payload = struct.pack(">HHH", _BASIC, _PUBLISH, 0) + arguments
    return _FRAME.pack(1, channel, len(payload)) + payload + _END


@lru_cache(maxsize=1024)
def _type(type_: str) -> bytes:
    return _short(type_.encode())


def frames_of(said: Said, channel: int, most: int) -> bytes:
    """A whole ``basic.publish`` of ``said``; bodies longer than ``most`` take several frames."""
    number, revision = b"%d" % said.number, b"%d" % said.revision
    subject, recorded_at = said.subject.encode(), said.recorded_at.encode()
    event_id, type_, request = said.event_id.encode(), _type(said.type), said.request_id
    size = _TABLE + len(number) + len(revision) + len(subject) + len(recorded_at)
    correlation = _short(request.encode()) if request else b""
    body = said.body
    # 14 of the header, 4 of the table's size, 1 of the mode, 1 of the event id's length.
    whole = 20 + len(_BEGIN) + size + len(correlation) + len(event_id) + len(type_)
    return b"".join(
        (
            _method(said.type, channel), _FRAME.pack(2, channel, whole),
            _HEADER.pack(_BASIC, 0, len(body), _CORRELATED if request else _FLAGS),
            _BEGIN, _LENGTH_4[size],
            _NUMBER, _LENGTH_4[len(number)], number,
            _RECORDED, _LENGTH_4[len(recorded_at)], recorded_at,
            _REVISION, _LENGTH_4[len(revision)], revision,
            _SUBJECT, _LENGTH_4[len(subject)], subject,
            _MODE, correlation, _LENGTH_1[len(event_id)], event_id, type_, _END,
            *_body(body, channel, most),
        )
    )  # fmt: skip


def _body(body: bytes, channel: int, most: int) -> list[bytes]:
    if len(body) <= most:
        return [_FRAME.pack(3, channel, len(body)), body, _END] if body else []
    chunks = [body[at : at + most] for at in range(0, len(body), most)]
    return [part for c in chunks for part in (_FRAME.pack(3, channel, len(c)), c, _END)]
