"""Points are money: what was entered stays, sums are zero, nothing is promised twice or below zero."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.database import CheckViolation, Connection, Pool, open_pool, transaction
from chassis.refusal import Conflict
from services.benefits.commands import ledger
from services.benefits.model.ledger import LANES, Balance, Code, Kind, folded, shared
from services.benefits.store import ledger as store
from tests.benefits.moving import Fund, funded, moving
from tests.rig.postgres import owner_url

ACTOR = "service/tests"


async def _reserve(
    conn: Connection, fund: Fund, amount: int, key: str = "", actor: str = ACTOR
) -> UUID:
    return await ledger.reserve(
        conn,
        key=key or str(uuid4()),
        ledger=fund.ledger,
        debit=fund.reserved,
        credit=fund.available,
        amount=amount,
        code=Code.APPLY,
        business_ref=fund.measure_id,
        actor=actor,
    )


async def _balance(conn: Connection, fund: Fund, account: int) -> Balance:
    return (await store.balances(conn, fund.ledger))[account]


async def test_a_promise_is_made_good_or_let_go(conn: Connection) -> None:
    fund = await funded(conn, 1_000)
    kept, let_go = await _reserve(conn, fund, 300), await _reserve(conn, fund, 200)
    assert await _balance(conn, fund, fund.available) == Balance(0, 1_000, 500, 0)
    await ledger.post(conn, kept, actor=ACTOR)
    await ledger.void(conn, let_go, actor=ACTOR)
    assert await _balance(conn, fund, fund.available) == Balance(0, 1_000, 0, 300)
    assert await _balance(conn, fund, fund.reserved) == Balance(0, 300, 0, 0)
    assert await store.broken(conn) == {}


async def test_a_part_of_a_promise_leaves_the_rest_free(conn: Connection) -> None:
    fund = await funded(conn, 1_000)
    pending = await _reserve(conn, fund, 1_000)
    await ledger.post(conn, pending, amount=400, actor=ACTOR)
    assert await _balance(conn, fund, fund.available) == Balance(0, 1_000, 0, 400)


async def test_the_same_key_moves_once_and_another_content_is_a_conflict(conn: Connection) -> None:
    fund = await funded(conn, 1_000)
    first = await _reserve(conn, fund, 300, key="one")
    assert await _reserve(conn, fund, 300, key="one") == first
    with pytest.raises(Conflict) as why:
        await _reserve(conn, fund, 301, key="one")
    assert why.value.code == "transfer-differs"
    assert await _balance(conn, fund, fund.available) == Balance(0, 1_000, 300, 0)
    assert await ledger.post(conn, first, actor=ACTOR) == await ledger.post(
        conn, first, actor=ACTOR
    )
    with pytest.raises(Conflict):
        await ledger.void(conn, first, actor=ACTOR)
    assert await store.broken(conn) == {}


@pytest.mark.parametrize("amount", [0, -1, 1_001, 2**63 - 1])
async def test_what_is_not_there_cannot_be_promised(conn: Connection, amount: int) -> None:
    fund = await funded(conn, 1_000)
    with pytest.raises(CheckViolation):
        async with conn.transaction():
            await _reserve(conn, fund, amount)
    assert await _balance(conn, fund, fund.available) == Balance(0, 1_000, 0, 0)


async def test_no_more_is_posted_than_was_promised(conn: Connection) -> None:
    fund = await funded(conn, 1_000)
    pending = await _reserve(conn, fund, 300)
    with pytest.raises(CheckViolation, match="than was promised"):
        async with conn.transaction():
            await ledger.post(conn, pending, amount=301, actor=ACTOR)


async def test_no_more_is_taken_back_than_was_moved(conn: Connection) -> None:
    fund = await funded(conn, 1_000)
    posted = await ledger.post(conn, await _reserve(conn, fund, 300), actor=ACTOR)
    await ledger.post(conn, await _reserve(conn, fund, 300), actor=ACTOR)
    back: dict[str, Any] = {"code": Code.LAPSE, "actor": ACTOR}
    await ledger.reverse(conn, posted, key="some", amount=100, **back)
    with pytest.raises(CheckViolation, match="than was moved"):
        async with conn.transaction():
            await ledger.reverse(conn, posted, key="more", amount=201, **back)
    await ledger.reverse(conn, posted, key="rest", amount=200, **back)
    assert await _balance(conn, fund, fund.reserved) == Balance(0, 600, 0, 300)
    assert await store.broken(conn) == {}


async def test_no_transfer_crosses_ledgers(conn: Connection) -> None:
    fund, other = await funded(conn), await funded(conn)
    with pytest.raises(CheckViolation, match="belong to the ledger"):
        await ledger.move(conn, moving(fund, other.available, fund.available, 1))


@pytest.mark.parametrize(
    ("amount", "approved_by", "kind"),
    [
        (1_000_001, None, Kind.SINGLE),
        (1_000_001, ACTOR, Kind.SINGLE),
        (1, None, Kind.CORRECTION),
        (1, ACTOR, Kind.CORRECTION),
    ],
)
async def test_corrections_and_large_amounts_take_two_people(
    conn: Connection, amount: int, approved_by: str | None, kind: Kind
) -> None:
    fund = await funded(conn, 2_000_000)
    alone = moving(fund, fund.reserved, fund.available, amount)
    changed: dict[str, Any] = {"approved_by": approved_by, "kind": kind}
    with pytest.raises(CheckViolation, match="two_people"):
        await ledger.move(conn, replace(alone, **changed))


#: An entry about nothing that was entered, or of an account that there is not.
_ENTRY = (
    "INSERT INTO transfers (id, ledger, kind, pending_id, reverses, debit_account, credit_account, amount, code,"
    " business_ref, actor, request_hash) SELECT id, (SELECT ledger FROM accounts WHERE id = $1), '{kind}', {pending},"
    " {back}, $1 * {debit}, (SELECT max(id) FROM accounts WHERE id < $1), 5, 1, id, 'service/x', sha256('x')"
    " FROM gen_random_uuid() AS id"
)
REWRITING = (
    "UPDATE transfers SET amount = amount + 1",
    "DELETE FROM transfers",
    "TRUNCATE transfers CASCADE",
    "DELETE FROM accounts",
)


@pytest.mark.parametrize("statement", REWRITING)
async def test_nobody_rewrites_the_ledger_not_even_the_owner(
    pool: Pool, database: Callable[[str], Awaitable[str]], statement: str
) -> None:
    url = await database("benefits")
    owner = await asyncpg.connect(owner_url(url))
    app = await asyncpg.connect(url)
    try:
        await owner.execute("INSERT INTO ledgers (measure_id) VALUES (gen_random_uuid())")
        await owner.execute(
            "INSERT INTO accounts (ledger, kind, owner) SELECT id, k, measure_id FROM ledgers,"
            " unnest(ARRAY['funding', 'available']) AS k"
        )
        await owner.execute(
            "INSERT INTO transfers (id, ledger, kind, debit_account, credit_account, amount, code, business_ref,"
            " actor, request_hash) SELECT gen_random_uuid(), 1, 'single', d.id, c.id, 5, 1, d.owner, 'service/x',"
            " sha256('x') FROM accounts d, accounts c WHERE d.kind = 'available' AND c.kind = 'funding'"
        )
        with pytest.raises(asyncpg.CheckViolationError, match="only added to"):
            await owner.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(statement)
    finally:
        await owner.close()
        await app.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET debits_posted = debits_posted + 1",
        "INSERT INTO accounts (ledger, kind, owner, debits_posted) SELECT id, 'payable', measure_id, 5 FROM ledgers",
        "UPDATE chains SET link = 0",
    ],
)
async def test_balances_are_written_by_transfers_alone(conn: Connection, statement: str) -> None:
    await funded(conn)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.execute(statement)


async def test_a_balance_of_the_owners_own_making_is_stopped_at_its_commit(
    database: Callable[[str], Awaitable[str]],
) -> None:
    url = await database("benefits")
    owner = await asyncpg.connect(owner_url(url))
    try:
        with pytest.raises(asyncpg.CheckViolationError, match="are not equal"):
            async with owner.transaction():
                await owner.execute("INSERT INTO ledgers (measure_id) VALUES (gen_random_uuid())")
                await owner.execute(
                    "INSERT INTO accounts (ledger, kind, owner, debits_posted)"
                    " SELECT id, 'available', measure_id, 5 FROM ledgers"
                )
    finally:
        await owner.close()


_STRANGE = (
    ("UPDATE accounts SET debits_posted = debits_posted + 1 WHERE id = $1", "are not equal"),
    ("UPDATE accounts SET lane = 1 WHERE id = $1", "stays what it is"),
    (_ENTRY.format(kind="single", pending="NULL", back="NULL", debit=0), "belong to the ledger"),
    (
        _ENTRY.format(kind="post", pending="id", back="NULL", debit=1),
        "belongs to a pending transfer",
    ),
    (_ENTRY.format(kind="reversal", pending="NULL", back="id", debit=1), "takes the way back"),
)


@pytest.mark.parametrize(("statement", "why"), _STRANGE)
async def test_what_the_owner_writes_is_refused_by_the_ledgers_own_rules(
    database: Callable[[str], Awaitable[str]], statement: str, why: str
) -> None:
    url = await database("benefits")
    async with open_pool(url) as pool, transaction(pool) as conn:
        fund = await funded(conn)
    owner = await asyncpg.connect(owner_url(url))
    try:
        with pytest.raises(asyncpg.CheckViolationError, match=why):
            await owner.execute(statement, fund.available)
    finally:
        await owner.close()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["fund", "reserve", "post", "void", "reverse", "again"]),
        st.integers(0, 600),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
async def test_whatever_is_moved_sums_are_zero_and_balances_are_the_fold(
    conn: Connection, acts: list[tuple[str, int, int]]
) -> None:
    fund = await funded(conn, 1_000)
    made: list[UUID] = []
    for number, (act, amount, which) in enumerate(acts):
        try:
            async with conn.transaction():
                made.append(await _act(conn, fund, act, amount, made[which:], number))
        except (CheckViolation, Conflict, IndexError):
            continue
    found = await store.balances(conn, fund.ledger)
    told = folded(await store.entries(conn, fund.ledger))
    assert {a: b for a, b in found.items() if b != Balance()} == {
        a: b for a, b in told.items() if b != Balance()
    }
    available = found[fund.available]
    assert available.debits_posted - available.credits_posted - available.credits_pending >= 0
    assert await store.broken(conn) == {}


async def _act(
    conn: Connection, fund: Fund, act: str, amount: int, rest: list[UUID], number: int
) -> UUID:
    if act == "fund":
        return await ledger.move(conn, moving(fund, fund.available, fund.funding, amount))
    if act == "reserve":
        return await _reserve(conn, fund, amount, key=f"{fund.ledger}/{number}")
    if act == "again":
        return await _reserve(conn, fund, amount, key=f"{fund.ledger}/{max(number - 1, 0)}")
    target = rest[0]
    if act == "post":
        return await ledger.post(conn, target, amount=amount, actor=ACTOR)
    if act == "void":
        return await ledger.void(conn, target, actor=ACTOR)
    key = f"{fund.ledger}/back/{number}"
    return await ledger.reverse(conn, target, key=key, amount=amount, code=Code.LAPSE, actor=ACTOR)


async def test_the_chain_is_what_an_independent_reader_computes(conn: Connection) -> None:
    fund = await funded(conn, 1_000)
    await ledger.post(conn, await _reserve(conn, fund, 300), actor=ACTOR)
    rows = await conn.fetch(
        "SELECT *, (extract(epoch FROM created_at) * 1000000)::bigint AS at FROM transfers"
        " WHERE ledger = $1 ORDER BY link",
        fund.ledger,
    )
    before = b""
    for number, row in enumerate(rows, 1):
        text = "|".join(
            str(part)
            for part in (
                *(row["id"], row["ledger"], row["kind"], row["pending_id"] or "-"),
                *(row["reverses"] or "-", row["debit_account"], row["credit_account"]),
                *(row["amount"], row["code"], row["business_ref"], row["actor"]),
                *(row["approved_by"] or "-", row["request_hash"].hex(), row["lane"], row["link"]),
                row["at"],
            )
        )
        assert row["link"] == number
        assert row["prev_hash"] == before
        before = hashlib.sha256(before + text.encode()).digest()
        assert row["row_hash"] == before


async def test_many_at_once_promise_no_more_than_there_is(pool: Pool) -> None:
    async with transaction(pool) as conn:
        fund = await funded(conn, 1_000)

    async def one() -> bool:
        try:
            async with transaction(pool) as conn:
                await _reserve(conn, fund, 100)
        except CheckViolation:
            return False
        return True

    # As many as wait for one another a moment and not for seconds, whatever else the machine does.
    lanes = asyncio.Semaphore(4)

    async def paced() -> bool:
        async with lanes:
            return await one()

    done = await asyncio.gather(*(paced() for _ in range(40)))
    assert done.count(True) == 10
    async with transaction(pool) as conn:
        assert await store.broken(conn) == {}


@given(total=st.integers(0, 10**12), unit=st.integers(1, 10**6))
def test_a_budget_is_spread_in_whole_units_and_nothing_is_lost(total: int, unit: int) -> None:
    parts = shared(total, unit)
    assert sum(parts) == total and len(parts) == LANES and min(parts) >= 0
    assert all(part % unit == 0 for part in parts[1:])
    assert sum(part // unit for part in parts) == total // unit
