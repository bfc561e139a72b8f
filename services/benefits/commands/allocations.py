"""The second of the two operations: a resident says where points go, with the card; or said so before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Gone, Invalid, NotFound
from contracts.benefits import AllocationMade
from contracts.proof import Proof
from services.benefits.commands import ledger
from services.benefits.commands.entitlements import say_held
from services.benefits.commands.hearing import Heard, hear
from services.benefits.commands.keeping import account_of
from services.benefits.commands.order_facts import publish_allocation
from services.benefits.model.allocation import Account, Allocation, Here, proven
from services.benefits.model.entitlement import Entitlement, State
from services.benefits.model.ledger import AccountKind, Code, Kind, Transfer
from services.benefits.model.link import Checked, Link, usable
from services.benefits.model.order import Order
from services.benefits.model.saga import Input, OrderState
from services.benefits.store import allocations, entitlements, links, offers, orders, saved
from services.benefits.store.offers import Offer

#: An order rests so long before it is sent, so that a choice can still be taken back.
HOLD = timedelta(seconds=20)
_BEFORE_SENT = (OrderState.RESERVED, OrderState.QUEUED)


@dataclass(frozen=True, slots=True)
class Office:
    """What an allocation needs of its surroundings."""

    seal: Callable[[str], str]
    #: How a provider hears of a person.
    resident_ref: Callable[[UUID, UUID], str]
    now: datetime
    hold: timedelta = HOLD


@dataclass(frozen=True, slots=True)
class Choice:
    """Which account of which payment service; with the proof that it is the resident's own wish."""

    payment_service_code: str
    #: As it was typed, or the id of one that is kept.
    account: str | UUID
    proof: Proof


@dataclass(frozen=True, slots=True)
class _Target:
    """An account that may be paid to, and why."""

    offer: Offer
    code: str
    account: Account
    link: Link
    proof_id: UUID | None
    saved_service_id: UUID | None
    chosen_by: str


async def allocate(
    conn: Connection, office: Office, here: Here, entitlement_id: UUID, choice: Choice
) -> Order:
    """Give the points of an entitlement to an account, proven by the card for exactly this."""
    entitlement, target = await _proven_target(conn, office, here, entitlement_id, choice)
    return await _allocate(conn, office, entitlement, target)


async def allocate_saved(
    conn: Connection, office: Office, entitlement_id: UUID, saved_id: UUID, *, chosen_by: str
) -> Order:
    """Give them to a service that was saved with the card before."""
    known = await entitlements.entitlement(conn, entitlement_id, locked=True)
    kept = await saved.saved_service(conn, known.resident_id, saved_id)
    entitlement, found = await offers.offered(conn, entitlement_id, kept.code)
    offer = _offered(found)
    link = await links.link_account(
        conn, offer.payment_service_id, kept.account.digest, entitlement.resident_id
    )
    target = _Target(offer, kept.code, kept.account, link, None, saved_id, chosen_by)
    return await _allocate(conn, office, entitlement, target)


async def change(
    conn: Connection, office: Office, here: Here, entitlement_id: UUID, choice: Choice
) -> Order:
    """Choose another account, as long as the order has not been sent."""
    before = await orders.live_order(conn, entitlement_id)
    entitlement, target = await _proven_target(conn, office, here, entitlement_id, choice)
    if before is not None:
        if before.state not in _BEFORE_SENT or not target.offer.change_allowed:
            detail = "付与の手続きが始まっているため、受け取り先は変えられません。"
            raise Conflict("allocation-sent", detail)
        await hear(
            conn, before, Input.CANCEL, Heard(office.now, actor=f"resident/{here.resident_id}")
        )
        entitlement = await entitlements.entitlement(conn, entitlement_id, locked=True)
    return await _allocate(conn, office, entitlement, target)


async def _proven_target(
    conn: Connection, office: Office, here: Here, entitlement_id: UUID, choice: Choice
) -> tuple[Entitlement, _Target]:
    """The resident's own entitlement, locked, and the account the card was read for."""
    code = choice.payment_service_code
    entitlement, found = await offers.offered(conn, entitlement_id, code)
    if entitlement.resident_id != here.resident_id:
        raise NotFound("no-such-entitlement", "このポイントは見つかりません。")
    account = await account_of(conn, office.seal, here.resident_id, code, choice.account)
    offer = _offered(found)
    proof = proven(choice.proof, here, entitlement.id, code, account.digest, office.now)
    link = await links.link_proven(
        conn, offer.payment_service_id, account.digest, proof, office.now
    )
    chosen_by = "resident" if here.desk_id is None else "desk"
    return entitlement, _Target(offer, code, account, link, proof.proof_id, None, chosen_by)


def _offered(found: Offer | None) -> Offer:
    if found is None or not found.offered:
        detail = "この施策では選べない決済サービスです。一覧から選び直してください。"
        error = FieldError("payment_service_code", "service-not-offered", detail)
        raise Invalid("service-not-offered", detail, errors=[error])
    return found


async def _allocate(
    conn: Connection, office: Office, entitlement: Entitlement, target: _Target
) -> Order:
    _allocatable(entitlement, office.now)
    link = usable(target.link, entitlement.resident_id, office.now)
    if link.forgets(office.now):
        await links.save_check(conn, [link.id], Checked.UNASKED, at=None)
    allocation = _allocation(office, entitlement, target)
    order, promise = await _ordered(conn, office, entitlement, allocation, target.offer)
    held = entitlement.stepped(State.RESERVED, office.now)
    await allocations.add_allocation(conn, allocation, held, order, promise)
    say_held(conn, held, target.offer)
    more = {"order_id": order.id, "chosen_by": allocation.chosen_by}
    publish_allocation(conn, allocation, order, AllocationMade, **more)
    return order


def _allocatable(entitlement: Entitlement, now: datetime) -> None:
    if day_of(now) > entitlement.allocate_by:
        raise Gone(
            "allocation-late", "受け取り先を決める期限を過ぎました。自治体にお問い合わせください。"
        )
    if entitlement.state is not State.ISSUED:
        detail = (
            "このポイントの受け取り先は、もう決まっています。画面を開き直して、確かめてください。"
        )
        raise Conflict("allocation-exists", detail)


def _allocation(office: Office, entitlement: Entitlement, target: _Target) -> Allocation:
    return Allocation(
        id=new_id(),
        entitlement_id=entitlement.id,
        person_id=entitlement.person_id,
        resident_id=entitlement.resident_id,
        payment_service_id=target.offer.payment_service_id,
        payment_service_code=target.code,
        provider_id=target.offer.provider_id,
        account=target.account,
        proof_id=target.proof_id,
        saved_service_id=target.saved_service_id,
        chosen_by=target.chosen_by,
        revision=1,
        created_at=office.now,
        said_at=office.now,
    )


async def _ordered(
    conn: Connection,
    office: Office,
    entitlement: Entitlement,
    allocation: Allocation,
    offer: Offer,
) -> tuple[Order, Transfer]:
    """The order, and the promise of its yen to the provider; both are still to be kept."""
    order_id, provider_id = new_id(), allocation.provider_id
    # What is owed lies in as many lanes as what was reserved: no row is everybody's.
    payable = offer.payable or await ledger.account(
        conn, offer.ledger, AccountKind.PAYABLE, provider_id, entitlement.lane
    )
    promise = Transfer(
        key=f"order/{order_id}",
        ledger=offer.ledger,
        debit=payable,
        credit=offer.reserved,
        amount=entitlement.amount,
        code=Code.ORDER,
        business_ref=order_id,
        actor=f"resident/{entitlement.resident_id}",
        kind=Kind.PENDING,
    )
    order = Order(
        id=order_id,
        allocation_id=allocation.id,
        entitlement_id=entitlement.id,
        person_id=entitlement.person_id,
        measure_id=entitlement.measure_id,
        municipality_id=offer.municipality_id,
        provider_id=provider_id,
        payment_service_code=allocation.payment_service_code,
        resident_ref=office.resident_ref(provider_id, entitlement.person_id),
        amount=entitlement.amount,
        state=OrderState.RESERVED,
        version=1,
        revision=0,
        created_at=office.now,
        state_since=office.now,
        reservation_id=promise.id,
        look_at=office.now + office.hold,
    )
    return order, promise
