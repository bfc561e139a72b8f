"""The directory of all prefectures and municipalities, registered or not."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.refusal import NotFound
from chassis.web import Answer, Query, Routes
from contracts.values import MunicipalityKind, PrefectureCode
from services.registry.api.asked import Text
from services.registry.model.codes import DirectoryEntry
from services.registry.store import codes

routes = Routes("/api/v1/registry", tag="registry")
#: Changes when bodies merge, which is known months before.
_KEPT = {"Cache-Control": "public, max-age=3600"}

SixDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class MunicipalityCodeView(BaseModel):
    """A prefecture or municipality with its local government code."""

    code: str
    kind: MunicipalityKind
    name: str
    name_kana: str
    county: str
    prefecture_code: str
    prefecture: str


class MunicipalityCodePage(Page[MunicipalityCodeView]):
    """A page of the directory."""


class CodeQuery(Query):
    """Part of a name, reading or code; prefecture; kind."""

    q: Text | None = None
    prefecture: PrefectureCode | None = None
    kind: MunicipalityKind | None = None
    after: Annotated[str, StringConstraints(max_length=100)] | None = None
    limit: int = Field(default=20, ge=1, le=2000)


@routes.get("/municipality-codes", public=True, answers=MunicipalityCodePage)
async def municipality_codes(conn: Connection, query: CodeQuery) -> Answer:
    """Prefectures and municipalities by name, reading or code."""
    after = after_of(query.after, str)
    found = await codes.search_codes(
        conn,
        text=query.q,
        prefecture=query.prefecture,
        kind=query.kind,
        after=str(after[0]) if after else None,
        limit=query.limit + 1,
    )
    more = len(found) > query.limit
    page = MunicipalityCodePage(
        items=[_view(entry) for entry in found[: query.limit]],
        next=cursor_of(found[query.limit - 1].code) if more else None,
    )
    return Answer(page, headers=_KEPT)


@routes.get("/municipality-codes/{code}", public=True, answers=MunicipalityCodeView)
async def municipality_code(conn: Connection, code: SixDigits) -> Answer:
    """The prefecture or municipality with a code."""
    found = await codes.directory(conn, [code])
    if code not in found:
        raise NotFound(
            "municipality-code-unknown", "このコードの都道府県・市区町村は見つかりません。"
        )
    return Answer(_view(found[code]), headers=_KEPT)


def _view(entry: DirectoryEntry) -> MunicipalityCodeView:
    return MunicipalityCodeView(
        code=entry.code,
        kind=entry.kind,
        name=entry.name,
        name_kana=entry.name_kana,
        county=entry.county,
        prefecture_code=entry.prefecture_code,
        prefecture=entry.prefecture,
    )
