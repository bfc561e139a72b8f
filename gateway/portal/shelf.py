"""The shelf of documents, as content keeps it: which there are, for whom, and in which version."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.portal.copies import copy_of
from gateway.portal.visit import Visit


@dataclass(frozen=True, slots=True)
class Guideline:
    """The document a kind of organisation agrees to, by its address."""

    slug: str
    title: str

    @property
    def address(self) -> str:
        """Where it is read."""
        return f"/documents/{self.slug}"


GUIDELINES = {
    "municipality": Guideline("municipality-guideline", "自治体等登録要領"),
    "provider": Guideline("provider-guideline", "事業者登録要領"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the programme with its version of a day."""

    slug: str
    title: str
    audience: str
    version: str
    about: str
    formats: tuple[str, ...]
    item: dict[str, Any]

    @property
    def updated_on(self) -> date:
        """The day from which the version counts."""
        return date.fromisoformat(self.version)

    @property
    def address(self) -> str:
        """Where it is read."""
        return f"/documents/{self.slug}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every document; ``stale`` since when, where content does not answer, and whether anything is known."""

    documents: tuple[Document, ...] = ()
    stale: datetime | None = None
    known: bool = True

    def of(self, audience: str) -> tuple[Document, ...]:
        """The documents one kind of organisation reads."""
        return tuple(d for d in self.documents if d.audience == audience)


_FORMATS = {
    "application/pdf": "PDF",
    "text/csv": "CSV",
    "application/zip": "ZIP",
    "image/png": "画像",
    "image/jpeg": "画像",
}


def format_of(media_type: str) -> str:
    """The word for a kind of file."""
    ending = media_type.rsplit(".", 1)[0].rsplit(".", 1)[-1]
    office = {"spreadsheetml": "Excel", "wordprocessingml": "Word", "presentationml": "PowerPoint"}
    return _FORMATS.get(media_type) or office.get(ending, "ファイル")


async def shelf(visit: Visit, as_of: str = "") -> Shelf:
    """The shelf as it stands, or as it stood at the end of a day."""
    query = {"as_of": as_of} if as_of else None
    if visit.visitor is not None:
        own = await visit.ask("GET", "content/own/documents", query=query)
        if own.ok:
            return Shelf(_read(own.json()))
    copy = await copy_of(visit, "content/documents", query)
    return Shelf(_read(copy.data), copy.stale, copy.known)


def _read(answer: dict[str, Any]) -> tuple[Document, ...]:
    return tuple(
        Document(
            slug=item["slug"],
            title=item["title"],
            audience=item["shelf"],
            version=item["name"],
            about=item["about"],
            formats=(*dict.fromkeys(format_of(f["media_type"]) for f in item["files"]), "HTML"),
            item=item,
        )
        for item in answer.get("items", [])
    )
