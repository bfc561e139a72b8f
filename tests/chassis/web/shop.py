"""A service small enough to be seen whole, on the real chassis: it keeps things with names."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection, UniqueViolation
from chassis.outbox import publish
from chassis.refusal import Conflict, NotFound, Stale
from chassis.web import Answer, Ask, Body, Json, Query, Routes
from contracts.event import Fact
from contracts.principal import Role
from contracts.values import OrganisationKind

routes = Routes("/api/v1/shop", tag="shop")


class ThingNamed(Fact):
    """A thing has a name from now on."""

    type: ClassVar[str] = "shop.thing.named.v1"
    thing_id: UUID
    name: str


class ThingBody(Body):
    """What a thing is called and how many there are."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    count: Annotated[int, Field(ge=0, le=1000)] = 0


class ThingView(BaseModel):
    """A thing as it is shown."""

    thing_id: UUID
    name: str
    revision: int


class ThingsQuery(Query):
    """How many, and which."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    q: Annotated[str, Field(max_length=50)] = ""


@routes.get("/things", public=True, answers=ThingView)
async def things(ask: Ask, conn: Connection, query: ThingsQuery) -> Json:
    """The things, made to JSON by SQL."""
    found = await conn.fetchval(
        "SELECT coalesce(json_agg(t ORDER BY name), '[]')::text"
        " FROM (SELECT * FROM things WHERE name LIKE '%' || $2 || '%' LIMIT $1) t",
        query.limit,
        query.q,
    )
    return Json(found, etag="list")


@routes.get("/things/{thing_id}", roles={Role.VIEWER, Role.ADMIN}, scopes={"shop:read"})
async def thing(ask: Ask, conn: Connection, thing_id: UUID) -> ThingView:
    """One thing."""
    row = await conn.fetchrow("SELECT * FROM things WHERE thing_id = $1", thing_id)
    if row is None:
        raise NotFound("no-such-thing", "そのものは見つかりません。")
    return ThingView.model_validate(dict(row))


@routes.post(
    "/things/{thing_id}",
    roles={Role.ADMIN},
    organisation={OrganisationKind.MUNICIPALITY},
    status=201,
)
async def make(ask: Ask, conn: Connection, thing_id: UUID, body: ThingBody) -> ThingView:
    """Make a thing."""
    try:
        async with conn.transaction():
            await conn.execute(
                "INSERT INTO things (thing_id, name, revision) VALUES ($1, $2, 1)",
                thing_id,
                body.name,
            )
    except UniqueViolation:
        raise Conflict("thing-exists", "同じものがすでにあります。") from None
    publish(conn, ThingNamed(thing_id=thing_id, revision=1, name=body.name))
    return ThingView(thing_id=thing_id, name=body.name, revision=1)


@routes.put("/things/{thing_id}", roles={Role.ADMIN}, if_match=True)
async def rename(ask: Ask, conn: Connection, thing_id: UUID, body: ThingBody) -> Answer:
    """Call a thing something else."""
    revision = await conn.fetchval(
        "SELECT revision FROM things WHERE thing_id = $1 FOR UPDATE", thing_id
    )
    if revision != ask.if_match:
        raise Stale("thing-changed", "ほかの方が先に変えました。新しい内容を確かめてください。")
    await conn.execute(
        "UPDATE things SET name = $2, revision = revision + 1 WHERE thing_id = $1",
        thing_id,
        body.name,
    )
    publish(conn, ThingNamed(thing_id=thing_id, revision=revision + 1, name=body.name))
    view = ThingView(thing_id=thing_id, name=body.name, revision=revision + 1)
    return Answer(view, etag=str(view.revision))


@routes.post("/break", public=True, idempotent=False)
async def break_down(ask: Ask, conn: Connection) -> None:
    """Say a fact, then fail: nothing of it may be left."""
    publish(conn, ThingNamed(thing_id=UUID(int=9), revision=1, name="half"))
    raise RuntimeError("the secret of the house is 42")


@routes.get("/internal/secret", internal=True, answers=ThingView)
async def secret(ask: Ask) -> Json:
    """For our own services only."""
    return Json(b"{}")


@routes.post("/files", roles={Role.ADMIN}, takes=("text/csv",), body_limit=1000, status=201)
async def take_file(ask: Ask, conn: Connection, body: bytes) -> None:
    """Take a file as it is."""


@routes.get("/own-things", kinds={"resident"})
async def own_things(ask: Ask) -> ThingView:
    """What a resident finds here."""
    return ThingView(thing_id=UUID(ask.principal.subject), name=str(ask.principal), revision=1)
