"""The shape every fact has."""

from datetime import UTC, datetime
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Fact(BaseModel):
    """Something one service says has become true, and any other may act on.

    A subclass names the fact in ``type`` (``registry.organisation.registered.v1``) and carries enough
    to be understood without asking the speaker. Readers ignore fields they do not know, so an optional
    field may be added; anything else is a new ``v``.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    #: ``service.noun.what_happened.vN``; routing key and name on the wire.
    type: ClassVar[str]
    #: Feeds this fact always enters (a command may name more when it publishes).
    feeds: ClassVar[tuple[str, ...]] = ()

    #: The version of the subject this fact made: 1, 2, 3 … without gaps.
    revision: int = Field(ge=1)
    occurred_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def kind(cls) -> str:
        """What kind of subject it speaks about: ``registry.organisation``. Services subscribe to kinds."""
        service, noun, *_ = cls.type.split(".")
        return f"{service}.{noun}"

    @property
    def subject(self) -> str:
        """The one thing it speaks about: ``organisation/01934…``. Facts of one subject keep their order."""
        noun = self.type.split(".")[1]
        return f"{noun}/{getattr(self, f'{noun}_id')}"


def facts_of(module: object) -> dict[str, type[Fact]]:
    """Every fact a contracts module declares, by type."""
    found = [f for f in vars(module).values() if isinstance(f, type) and issubclass(f, Fact)]
    return {f.type: f for f in found if f is not Fact and "type" in vars(f)}
