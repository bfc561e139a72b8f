"""A measure with entitlements, residents who allocate them, a provider that answers: what tests of orders share."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import contracts
from chassis.access import Keys
from chassis.database import Connection, Pool, transaction
from chassis.ids import new_id
from contracts.proof import Proof, ProvenPerson, Purpose, apply_target, link_target
from contracts.registry import Eligibility, MeasurePublished, PaymentServiceEntry
from contracts.values import EntitlementUnit, PaymentServiceKind
from services.benefits.commands import allocations, answering, applying, measures
from services.benefits.commands.allocations import Choice, Office
from services.benefits.commands.answering import Brought, Taken
from services.benefits.commands.applying import Form
from services.benefits.commands.granting import Given, take_all
from services.benefits.jobs.orders import OrderClerk
from services.benefits.model.allocation import Here, account_digest
from services.benefits.model.answer import ProviderAnswer, Result
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.link import AccountAnswer
from services.benefits.model.measure import State
from services.benefits.model.order import Order, Way
from services.benefits.model.order_request import answer_bytes
from services.benefits.outside import Providers
from services.benefits.outside.addresses import Door
from services.benefits.outside.provider import provider_client
from services.benefits.outside.simulated import doors_of
from services.benefits.provider_simulator.books import Books, Say
from services.benefits.store import entitlements, lines, orders, partners
from services.benefits.store.ledger import broken
from services.benefits.store.lines import KnownLine

NOW = datetime(2023, 10, 2, 1, 0, tzinfo=UTC)
EXAMPLE = Path(contracts.__file__).parent / "examples" / "registry.measure.published.v1.json"
MEASURE = MeasurePublished.model_validate_json(EXAMPLE.read_bytes())
SERVICE = MEASURE.entry.services[0]
AMOUNT = 3000
SIMULATOR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(slots=True)
class Clock:
    """What time it is for the clerk of a test."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass(slots=True)
class Town:
    """A municipality with one measure, one provider and people who were approved."""

    pool: Pool
    keys: Keys
    clock: Clock = field(default_factory=Clock)
    provider_id: UUID = SERVICE.provider_id
    measure_id: UUID = MEASURE.measure_id
    #: Addresses of this machine at which providers are called.
    doors: frozenset[Door] = frozenset()

    @property
    def office(self) -> Office:
        return Office(
            seal=lambda text: self.keys.seal("benefits", text),
            resident_ref=resident_ref,
            now=self.clock.at,
            hold=timedelta(0),
        )

    async def open(self, *, budget: int = 54_000_000) -> "Town":
        """The measure is known, funded and its payment service offered."""
        entry = MEASURE.entry.model_copy(
            update={
                "budget_yen": budget,
                "quota": budget // AMOUNT,
                "unit": EntitlementUnit.PERSON,
                "eligibility": Eligibility(areas=("172031",)),
            }
        )
        async with transaction(self.pool) as conn:
            await partners.save_service(
                conn,
                SERVICE.payment_service_id,
                PaymentServiceEntry(
                    provider_id=self.provider_id,
                    code=SERVICE.code,
                    name=SERVICE.name,
                    name_kana="ヒダマリペイ",
                    kind=PaymentServiceKind.QR,
                    grant_types=(),
                ),
                offered=True,
            )
            await measures.follow(conn, self.measure_id, entry, State.OPEN, at=self.clock.at)
        return self

    async def entitled(
        self, resident_id: UUID | None = None, saved_service_id: UUID | None = None
    ) -> Entitlement:
        """Somebody who applied and was approved; with a kept service that was chosen while applying."""
        form = Form(saved_service_id=saved_service_id)
        async with transaction(self.pool) as conn:
            return await _approved(
                conn, self.keys, self.measure_id, self.clock.at, resident_id or new_id(), form
            )

    async def allocated(
        self, entitlement: Entitlement | None = None, account: str | None = None
    ) -> Order:
        """Somebody's points go to an account."""
        found = entitlement or await self.entitled()
        account = account or f"hp{found.id.hex[-12:]}"
        async with transaction(self.pool) as conn:
            return await allocations.allocate(
                conn,
                self.office,
                Here(found.resident_id),
                found.id,
                Choice(SERVICE.code, account, proof(found, account, self.clock.at)),
            )

    async def entitlement(self, entitlement_id: UUID) -> Entitlement:
        async with transaction(self.pool) as conn:
            return await entitlements.entitlement(conn, entitlement_id)

    async def order(self, order_id: UUID) -> Order:
        async with transaction(self.pool) as conn:
            return await orders.order(conn, order_id)

    async def push_to(self, url: str, *, visibility: float = 0, checks: bool = False) -> None:
        """The provider is called at an address; with ``checks`` first about each account."""
        line = KnownLine(
            self.provider_id,
            Way.PUSH,
            url,
            SIMULATOR.public_key().public_bytes_raw(),
            timedelta(seconds=visibility),
            checks=checks,
        )
        self.doors |= doors_of(url)
        async with transaction(self.pool) as conn:
            await lines.keep_line(conn, line)

    def providers(self) -> AbstractAsyncContextManager[Providers]:
        """The way to providers, for as long as it is needed."""
        return provider_client(allowed=self.doors)

    def clerk(self, providers: Providers | None = None, *, at_once: int = 50) -> OrderClerk:
        def opened(text: str) -> str:
            return self.keys.unseal(text)

        return OrderClerk(
            self.pool, providers or Nobody(), opened, clock=self.clock, at_once=at_once
        )

    async def says(self, answer: ProviderAnswer, order_id: UUID | None, body: bytes = b"") -> Taken:
        """The provider says something by API."""
        async with transaction(self.pool) as conn:
            return await answering.take(
                conn,
                str(order_id or "no-order"),
                order_id,
                Brought(
                    self.provider_id, answer, body or answer_bytes(answer), "api", self.clock.at
                ),
            )

    async def says_of_many(self, said: Sequence[tuple[UUID | None, ProviderAnswer]]) -> list[Taken]:
        """The provider says something of many orders at once."""
        given = [
            Given(
                str(order_id or "no-order"),
                order_id,
                Brought(self.provider_id, answer, answer_bytes(answer), "api", self.clock.at),
            )
            for order_id, answer in said
        ]
        async with transaction(self.pool) as conn:
            return await take_all(conn, given)

    async def broken(self) -> dict[str, int]:
        """Every invariant that does not hold."""
        async with transaction(self.pool) as conn:
            return await broken(conn)

    async def cases(self, state: str = "open") -> list[str]:
        rows = await self.pool.fetch(
            "SELECT kind FROM cases WHERE state = $1 ORDER BY opened_at, id", state
        )
        return [row["kind"] for row in rows]

    async def balance(self, kind: str) -> int:
        """What lies in the accounts of a kind, by their debits."""
        sql = "SELECT coalesce(sum(debits_posted - credits_posted), 0)::bigint FROM accounts WHERE kind = $1"
        return int(await self.pool.fetchval(sql, kind))


@dataclass(frozen=True, slots=True)
class Simulator:
    """A provider that is called, and its books."""

    url: str
    books: Books


class Nobody:
    """A world without providers: a test that calls one has a mistake."""

    async def grant(self, *asked: object) -> ProviderAnswer:
        raise AssertionError(asked)

    async def check(self, *asked: object) -> AccountAnswer:
        raise AssertionError(asked)

    inquire = take_back = grant


def resident_ref(provider_id: UUID, person_id: UUID) -> str:
    return f"R-{provider_id.hex[:4]}{person_id.hex[-16:]}"


def proof(
    entitlement: Entitlement,
    account: str,
    at: datetime,
    *,
    resident_id: UUID | None = None,
    target: str | None = None,
    purpose: Purpose = Purpose.LINK,
    desk_id: UUID | None = None,
) -> Proof:
    """The card was read for this account."""
    meant = link_target(entitlement.id, SERVICE.code, account_digest(account))
    return Proof(
        proof_id=new_id(),
        resident_id=resident_id or entitlement.resident_id,
        purpose=purpose,
        target=meant if target is None else target,
        desk_id=desk_id,
        staff_id=new_id() if desk_id else None,
        assertion_hash="0" * 64,
        asserted_at=at,
    )


def granted(order: Order, key: str = "A-1", **more: Any) -> ProviderAnswer:
    """The provider granted what was ordered."""
    said = ProviderAnswer(
        key=key,
        result=Result.GRANTED,
        amount=order.amount,
        resident_ref=order.resident_ref,
        transaction_id=f"T-{order.id.hex[-20:]}",
        granted_on=date(2023, 10, 2),
    )
    return replace(said, **more)


def rejected(key: str = "A-9", code: str = "ACCOUNT_NOT_FOUND") -> ProviderAnswer:
    return ProviderAnswer(key=key, result=Result.REJECTED, code=code)


def answer_of(said: Say) -> ProviderAnswer:
    """What the simulator says by itself, as the API reads it."""
    return ProviderAnswer(
        key=said.answer_id,
        result=Result(said.result),
        amount=said.amount,
        resident_ref=said.resident_ref,
        transaction_id=said.transaction_id,
        granted_on=said.granted_on,
        code=said.code,
    )


async def _approved(
    conn: Connection, keys: Keys, measure_id: UUID, at: datetime, resident_id: UUID, form: Form
) -> Entitlement:
    """Somebody applied, and the measure decides at once."""
    reading = Proof(
        proof_id=new_id(),
        resident_id=resident_id,
        purpose=Purpose.APPLY,
        target=apply_target(measure_id, resident_id),
        assertion_hash="1" * 64,
        asserted_at=at,
        person=ProvenPerson(
            person_id=resident_id,
            name="小松 花子",
            name_kana="コマツ ハナコ",
            birth_on=date(1990, 4, 2),
            municipality_code="172031",
            address="石川県小松市",
        ),
    )
    made = await applying.submit(
        conn,
        measure_id,
        reading,
        form,
        tag=keys.tag,
        actor=f"resident/{resident_id}",
        now=at,
    )
    assert made.issued is not None
    return made.issued
