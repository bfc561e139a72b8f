"""The documents the portal holds: which there are, for whom, and in which version."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the programme with the day of its current version."""

    slug: str
    title: str
    audience: str
    updated_on: date
    about: str

    @property
    def version(self) -> str:
        """How the version is called: its day."""
        return self.updated_on.isoformat()

    @property
    def address(self) -> str:
        """Where it is read."""
        return f"/documents/{self.slug}"


DOCUMENTS = (
    Document(
        "municipality-guideline",
        "自治体等登録要領",
        "municipality",
        date(2023, 4, 12),
        "自治体・広域連合などが登録するときの決まりと、出す書類。",
    ),
    Document(
        "provider-guideline",
        "事業者登録要領",
        "provider",
        date(2023, 5, 26),
        "決済事業者と決済サービスを登録するときの決まりと、出す書類。",
    ),
    Document(
        "grant-guideline",
        "付与要領",
        "provider",
        date(2023, 9, 7),
        "ポイントを付けるとき、取り消すとき、精算するときの決まり。",
    ),
    Document(
        "prescribed-forms",
        "規定様式",
        "provider",
        date(2022, 9, 13),
        "登録申請で使う様式の一覧と、書き方。",
    ),
)
BY_SLUG = {d.slug: d for d in DOCUMENTS}


def for_audience(kind: str) -> tuple[Document, ...]:
    """The documents one kind of organisation reads."""
    return tuple(d for d in DOCUMENTS if d.audience == kind)
