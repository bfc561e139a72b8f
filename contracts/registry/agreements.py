"""What the registry says of contracts (契約) that are signed with an outside signing service."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class ContractFact(Fact):
    """A fact about one contract of a match."""

    contract_id: UUID
    match_id: UUID
    municipality_id: UUID
    provider_id: UUID


class ContractReady(ContractFact):
    """Text and signers are complete; it goes out as soon as the signing service takes it."""

    type: ClassVar[str] = "registry.contract.ready.v1"


class ContractDelayed(ContractFact):
    """The signing service is closed or away; it goes out after ``until``."""

    type: ClassVar[str] = "registry.contract.delayed.v1"
    until: AwareDatetime


class ContractSent(ContractFact):
    """It lies with the first signer (先方確認中); the mailed link lives until ``link_until``."""

    type: ClassVar[str] = "registry.contract.sent.v1"
    link_until: AwareDatetime


class ContractReminded(ContractFact):
    """A new link went out, the one before is dead."""

    type: ClassVar[str] = "registry.contract.reminded.v1"
    link_until: AwareDatetime


class ContractLinkExpired(ContractFact):
    """The link died unused; somebody has to remind."""

    type: ClassVar[str] = "registry.contract.link_expired.v1"


class ContractBounced(ContractFact):
    """The mail to a signer came back; the address has to be put right."""

    type: ClassVar[str] = "registry.contract.bounced.v1"


class ContractSendFailed(ContractFact):
    """The signing service refused it; the text or the signers have to be put right."""

    type: ClassVar[str] = "registry.contract.send_failed.v1"
    message: str


class ContractConcluded(ContractFact):
    """Everybody signed (締結完了); it holds from ``valid_from`` until ``valid_until``."""

    type: ClassVar[str] = "registry.contract.concluded.v1"
    concluded_at: AwareDatetime
    valid_from: date
    valid_until: date


class ContractRejected(ContractFact):
    """A signer refused it (却下)."""

    type: ClassVar[str] = "registry.contract.rejected.v1"
    message: str


class ContractCancelled(ContractFact):
    """The sender took it back (取消)."""

    type: ClassVar[str] = "registry.contract.cancelled.v1"
    reason: str


class ContractEnded(ContractFact):
    """It holds no longer, by its day or because it was given notice."""

    type: ClassVar[str] = "registry.contract.ended.v1"
    ended_on: date
    reason: str
