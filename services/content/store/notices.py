"""Notices, their editions and steps."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import orjson

from chassis.database import Connection, Record, UniqueViolation
from chassis.refusal import Conflict, NotFound
from services.content.model.notice import Amendment, Notice, Origin, State
from services.content.model.writing import Writing

_COLUMNS = """id, created_at, state, origin, edition, pinned, publish_at, take_down_at, withdrawn_at,
    withdrawn_reason, successor_id, amends_id, amendment, maintenance_id, version, revision, said_at"""

#: What does not change once a notice has begun.
_FIXED = frozenset({"id", "created_at", "origin", "amends_id", "amendment", "maintenance_id"})


async def notice(conn: Connection, notice_id: UUID) -> Notice:
    """One notice, drafts included."""
    return _known(await conn.fetchrow(f"SELECT {_COLUMNS} FROM notices WHERE id = $1", notice_id))


async def notice_for_update(conn: Connection, notice_id: UUID) -> Notice:
    """One notice, held until the transaction ends."""
    return _known(
        await conn.fetchrow(f"SELECT {_COLUMNS} FROM notices WHERE id = $1 FOR UPDATE", notice_id)
    )


async def next_due(conn: Connection, now: datetime) -> Notice | None:
    """A notice whose time to go up or come down has come; other copies of the job get other ones."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM notices
         WHERE (state = 'scheduled' AND publish_at <= $1) OR (state = 'published' AND take_down_at <= $1)
         ORDER BY coalesce(CASE WHEN state = 'scheduled' THEN publish_at END, take_down_at), id
         LIMIT 1
           FOR UPDATE SKIP LOCKED
        """,
        now,
    )
    return _notice(row) if row else None


async def newest_of_window(conn: Connection, maintenance_id: UUID) -> Notice | None:
    """The last notice about a maintenance window that is up, was up or will be.

    Of its amendments only those that readers were told and that were not taken back.
    """
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM notices
         WHERE maintenance_id = $1 AND state NOT IN ('draft', 'discarded')
           AND (amends_id IS NULL OR state NOT IN ('scheduled', 'withdrawn'))
         ORDER BY publish_at DESC, id DESC LIMIT 1 FOR UPDATE
        """,
        maintenance_id,
    )
    return _notice(row) if row else None


async def planned_amendment(conn: Connection, notice_id: UUID) -> Notice | None:
    """The amendment of a notice that nobody has read yet, held until the transaction ends."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM notices WHERE amends_id = $1 AND state IN ('draft', 'scheduled') FOR UPDATE
        """,
        notice_id,
    )
    return _notice(row) if row else None


async def add_notice(conn: Connection, new: Notice) -> None:
    """A notice begins; an original is amended once, and its amendment next."""
    try:
        await conn.execute(
            """
            INSERT INTO notices (id, origin, edition, amends_id, amendment, maintenance_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            new.id,
            new.origin,
            new.edition,
            new.amends_id,
            new.amendment,
            new.maintenance_id,
            new.created_at,
        )
    except UniqueViolation:
        detail = "このお知らせには、もう訂正があります。その訂正のほうを訂正してください。"
        raise Conflict("notice-amended", detail) from None


async def save_notice(conn: Connection, after: Notice) -> None:
    """Keep what became of a notice."""
    kept = asdict(after)
    names = [name for name in kept if name not in _FIXED]
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(names, 2))
    await conn.execute(
        f"UPDATE notices SET {places} WHERE id = $1", after.id, *(kept[name] for name in names)
    )


async def add_edition(
    conn: Connection, notice_id: UUID, number: int, writing: Writing, *, by: str, now: datetime
) -> None:
    """One edition more."""
    await conn.execute(
        """
        INSERT INTO notice_editions (notice_id, number, category, audience, texts, links, written_at, written_by)
        VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8)
        """,
        notice_id,
        number,
        writing.category,
        writing.audience,
        writing.texts.model_dump_json(exclude_none=True),
        orjson.dumps([link.model_dump() for link in writing.links]).decode(),
        now,
        by,
    )


async def edition(conn: Connection, notice_id: UUID, number: int) -> Writing:
    """What one edition says."""
    row = await conn.fetchrow(
        "SELECT category, audience, texts, links FROM notice_editions WHERE notice_id = $1 AND number = $2",
        notice_id,
        number,
    )
    if row is None:
        raise _unknown()
    return writing_of(row)


def writing_of(row: Record) -> Writing:
    """The words of a row with the columns of an edition."""
    return Writing.model_validate(
        {
            "category": row["category"],
            "audience": row["audience"],
            "texts": orjson.loads(row["texts"]),
            "links": orjson.loads(row["links"]),
        }
    )


async def add_step(
    conn: Connection, after: Notice, act: str, *, by: str, now: datetime, note: str = ""
) -> None:
    """Remember what was done."""
    await conn.execute(
        "INSERT INTO notice_steps (notice_id, at, act, actor, edition, note) VALUES ($1, $2, $3, $4, $5, $6)",
        after.id,
        now,
        act,
        by,
        after.pinned or after.edition,
        note,
    )


async def steps_of(conn: Connection, notice_id: UUID) -> list[Record]:
    """Everything that was done with a notice, in its order."""
    return await conn.fetch(
        "SELECT at, act, actor, edition, note FROM notice_steps WHERE notice_id = $1 ORDER BY id",
        notice_id,
    )


async def on_the_desk(
    conn: Connection, states: list[str], after: tuple[UUID] | None, limit: int
) -> list[Record]:
    """Notices in these states with their newest words, the newest first."""
    return await conn.fetch(
        """
        SELECT n.id, n.state, n.origin, n.publish_at, n.take_down_at, n.amends_id, n.amendment, n.version,
               n.created_at, e.category, e.audience, e.texts, e.links
          FROM notices n
          JOIN notice_editions e ON e.notice_id = n.id AND e.number = coalesce(n.pinned, n.edition)
         WHERE n.state = ANY($1::text[]) AND ($2::uuid IS NULL OR n.id < $2)
         ORDER BY n.id DESC
         LIMIT $3
        """,
        states,
        after[0] if after else None,
        limit,
    )


def _known(row: Record | None) -> Notice:
    if row is None:
        raise _unknown()
    return _notice(row)


def _unknown() -> NotFound:
    return NotFound("notice-unknown", "このお知らせは見つかりません。")


def _notice(row: Record) -> Notice:
    return Notice(
        **{
            **dict(row),
            "state": State(row["state"]),
            "origin": Origin(row["origin"]),
            "amendment": Amendment(row["amendment"]) if row["amendment"] else None,
        }
    )
