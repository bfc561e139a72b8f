"""Sessions with their papers and corrections."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.scheduling.model.session import (
    Audience,
    Precision,
    Programme,
    Series,
    Session,
    State,
    When,
)

_NAMES = (
    "id, series, number, fiscal_year, title, summary, audience, precision, first_on, last_on, starts_at, ends_at,"
    " place, link, video, capacity, sign_up_from, sign_up_until, over_at, state, state_since, said_at, sequence,"
    " version, revision"
)
COLUMNS = f"{_NAMES}, seated, waiting"
#: What could be read of each session at an instant.
_THEN = f"""
    (SELECT DISTINCT ON (id) {COLUMNS} FROM session_editions
      WHERE known_from <= $9 ORDER BY id, revision DESC) sessions
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions a list is to hold; ``after`` is the place of the last one seen."""

    states: tuple[State, ...]
    series: Series | None = None
    fiscal_year: int | None = None
    since: date | None = None
    until: date | None = None
    newest_first: bool = False
    after: tuple[date, UUID] | None = None
    limit: int = 50
    #: As they stood at this instant; as they stand now without it.
    at: datetime | None = None


async def add_session(conn: Connection, session: Session) -> None:
    """Keep a new draft."""
    places = ", ".join(f"${n}" for n in range(1, 26))
    await conn.execute(f"INSERT INTO sessions ({_NAMES}) VALUES ({places})", *_values(session))


async def save_session(conn: Connection, session: Session) -> None:
    """Write down where a session is now; seats are counted by the database itself."""
    await conn.execute(
        """
        UPDATE sessions
           SET series = $2, number = $3, fiscal_year = $4, title = $5, summary = $6, audience = $7, precision = $8,
               first_on = $9, last_on = $10, starts_at = $11, ends_at = $12, place = $13, link = $14, video = $15,
               capacity = $16, sign_up_from = $17, sign_up_until = $18, over_at = $19, state = $20, state_since = $21,
               said_at = $22, sequence = $23, version = $24, revision = $25
         WHERE id = $1
        """,
        *_values(session),
    )


async def session(conn: Connection, session_id: UUID, *, drafts: bool = False) -> Session:
    """A session, by its id; a draft only for those who plan."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM sessions WHERE id = $1 AND ($2 OR state <> 'draft')",
        session_id,
        drafts,
    )
    return found(row)


async def session_for_update(conn: Connection, session_id: UUID) -> Session:
    """A session, locked until the transaction ends."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM sessions WHERE id = $1 FOR UPDATE", session_id
    )
    return found(row)


async def is_known(conn: Connection, session_id: UUID) -> bool:
    """Whether there is a session of this id."""
    query = "SELECT EXISTS (SELECT FROM sessions WHERE id = $1)"
    return bool(await conn.fetchval(query, session_id))


async def due_for_update(conn: Connection, at: datetime) -> Session | None:
    """A session whose time has come, locked; what another copy has locked is left to it."""
    row = await conn.fetchrow(
        f"""
        SELECT {COLUMNS} FROM sessions
         WHERE (state = 'published' AND sign_up_from <= $1)
            OR (state IN ('registration_open', 'full') AND sign_up_until <= $1)
            OR (state = 'closed' AND over_at <= $1)
            OR (state = 'published' AND sign_up_from IS NULL AND over_at <= $1)
         ORDER BY coalesce(sign_up_from, over_at), id LIMIT 1
           FOR UPDATE SKIP LOCKED
        """,
        at,
    )
    return session_of(row) if row else None


async def sessions(conn: Connection, wanted: Wanted) -> list[Session]:
    """Sessions by their first day."""
    order, beyond = ("DESC", "<") if wanted.newest_first else ("ASC", ">")
    day, last = wanted.after or (None, None)
    rows = await conn.fetch(
        f"""
        SELECT {COLUMNS} FROM {_THEN if wanted.at else "sessions"}
         WHERE state = ANY ($1::text[])
           AND ($2::text IS NULL OR series = $2)
           AND ($3::int IS NULL OR fiscal_year = $3)
           AND ($4::date IS NULL OR last_on >= $4)
           AND ($5::date IS NULL OR first_on <= $5)
           AND ($6::date IS NULL OR (first_on, id) {beyond} ($6, $7::uuid))
         ORDER BY first_on {order}, id {order} LIMIT $8
        """,
        [s.value for s in wanted.states],
        wanted.series,
        wanted.fiscal_year,
        wanted.since,
        wanted.until,
        day,
        last,
        wanted.limit,
        *([wanted.at] if wanted.at else []),
    )
    return [session_of(row) for row in rows]


async def add_material(
    conn: Connection,
    material_id: UUID,
    session_id: UUID,
    *,
    title: str,
    audience: str,
    address: str,
    at: datetime,
) -> None:
    """Keep a paper of a session."""
    await conn.execute(
        "INSERT INTO session_materials (id, session_id, title, audience, address, added_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        material_id,
        session_id,
        title,
        audience,
        address,
        at,
    )


async def materials(conn: Connection, session_id: UUID, at: datetime | None = None) -> list[Record]:
    """The papers of a session, the first one first; only those that were there at an instant, if one is named."""
    return await conn.fetch(
        "SELECT id, title, audience, address, added_at FROM session_materials"
        " WHERE session_id = $1 AND ($2::timestamptz IS NULL OR added_at <= $2)"
        " ORDER BY added_at, id",
        session_id,
        at,
    )


async def add_correction(
    conn: Connection, session_id: UUID, *, note: str, actor: str, at: datetime
) -> None:
    """Keep what was wrong about a session that is over."""
    await conn.execute(
        "INSERT INTO session_corrections (session_id, at, actor, note) VALUES ($1, $2, $3, $4)",
        session_id,
        at,
        actor,
        note,
    )


async def corrections(
    conn: Connection, session_id: UUID, at: datetime | None = None
) -> list[Record]:
    """The corrections of a session, the first one first; only those that stood at an instant, if one is named."""
    return await conn.fetch(
        "SELECT at, note FROM session_corrections"
        " WHERE session_id = $1 AND ($2::timestamptz IS NULL OR at <= $2) ORDER BY at",
        session_id,
        at,
    )


def _values(session: Session) -> tuple[object, ...]:
    plan, when = session.programme, session.programme.when
    return (
        *(session.id, plan.series, plan.number, plan.fiscal_year, plan.title, plan.summary),
        *(plan.audience, when.precision, when.first_on, when.last_on, when.starts_at, when.ends_at),
        *(plan.place, plan.link, plan.video, plan.capacity, plan.sign_up_from, plan.sign_up_until),
        *(plan.over_at, session.state, session.state_since, session.said_at, session.sequence),
        *(session.version, session.revision),
    )


def found(row: Record | None) -> Session:
    """The session of a row, if there is one."""
    if row is None:
        raise NotFound("no-such-session", "この会は見つかりません。")
    return session_of(row)


def session_of(row: Record) -> Session:
    """The session of a row."""
    same = ("number", "fiscal_year", "title", "summary", "place", "link", "video", "capacity")
    more = ("sign_up_from", "sign_up_until", "over_at")
    programme = Programme(
        series=Series(row["series"]),
        audience=Audience(row["audience"]),
        when=When(
            Precision(row["precision"]),
            row["first_on"],
            row["last_on"],
            row["starts_at"],
            row["ends_at"],
        ),
        **{name: row[name] for name in (*same, *more)},
    )
    own = ("id", "state_since", "said_at", "sequence", "version", "revision", "seated", "waiting")
    return Session(
        programme=programme, state=State(row["state"]), **{name: row[name] for name in own}
    )
