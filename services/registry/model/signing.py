"""What a document of the signing service means, and what is to be done with it next; no I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from services.registry.model.agreement import Agreement, ContractState, Signer, Wanted


class DocumentStatus(IntEnum):
    """Where a document stands in the signing service, in its own numbers."""

    DRAFT = 0
    OUT = 1
    CONCLUDED = 2
    CANCELLED = 3


class SignerStatus(StrEnum):
    """Where a participant of a document stands, in our words."""

    WAITING = "waiting"
    ASKED = "asked"
    OPENED = "opened"
    AGREED = "agreed"
    REJECTED = "rejected"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Participant:
    """A signer as the signing service shows them."""

    mail: str
    status: SignerStatus
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read back."""

    id: str
    status: DocumentStatus
    #: Title and note: our reference stands in one of them.
    words: str
    files: tuple[str, ...]
    participants: tuple[Participant, ...]
    #: When the last mail with a link went out.
    mailed_at: datetime | None

    def participant(self, mail: str) -> Participant | None:
        """The participant with an address."""
        return next((p for p in self.participants if p.mail.casefold() == mail.casefold()), None)


class Act(StrEnum):
    """A call that may change something outside."""

    CREATE = "create"
    ATTACH = "attach"
    ADD_SIGNER = "add_signer"
    SEND = "send"
    REMIND = "remind"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Tried:
    """The last try of an act: when it began, and how it ended."""

    begun_at: datetime
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Next:
    """The next call; none when only what was read has to be written down."""

    act: Act | None
    signer: Signer | None = None


def next_act(
    agreement: Agreement,
    signers: tuple[Signer, ...],
    document: Document | None,
    reminders: int,
) -> Next:
    """What brings a contract nearer to what is wanted; every call is one of these steps."""
    if document is None:
        return Next(Act.CREATE)
    if document.status is DocumentStatus.DRAFT:
        return _from_draft(agreement, signers, document)
    if document.status is DocumentStatus.OUT and agreement.state is not ContractState.READY:
        if agreement.wanted is Wanted.CANCEL:
            return Next(Act.CANCEL)
        if agreement.wanted is Wanted.REMIND and not was_reminded(agreement, document, reminders):
            return Next(Act.REMIND)
    return Next(None)


def _from_draft(agreement: Agreement, signers: tuple[Signer, ...], document: Document) -> Next:
    if agreement.file_name not in document.files:
        return Next(Act.ATTACH)
    missing = (s for s in signers if document.participant(s.mail) is None)
    if signer := next(missing, None):
        return Next(Act.ADD_SIGNER, signer)
    return Next(Act.SEND)


def was_reminded(agreement: Agreement, document: Document, reminders: int) -> bool:
    """Whether another mail went out since we looked: theirs tells it, or ``reminders`` were answered well.

    Only instants of their clock are compared with each other; ours may be another.
    """
    known, seen = agreement.mailed_at, document.mailed_at
    later = known is not None and seen is not None and seen > known
    return later or reminders > agreement.reminded_count


def nonsense(agreement: Agreement, signers: tuple[Signer, ...], document: Document) -> str:
    """Why what was read cannot be true of this contract; empty if it can."""
    if agreement.external_document_id not in (None, document.id):
        return "another document than was asked for"
    if agreement.reference not in document.words:
        return "a document without our reference"
    if document.status is DocumentStatus.DRAFT:
        later = agreement.state not in (ContractState.READY, ContractState.SENDING)
        return "a draft, though it was sent" if later else ""
    if any(document.participant(s.mail) is None for s in signers):
        return "a signer is missing"
    agreed = all(
        found.status is SignerStatus.AGREED
        for s in signers
        if (found := document.participant(s.mail))
    )
    if document.status is DocumentStatus.CONCLUDED and not agreed:
        return "concluded, though somebody did not agree"
    return ""


def bounced(document: Document) -> bool:
    """Whether the mail to somebody who is to sign came back."""
    return any(p.status is SignerStatus.BOUNCED for p in document.participants)


def rejected(document: Document) -> bool:
    """Whether a signer refused."""
    return any(p.status is SignerStatus.REJECTED for p in document.participants)
