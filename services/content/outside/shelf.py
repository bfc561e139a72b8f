"""An object store behind one interface: a folder of this machine, or a bucket that speaks S3."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from chassis.refusal import Unavailable

_PIECE = 256 * 1024
#: S3 takes no smaller part than this; it is what one upload holds in memory at a time.
_PART = 5 * 1024 * 1024
_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came, counted and hashed on its way through."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is and how one gets in."""

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class FileShelf:
    """The object store; contents go in and come out in pieces."""

    store: LocalStore | S3Store

    async def put(self, key: str, content: AsyncIterator[bytes], most: int) -> Arrived:
        """Keep what comes, if it is not more than ``most`` bytes; of what breaks off nothing stays."""
        passing = _Passing(content, most)
        try:
            await obstore.put_async(
                self.store, key, passing.pieces(), chunk_size=_PART, max_concurrency=2
            )
        except (BaseError, OSError):
            raise _away() from None
        return Arrived(passing.size, passing.digest.hexdigest())

    async def get(self, key: str) -> AsyncIterator[bytes] | None:
        """A content in pieces; None if there is none."""
        try:
            found = await obstore.get_async(self.store, key)
        except FileNotFoundError:
            return None
        except (BaseError, OSError):
            raise _away() from None
        return _bytes(found)

    async def keep_only(self, place: str, key: str | None) -> None:
        """Of everything below ``place`` only ``key`` stays: tries that broke off leave nothing."""
        try:
            async for batch in obstore.list(self.store, place):
                for found in batch:
                    if found["path"] != key:
                        await self.drop(found["path"])
        except (BaseError, OSError):
            raise _away() from None

    async def drop(self, key: str) -> None:
        """Remove a content; one that is not there is removed already."""
        try:
            await obstore.delete_async(self.store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError):
            raise _away() from None


class _Passing:
    """Counts and hashes what passes; stops one piece after it is too much."""

    def __init__(self, content: AsyncIterator[bytes], most: int) -> None:
        self._content, self._most = content, most
        self.size, self.digest = 0, hashlib.sha256()

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._content:
            self.size += len(piece)
            self.digest.update(piece)
            yield piece
            if self.size > self._most:
                return


async def _bytes(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=_PIECE):
        yield bytes(piece)


def _away() -> Unavailable:
    detail = "ファイルの置き場につながりません。少し待ってから、もう一度お試しください。"
    return Unavailable("file-store-away", detail, retry_after=10)


def folder(path: Path) -> FileShelf:
    """A folder of this machine; every copy of the service must see the same one."""
    path.mkdir(parents=True, exist_ok=True)
    return FileShelf(LocalStore(path, mkdir=True))


def s3(bucket: Bucket) -> FileShelf:
    """A bucket of a server that speaks S3."""
    store = S3Store(
        bucket.name,
        endpoint=bucket.endpoint,
        region=bucket.region,
        access_key_id=bucket.access_key,
        secret_access_key=bucket.secret_key,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": bucket.endpoint.startswith("http://"),
            "timeout": timedelta(seconds=_SECONDS),
            "connect_timeout": timedelta(seconds=3),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=_SECONDS)},
    )
    return FileShelf(store)
