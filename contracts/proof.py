"""A proof: one reading of a card, by one person, for one purpose.

Identity signs it (``Keys.attest``); who acts on it reads it with ``Keys.attested(token, "identity", PROOF)`` and keeps
its id, so that it counts once.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

#: What the signature of a proof calls itself.
PROOF = "machipo-proof"
#: How long after the card was read a proof is good.
LASTS = timedelta(seconds=120)


class Purpose(StrEnum):
    """What a reading of the card is for."""

    APPLY = "apply"
    LINK = "link"


class ProvenPerson(BaseModel):
    """The person an application is for, as the signing certificate says (of a child: as was confirmed)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person_id: UUID
    name: str
    name_kana: str
    birth_on: date
    sex: str | None = None
    municipality_code: str
    address: str


class Proof(BaseModel):
    """What identity vouches for: ``resident_id`` held the own card and meant exactly ``target``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    proof_id: UUID
    resident_id: UUID
    purpose: Purpose
    #: ``apply/<measure_id>/<person_id>``, ``link/<entitlement_id>/<payment_service_code>/<account digest>`` or
    #: ``keep/<payment_service_code>/<account digest>``.
    target: str
    desk_id: UUID | None = None
    staff_id: UUID | None = None
    #: SHA-256 of the signed text and its signature, in hexadecimal digits.
    assertion_hash: str
    asserted_at: AwareDatetime
    #: Only with ``apply``.
    person: ProvenPerson | None = None

    def covers(self, purpose: Purpose, target: str, now: datetime) -> bool:
        """Whether it is for exactly this, and the card was read a moment ago."""
        fresh = -LASTS / 2 <= now - self.asserted_at <= LASTS
        return fresh and self.purpose is purpose and self.target == target


def apply_target(measure_id: UUID, person_id: UUID) -> str:
    """What a card is read for when somebody applies to a measure."""
    return f"apply/{measure_id}/{person_id}"


def link_target(entitlement_id: UUID, payment_service_code: str, account_digest: str) -> str:
    """What a card is read for when points are allocated to an account of a payment service."""
    return f"link/{entitlement_id}/{payment_service_code}/{account_digest}"


def keep_target(payment_service_code: str, account_digest: str) -> str:
    """What a card is read for when an account of a payment service is kept for later; its purpose is ``link``."""
    return f"keep/{payment_service_code}/{account_digest}"
