"""The object store: a folder, and a server that speaks S3, behave alike."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from chassis.refusal import Unavailable
from services.content.outside import Bucket, FileShelf, folder, s3

_REGION = "ap-northeast-1"


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """A bucket of a server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    found = Bucket("files", f"http://{host}:{port}", _REGION, "key", "secret")
    client = boto3.client(
        "s3",
        endpoint_url=found.endpoint,
        region_name=_REGION,
        aws_access_key_id=found.access_key,
        aws_secret_access_key=found.secret_key,
    )
    client.create_bucket(
        Bucket=found.name, CreateBucketConfiguration={"LocationConstraint": _REGION}
    )
    yield found
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> FileShelf:
    """Each kind of store."""
    if request.param == "folder":
        return folder(tmp_path / "files")
    return s3(request.getfixturevalue("bucket"))


async def pieces(count: int, size: int = 100_000) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def read(shelf: FileShelf, key: str) -> bytes | None:
    content = await shelf.get(key)
    return None if content is None else b"".join([piece async for piece in content])


async def test_what_goes_in_comes_out_in_pieces(shelf: FileShelf) -> None:
    arrived = await shelf.put("files/a/1", pieces(70), 7_000_000)
    assert arrived.size == 7_000_000
    content = await shelf.get("files/a/1")
    assert content is not None
    sizes = [len(piece) async for piece in content]
    assert (sum(sizes), max(sizes) < 7_000_000) == (7_000_000, True)


async def test_what_breaks_off_leaves_nothing(shelf: FileShelf) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(3):
            yield piece
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, Unavailable)):
        await shelf.put("files/b/1", broken(), 1_000_000)
    assert await read(shelf, "files/b/1") is None


async def test_no_more_is_taken_than_was_announced(shelf: FileShelf) -> None:
    taken: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 100_000

    await shelf.put("files/c/1", endless(), 250_000)
    assert len(taken) <= 4


async def test_only_the_one_that_counts_stays(shelf: FileShelf) -> None:
    for number in ("1", "2", "3"):
        await shelf.put(f"files/d/{number}", pieces(1, 10), 10)
    await shelf.put("files/e/1", pieces(1, 10), 10)
    await shelf.keep_only("files/d/", "files/d/2")
    left = [n for n in ("d/1", "d/2", "d/3", "e/1") if await read(shelf, f"files/{n}")]
    assert left == ["d/2", "e/1"]
    await shelf.drop("files/d/9")


async def test_a_store_that_is_away_says_to_come_back() -> None:
    away = s3(Bucket("files", "http://127.0.0.1:1", _REGION, "key", "secret"))
    with pytest.raises(Unavailable) as refused:
        await away.get("files/a/1")
    assert refused.value.code == "file-store-away"
