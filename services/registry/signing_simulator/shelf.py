"""The simulator's documents and what happens to them."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel

from chassis.clock import now

DRAFT, OUT, CONCLUDED, CANCELLED = 0, 1, 2, 3
WAITING, ASKED, AGREED, REJECTED, BOUNCED, OPENED = 0, 1, 2, 3, 4, 5
LINK_LIFE = timedelta(days=10)
TOKEN_SECONDS = 3600


class Wrong(Exception):
    """The API refuses: status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Participant(BaseModel):
    """A signer."""

    id: str
    email: str
    name: str
    organization: str = ""
    order: int
    status: int = WAITING
    processed_at: datetime | None = None


class Mail(BaseModel):
    """A mail with a link that went to a signer."""

    at: datetime
    to: str
    link: str
    kind: str


class Document(BaseModel):
    """A document."""

    id: str
    title: str
    note: str = ""
    status: int = DRAFT
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    files: list[dict[str, str | int]] = []
    participants: list[Participant] = []
    mails: list[Mail] = []

    def turn(self) -> Participant | None:
        """Whose turn it is to sign."""
        return next((p for p in self.participants if p.status != AGREED), None)

    @property
    def link(self) -> str | None:
        """The one link that opens it; each mail kills the one before."""
        return self.mails[-1].link if self.mails and self.status == OUT else None


class _Kept(BaseModel):
    documents: dict[str, Document] = {}
    days_ahead: int = 0


class Shelf:
    """Every document, kept in a file where there is one."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._kept = _Kept()
        self.tokens: dict[str, datetime] = {}
        #: Letters the name of an organisation may have.
        self.longest = 64
        if file is not None and file.exists():
            self._kept = _Kept.model_validate_json(file.read_bytes())

    @property
    def documents(self) -> list[Document]:
        """All of them, the oldest first."""
        return list(self._kept.documents.values())

    def now(self) -> datetime:
        """The simulator's own time: ahead of ours by the days that were let pass."""
        return now().astimezone(UTC) + timedelta(days=self._kept.days_ahead)

    def let_pass(self, days: int) -> None:
        """Some days go by."""
        self._kept.days_ahead += days
        self.keep()

    def keep(self) -> None:
        """Write everything down."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_suffix(".new")
            new.write_text(self._kept.model_dump_json(), encoding="utf-8")
            new.replace(self._file)

    def issue_token(self) -> str:
        """A token for an hour."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.now() + timedelta(seconds=TOKEN_SECONDS)
        return token

    def knows_token(self, token: str) -> bool:
        """Whether a token is one of ours and still lives."""
        return self.now() < self.tokens.get(token, self.now())

    def document(self, document_id: str) -> Document:
        """One document."""
        found = self._kept.documents.get(document_id)
        if found is None:
            raise Wrong(404, "document not found")
        return found

    def create(self, title: str, note: str) -> Document:
        """A new draft."""
        if not 1 <= len(title) <= 500:
            raise Wrong(400, "title must have 1 to 500 characters")
        at = self.now()
        made = Document(
            id=secrets.token_hex(16), title=title, note=note, created_at=at, updated_at=at
        )
        self._kept.documents[made.id] = made
        self._touched(made)
        return made

    def attach(self, document_id: str, name: str, pdf: bytes) -> Document:
        """A file into a draft."""
        found = self._draft(document_id)
        if not pdf.startswith(b"%PDF-"):
            raise Wrong(400, "only PDF files are taken")
        found.files.append({"id": secrets.token_hex(8), "name": name, "size": len(pdf)})
        return self._touched(found)

    def add_participant(
        self, document_id: str, email: str, name: str, organization: str
    ) -> Document:
        """A signer into a draft."""
        found = self._draft(document_id)
        if "@" not in email or len(email) > 254 or not 1 <= len(name) <= 64:
            raise Wrong(400, "email and name are needed: at most 254 and 64 characters")
        if len(organization) > self.longest:
            raise Wrong(400, f"organization has at most {self.longest} characters")
        if any(p.email == email for p in found.participants):
            raise Wrong(400, "this participant is there already")
        new = Participant(
            id=secrets.token_hex(8),
            email=email,
            name=name,
            organization=organization,
            order=len(found.participants) + 1,
        )
        found.participants.append(new)
        return self._touched(found)

    def send_or_remind(self, document_id: str) -> Document:
        """Send a draft; remind of what was sent."""
        found = self.document(document_id)
        if found.status in (CONCLUDED, CANCELLED):
            raise Wrong(400, "this document is finished")
        if not found.files or not found.participants:
            raise Wrong(400, "a file and a participant are needed")
        kind = "remind" if found.status == OUT else "send"
        found.status = OUT
        self._mail(found, kind)
        return self._touched(found)

    def cancel(self, document_id: str) -> Document:
        """The sender takes it back."""
        found = self.document(document_id)
        if found.status != OUT:
            raise Wrong(400, "only a sent document can be declined")
        found.status = CANCELLED
        return self._touched(found)

    def by_link(self, link: str) -> Document | None:
        """The document a living link opens."""
        for found in self.documents:
            if found.link == link and self.now() < found.mails[-1].at + LINK_LIFE:
                return found
        return None

    def sign(self, document: Document, status: int) -> Document:
        """The signer whose turn it is does something."""
        signer = document.turn()
        if document.status != OUT or signer is None:
            raise Wrong(400, "nothing to sign")
        signer.status, signer.processed_at = status, self.now()
        if status == REJECTED:
            document.status = CANCELLED
        elif status == AGREED and document.turn() is None:
            document.status = CONCLUDED
        elif status == AGREED:
            self._mail(document, "send_next")
        return self._touched(document)

    def _mail(self, document: Document, kind: str) -> None:
        signer = document.turn()
        if signer is None:
            return
        bounces = signer.email.lower().startswith("bounce")
        signer.status = BOUNCED if bounces else ASKED
        document.sent_at = self.now()
        mail = Mail(at=self.now(), to=signer.email, link=secrets.token_urlsafe(12), kind=kind)
        document.mails.append(mail)

    def _draft(self, document_id: str) -> Document:
        found = self.document(document_id)
        if found.status != DRAFT:
            raise Wrong(400, "only a draft can be changed")
        return found

    def _touched(self, document: Document) -> Document:
        document.updated_at = self.now()
        self.keep()
        return document
