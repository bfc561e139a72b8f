"""A ledger with a budget in it, for tests that move points."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from chassis.database import Connection
from services.benefits.commands import ledger
from services.benefits.model.ledger import AccountKind, Code, Transfer


@dataclass(frozen=True)
class Fund:
    """The accounts of one measure whose whole budget lies in the first lane."""

    measure_id: UUID
    ledger: int
    funding: int
    available: int
    reserved: int
    payable: int


async def funded(conn: Connection, amount: int = 1_000) -> Fund:
    """A measure with ``amount`` available."""
    measure_id = uuid4()
    number = await ledger.ledger_of(conn, measure_id)

    async def account(kind: AccountKind) -> int:
        return await ledger.account(conn, number, kind, measure_id)

    made = Fund(
        measure_id=measure_id,
        ledger=number,
        funding=await account(AccountKind.FUNDING),
        available=await account(AccountKind.AVAILABLE),
        reserved=await account(AccountKind.RESERVED),
        payable=await account(AccountKind.PAYABLE),
    )
    await ledger.move(
        conn, moving(made, made.available, made.funding, amount, key=f"fund/{number}")
    )
    return made


def moving(fund: Fund, debit: int, credit: int, amount: int, *, key: str = "") -> Transfer:
    """A transfer from ``credit`` to ``debit``."""
    return Transfer(
        key=key or str(uuid4()),
        ledger=fund.ledger,
        debit=debit,
        credit=credit,
        amount=amount,
        code=Code.FUND,
        business_ref=fund.measure_id,
        actor="service/tests",
        approved_by="service/other",
    )
