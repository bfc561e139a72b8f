"""The public feed as readers get it: each entry one document, equal bytes for everybody, for ever."""

from collections.abc import Iterable

from chassis.feeds import NOTHING, Entry, Head

FEED = "registry"


def document(entry: Entry) -> bytes:
    """One entry. ``data`` holds the very bytes that went into the chain."""
    return (
        (
            f'{{"position":{entry.position},"event_id":"{entry.event_id}","type":"{entry.type}",'
            f'"subject":"{entry.subject}","revision":{entry.revision},"recorded_at":"{entry.recorded_at}",'
            f'"chain":"{entry.chain.hex()}","data":'
        ).encode()
        + entry.body
        + b"}"
    )


def changes_document(entries: Iterable[Entry], *, after: int, head: Head) -> bytes:
    """A page of the feed, and how far it goes."""
    found = list(entries)
    following = found[-1].position if found else after
    return (
        (
            f'{{"feed":"{FEED}","next":{following},"head":{{"position":{head.position},"chain":"{head.chain.hex()}"}},'
            '"entries":['
        ).encode()
        + b",".join(map(document, found))
        + b"]}"
    )


def snapshot_document(position: int, chain: bytes | None, entries: Iterable[Entry]) -> bytes:
    """The last entry of each subject up to a position."""
    return (
        (
            f'{{"feed":"{FEED}","position":{position},"chain":"{(chain or NOTHING).hex()}","entries":['
        ).encode()
        + b",".join(map(document, entries))
        + b"]}"
    )


def event(entry: Entry) -> bytes:
    """One entry as a server-sent event."""
    return f"id: {entry.position}\nevent: {entry.type}\ndata: ".encode() + document(entry) + b"\n\n"
