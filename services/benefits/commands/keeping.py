"""Residents keep accounts of payment services for later (マイ決済サービス), each shown to the card once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid
from contracts.proof import Proof
from services.benefits.model.allocation import (
    Account,
    Here,
    account_digest,
    checked_account,
    proven_to_keep,
)
from services.benefits.model.link import usable
from services.benefits.store import links, partners, saved
from services.benefits.store.proofs import use_proof

#: More would be a list nobody reads.
MOST = 20


@dataclass(frozen=True, slots=True)
class Keeping:
    """An account somebody wants to keep, and the card's word for it."""

    payment_service_code: str
    account_id: str
    proof: Proof


async def keep(
    conn: Connection, seal: Callable[[str], str], here: Here, wish: Keeping, now: datetime
) -> UUID:
    """Keep an account for later; the card was read for exactly that."""
    code, account_id = wish.payment_service_code, checked_account(wish.account_id)
    digest = account_digest(account_id)
    service_id = await partners.offered_service(conn, code)
    if service_id is None:
        detail = "いま選べない決済サービスです。一覧から選び直してください。"
        error = FieldError("payment_service_code", "service-not-offered", detail)
        raise Invalid("service-not-offered", detail, errors=[error])
    proof = proven_to_keep(wish.proof, here, code, digest, now)
    await use_proof(conn, proof, now)
    known = await links.link_of_account(conn, service_id, digest)
    if known is not None:
        usable(known, here.resident_id, now)
    if await saved.count_of(conn, here.resident_id) >= MOST:
        detail = f"登録できるのは{MOST}件までです。使わないものの登録をやめてください。"
        raise Conflict("services-full", detail)
    made = new_id()
    account = Account(seal(account_id), digest, account_id[-4:])
    try:
        await saved.add_service(
            conn, made, here.resident_id, service_id, account, proof.proof_id, now
        )
    except UniqueViolation:
        raise Conflict("service-kept-already", "この受け取り先は、もう登録されています。") from None
    return made


async def account_of(
    conn: Connection, seal: Callable[[str], str], resident_id: UUID, code: str, given: UUID | str
) -> Account:
    """The account that is meant: one that was typed, or one that is kept."""
    if isinstance(given, str):
        account_id = checked_account(given)
        return Account(seal(account_id), account_digest(account_id), account_id[-4:])
    kept = await saved.saved_service(conn, resident_id, given)
    if kept.code != code:
        detail = "登録した受け取り先と決済サービスが合いません。選び直してください。"
        error = FieldError("saved_service_id", "service-differs", detail)
        raise Invalid("service-differs", detail, errors=[error])
    return kept.account
