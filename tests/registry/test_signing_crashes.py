"""The signing job dies at every step there is: each document is sent once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from chassis.database import reading
from services.registry.outside import SigningService
from tests.registry.asking import Desk
from tests.registry.matching import SIGNERS, Pair, Signing, pair, signing_service

#: create · find, read, attach · read, add two signers, read between · read, send · read, and some to spare.
_MOST = 20


class Mortal:
    """A client whose process dies just before, or just after, one of its calls reached the other side."""

    def __init__(self, service: SigningService, *, call: int, after: bool) -> None:
        self._service, self._left, self._after = service, call, after
        self.died = False

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        act = getattr(self._service, name)

        async def call(*arguments: Any) -> Any:
            self._left -= 1
            dies = self._left == 0
            if dies and not self._after:
                self._die()
            answer = await act(*arguments)
            if dies:
                self._die()
            return answer

        return call

    def _die(self) -> None:
        self.died = True
        raise asyncio.CancelledError


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


@pytest.fixture
async def signing(desk: Desk) -> AsyncIterator[Signing]:
    """The simulator, running."""
    async with signing_service(desk) as found:
        yield found


async def _until_death(signing: Signing, service: Mortal) -> None:
    with suppress(asyncio.CancelledError):
        await signing.work(1, service)  # type: ignore[arg-type]


async def _another(two: Pair, contract_id: str) -> str:
    """The contract is taken back, and the next written for the same match."""
    match_id = (await two.contract(contract_id))["match_id"]
    drafted = await two.drafted(match_id)
    assert drafted.status == 201, drafted.content
    await two.tell(drafted.json["id"], "send")
    return str(drafted.json["id"])


@pytest.mark.parametrize("after", [False, True])
async def test_a_process_that_dies_at_any_call_sends_each_document_once(
    two: Pair, signing: Signing, *, after: bool
) -> None:
    contract_id, deaths = await two.ready(), 0
    for call in range(1, _MOST):
        mortal = Mortal(signing.service(), call=call, after=after)
        await _until_death(signing, mortal)
        deaths += mortal.died
        await signing.work(4)
        assert (await two.contract(contract_id))["state"] == "out", call
        assert signing.sendings == [1] * call, call
        if not mortal.died:
            break
        await two.tell(contract_id, "cancel", {"reason": "次を試します。"})
        await signing.work(2)
        assert (await two.contract(contract_id))["state"] == "cancelled"
        contract_id = await _another(two, contract_id)
    assert deaths >= 9


@pytest.mark.parametrize("how", ["fail_after", "drop_after", "fail_before", "drop_before"])
async def test_an_answer_that_is_lost_sends_nothing_twice(
    two: Pair, signing: Signing, how: str
) -> None:
    """Every call that changes something loses its answer once, with and without having been done."""
    faults = [
        {"method": "POST", "ending": ending, "how": how}
        for ending in ("/documents", "/files", "/participants", "/token")
    ]
    await signing.tell(faults=[*faults, {"method": "POST", "ending": "", "how": how, "times": 2}])
    contract_id = await two.ready()
    await signing.work(25)
    assert (await two.contract(contract_id))["state"] == "out"
    assert signing.sendings == [1]
    [document] = signing.shelf.documents
    assert [len(document.files), len(document.participants)] == [1, 2]


async def test_an_answer_that_is_lost_when_everybody_has_signed_concludes_once(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    await signing.work(2)
    for _ in SIGNERS:
        await signing.sign("agree")
    for call in (1, 2):
        for after in (False, True):
            await signing.wait(minutes=120)
            await _until_death(signing, Mortal(signing.service(), call=call, after=after))
    await signing.wait(minutes=120)
    await signing.look(contract_id)
    assert (await two.contract(contract_id))["state"] == "concluded"
    async with reading(two.desk.pool) as conn:
        said = await conn.fetchval(
            "SELECT count(*) FROM events WHERE type = 'registry.contract.concluded.v1'"
        )
    assert said == 1


async def test_several_clerks_at_once_send_once(two: Pair, signing: Signing) -> None:
    contract_id = await two.ready()
    clerks = [signing.clerk() for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(*(clerk.turn() for clerk in clerks))
    assert (await two.contract(contract_id))["state"] == "out"
    assert signing.sendings == [1]
    assert len(signing.shelf.documents) == 1


async def test_a_clerk_that_lost_its_claim_writes_nothing(two: Pair, signing: Signing) -> None:
    contract_id = await two.ready()

    class Slow(Mortal):
        """Its lease runs out while it waits for the answer."""

        def _die(self) -> None:
            signing.ahead *= 1

    slow = Slow(signing.service(), call=1, after=True)
    await two.desk.pool.execute(
        "UPDATE contracts SET claimed_by = gen_random_uuid(), claimed_until = 'infinity' WHERE id = $1",
        UUID(contract_id),
    )
    await signing.work(2, slow)  # type: ignore[arg-type]
    assert signing.shelf.documents == []
    assert (await two.contract(contract_id))["state"] == "ready"
