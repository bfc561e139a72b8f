"""An announcement: something many may want to hear of, because of one fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from contracts.values import OrganisationKind
from services.notifications.model.letter import Cause
from services.notifications.model.writing import Value

_NAMESPACE = UUID("5f0c2f5e-3a55-5b0e-9d3c-6c1f4f0f7a11")
#: Languages every announcement is told in; the first is the one that is never missing.
LANGUAGES = ("ja", "easy", "en")
PUBLIC = "public"
#: Whoever reads public news: everybody.
EVERYBODY: frozenset[str] = frozenset({PUBLIC, *OrganisationKind})


_MEMBERS: frozenset[str] = frozenset(OrganisationKind)
_AUDIENCES: Mapping[str, frozenset[str]] = {
    "public": EVERYBODY,
    "everyone": EVERYBODY,
    "members": _MEMBERS,
    "municipality": frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.SECRETARIAT}),
    "provider": frozenset({OrganisationKind.PROVIDER, OrganisationKind.SECRETARIAT}),
}


def audience_of(word: str) -> frozenset[str]:
    """Whom a speaker means; a word nobody knows means nobody but the secretariat, never everybody."""
    return _AUDIENCES.get(word, frozenset({OrganisationKind.SECRETARIAT}))


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is announced, to whom, and what it is about."""

    cause: Cause
    #: What sort of news it is; always one of its facets.
    kind: str
    template: str
    #: Where it stands in the portal (``/measures/0198…``).
    address: str
    #: The values of the template, by language; Japanese is always there.
    values: Mapping[str, Mapping[str, Value]]
    facets: frozenset[str] = frozenset()
    audience: frozenset[str] = EVERYBODY
    #: It passes quiet hours and digests.
    urgent: bool = False
    #: It puts right what was announced before of the same subject: only those who were told hear of it.
    corrects: str | None = None
    announcement_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        """Computed from the fact: the same fact, told again, is the same announcement."""
        made = uuid5(_NAMESPACE, f"{self.cause.about}/{self.cause.revision}")
        object.__setattr__(self, "announcement_id", made)

    @property
    def said(self) -> list[str]:
        """Every facet it has, with its kind and its audience."""
        return sorted(
            {*self.facets, f"kind:{self.kind}", *(f"audience:{a}" for a in self.audience)}
        )
