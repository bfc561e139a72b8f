"""Where points go (割り当て): an account of a payment service, tied to a person by a reading of the card."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.refusal import FieldError, Forbidden, Invalid
from contracts.proof import Proof, Purpose, keep_target, link_target

_ACCOUNT = re.compile(r"[0-9A-Za-z._@+-]{1,64}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a payment service, sealed; the digest and the last signs tell it from others."""

    sealed: str
    digest: str
    end: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """An entitlement goes to an account."""

    id: UUID
    entitlement_id: UUID
    person_id: UUID
    resident_id: UUID
    payment_service_id: UUID
    payment_service_code: str
    provider_id: UUID
    account: Account
    proof_id: UUID | None
    saved_service_id: UUID | None
    chosen_by: str
    revision: int
    created_at: datetime
    said_at: datetime

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it."""
        return max(now, self.said_at + timedelta(microseconds=1))


def account_digest(account_id: str) -> str:
    """How a proof names an account."""
    return hashlib.sha256(account_id.encode()).hexdigest()


def checked_account(account_id: str) -> str:
    """An account as it may be written."""
    if not _ACCOUNT.fullmatch(account_id):
        detail = "半角の英数字と記号（. _ @ + -）で、64文字までで入力してください。"
        raise Invalid(
            "account-unreadable",
            "決済サービスの番号を確かめてください。",
            errors=[FieldError("account_id", "account-unreadable", detail)],
        )
    return account_id


@dataclass(frozen=True, slots=True)
class Here:
    """Who acts, and at which desk."""

    resident_id: UUID
    desk_id: UUID | None = None


def proven(
    proof: Proof, here: Here, entitlement_id: UUID, code: str, digest: str, now: datetime
) -> Proof:
    """The proof, if this very resident read the card a moment ago, here, for exactly this account."""
    return _covering(proof, here, link_target(entitlement_id, code, digest), now)


def proven_to_keep(proof: Proof, here: Here, code: str, digest: str, now: datetime) -> Proof:
    """The proof, if the card was read a moment ago, here, to keep exactly this account for later."""
    return _covering(proof, here, keep_target(code, digest), now)


def _covering(proof: Proof, here: Here, target: str, now: datetime) -> Proof:
    own = (proof.resident_id, proof.desk_id) == (here.resident_id, here.desk_id)
    if not own or not proof.covers(Purpose.LINK, target, now):
        detail = (
            "カードの確認が、この受け取り先のものではないか、2分を過ぎました。"
            "もう一度カードをかざしてください。"
        )
        raise Forbidden("proof-refused", detail)
    return proof
