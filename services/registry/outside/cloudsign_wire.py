"""CloudSign's answers as they come over the wire, read strictly: what does not fit is nonsense."""

from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.registry.model.signing import Document, DocumentStatus, Participant, SignerStatus
from services.registry.outside import Nonsense

T = TypeVar("T", bound=BaseModel)
_Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,100}$")]

#: Of participants, as we read the public material; to be checked against the specification of the contract
#: (docs/decisions/0022). A number that is not here is nonsense and changes nothing.
_PARTICIPANT = {
    0: SignerStatus.WAITING,
    1: SignerStatus.ASKED,
    2: SignerStatus.AGREED,
    3: SignerStatus.REJECTED,
    4: SignerStatus.BOUNCED,
    5: SignerStatus.OPENED,
}


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Token(_Answer):
    """A bearer token and its seconds."""

    access_token: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    expires_in: Annotated[int, Field(gt=0, le=86_400)]


class _File(_Answer):
    name: str


class _Participant(_Answer):
    email: str
    status: int
    processed_at: AwareDatetime | None = None


class Draft(_Answer):
    """A document."""

    id: _Id
    title: str = ""
    note: str = ""
    status: int
    sent_at: AwareDatetime | None = None
    files: tuple[_File, ...] = ()
    participants: tuple[_Participant, ...] = ()

    def document(self) -> Document:
        """The document in our words."""
        try:
            return Document(
                id=self.id,
                status=DocumentStatus(self.status),
                words=f"{self.title} {self.note}",
                files=tuple(f.name for f in self.files),
                participants=tuple(
                    Participant(p.email, _PARTICIPANT[p.status], p.processed_at)
                    for p in self.participants
                    if p.email
                ),
                mailed_at=self.sent_at,
            )
        except (ValueError, KeyError) as why:
            raise Nonsense(f"{why!r} in {self.model_dump_json()[:2000]}") from None


class _Listed(_Answer):
    id: _Id
    title: str = ""
    note: str = ""


class DocumentList(_Answer):
    """A page of documents."""

    documents: tuple[_Listed, ...]


def read_as(kind: type[T], content: bytes) -> T:
    """An answer as what it should be."""
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        raise Nonsense(content[:2000].decode(errors="replace")) from None
