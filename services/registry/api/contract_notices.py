"""What the signing service calls: nothing in it is believed, the document is read back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import after_of, cursor_of
from chassis.web import Ask, Body, Query, Routes
from services.registry.api.agreement_views import ContractRow, ContractRows
from services.registry.api.documents import SECRETARIAT
from services.registry.model.agreement import ContractState
from services.registry.store import match_lists, signing

routes = Routes("/api/v1/registry", tag="registry")


class NoticeBody(Body):
    """A webhook as CloudSign sends it; only which document it is about is looked at."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    documentID: Annotated[str, StringConstraints(min_length=1, max_length=100)]  # noqa: N815 - theirs


class Heard(BaseModel):
    """It was taken note of, whatever it was about."""

    heard: bool = True


class ContractListQuery(Query):
    """Contracts in a state."""

    state: ContractState | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


@routes.post("/contract-notices", public=True, idempotent=False, body_limit=16_384)
async def contract_notice(ask: Ask, conn: Connection, body: NoticeBody) -> Heard:
    """Something may have happened to a document: it is looked at again."""
    await signing.look_again(conn, body.documentID, ask.now)
    return Heard()


@routes.get("/contracts", organisation=SECRETARIAT)
async def contracts(conn: Connection, query: ContractListQuery) -> ContractRows:
    """Everybody's contracts, what moved last first."""
    rows = await match_lists.contracts(
        conn,
        state=query.state,
        after=after_of(query.after, datetime, UUID),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    return ContractRows(
        items=[ContractRow.model_validate(dict(row)) for row in page],
        next=cursor_of(last["state_since"].isoformat(), str(last["id"])) if last else None,
    )
