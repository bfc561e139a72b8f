"""Members, their second factors, and the networks they come from."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from contracts.principal import Role
from services.identity.model.members import Member, MemberState
from services.identity.model.requests import email_key

_COLUMNS = """member_id, account_id, sign_in_id, name, email, roles, state, invited_at, password_hash,
    password_set_at, totp, totp_pending, totp_set_at, totp_step, joined_at, removed_at, last_signed_in_at"""


def member_of(row: Record) -> Member:
    """The member a row holds."""
    return Member(
        id=row["member_id"],
        account_id=row["account_id"],
        sign_in_id=row["sign_in_id"],
        name=row["name"],
        email=row["email"],
        roles=frozenset(Role(r) for r in row["roles"]),
        state=MemberState(row["state"]),
        invited_at=row["invited_at"],
        password_hash=row["password_hash"],
        password_set_at=row["password_set_at"],
        totp=row["totp"],
        totp_pending=row["totp_pending"],
        totp_set_at=row["totp_set_at"],
        totp_step=row["totp_step"],
        joined_at=row["joined_at"],
        removed_at=row["removed_at"],
        last_signed_in_at=row["last_signed_in_at"],
    )


async def add_members(conn: Connection, members: Iterable[Member]) -> None:
    """Keep people who were invited."""
    await conn.executemany(
        "INSERT INTO members (member_id, account_id, sign_in_id, name, email, email_key, roles, state, invited_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (
                m.id, m.account_id, m.sign_in_id, m.name, m.email, email_key(m.email),
                sorted(m.roles), m.state, m.invited_at,
            )
            for m in members
        ],
    )  # fmt: skip


async def member_by_sign_in_id(conn: Connection, sign_in_id: str) -> Member | None:
    """Who signs in by that id."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM members WHERE sign_in_id = $1", sign_in_id)
    return member_of(row) if row else None


async def member(conn: Connection, member_id: UUID) -> Member | None:
    """The member, as it is now."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM members WHERE member_id = $1", member_id)
    return member_of(row) if row else None


async def members_for_update(conn: Connection, account_id: UUID) -> list[Member]:
    """The people of a locked account, in the order of their ids."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM members WHERE account_id = $1 ORDER BY sign_in_id FOR UPDATE",
        account_id,
    )
    return [member_of(row) for row in rows]


async def member_for_update(conn: Connection, member_id: UUID) -> Member | None:
    """The member, locked; whoever changes more than its own locks the account first."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM members WHERE member_id = $1 FOR UPDATE", member_id
    )
    return member_of(row) if row else None


async def save_standing(conn: Connection, m: Member) -> None:
    """Keep a member's place in the organisation: roles, state, password, factor."""
    await conn.execute(
        """
        UPDATE members
           SET roles = $2, state = $3, password_hash = $4, password_set_at = $5, totp = $6, totp_pending = $7,
               totp_set_at = $8, joined_at = $9, removed_at = $10
         WHERE member_id = $1
        """,
        m.id,
        sorted(m.roles),
        m.state,
        m.password_hash,
        m.password_set_at,
        m.totp,
        m.totp_pending,
        m.totp_set_at,
        m.joined_at,
        m.removed_at,
    )


async def set_pending_factor(conn: Connection, member_id: UUID, sealed: str) -> None:
    """Keep a new second factor until its first code proves it."""
    await conn.execute(
        "UPDATE members SET totp_pending = $2 WHERE member_id = $1", member_id, sealed
    )


async def use_step(conn: Connection, member_id: UUID, step: int) -> bool:
    """Use up a time step; False if somebody used it, or a newer one, meanwhile."""
    done = await conn.fetchval(
        "UPDATE members SET totp_step = $2 WHERE member_id = $1 AND totp_step < $2 RETURNING true",
        member_id,
        step,
    )
    return bool(done)


async def rehash(conn: Connection, member_id: UUID, old: str, new: str) -> None:
    """Keep the same password under stronger parameters, unless it was changed meanwhile."""
    await conn.execute(
        "UPDATE members SET password_hash = $3 WHERE member_id = $1 AND password_hash = $2",
        member_id,
        old,
        new,
    )


async def note_sign_in(conn: Connection, member_id: UUID, at: datetime) -> None:
    """Remember when the member last signed in."""
    await conn.execute(
        "UPDATE members SET last_signed_in_at = $2 WHERE member_id = $1", member_id, at
    )


async def set_recovery_codes(conn: Connection, member_id: UUID, hashes: list[bytes]) -> None:
    """Replace the member's recovery codes."""
    await conn.execute("DELETE FROM recovery_codes WHERE member_id = $1", member_id)
    await conn.execute(
        "INSERT INTO recovery_codes (member_id, code_hash) SELECT $1, unnest($2::bytea[])",
        member_id,
        hashes,
    )


async def use_recovery_code(
    conn: Connection, member_id: UUID, code_hash: bytes, at: datetime
) -> bool:
    """Use up a recovery code; False if there is none like it or it was used before."""
    done = await conn.fetchval(
        "UPDATE recovery_codes SET used_at = $3 WHERE member_id = $1 AND code_hash = $2"
        " AND used_at IS NULL RETURNING true",
        member_id,
        code_hash,
        at,
    )
    return bool(done)


async def recovery_codes_left(conn: Connection, member_id: UUID) -> int:
    """How many recovery codes the member still has."""
    left: int = await conn.fetchval(
        "SELECT count(*) FROM recovery_codes WHERE member_id = $1 AND used_at IS NULL", member_id
    )
    return left


async def is_known_place(conn: Connection, member_id: UUID | None, places: list[bytes]) -> bool:
    """Whether the member has signed in from one of these before."""
    known = await conn.fetchval(
        "SELECT true FROM known_places WHERE member_id = $1 AND place = ANY($2) LIMIT 1",
        member_id,
        places,
    )
    return bool(known)


async def note_places(conn: Connection, member_id: UUID, places: list[bytes], at: datetime) -> None:
    """Remember from where the member signed in."""
    await conn.execute(
        "INSERT INTO known_places (member_id, place, seen_at) SELECT $1, unnest($2::bytea[]), $3"
        " ON CONFLICT (member_id, place) DO UPDATE SET seen_at = excluded.seen_at",
        member_id,
        sorted(places),
        at,
    )


async def forget_places(conn: Connection, before: datetime) -> None:
    """Forget places nobody came from since ``before``."""
    await conn.execute("DELETE FROM known_places WHERE seen_at < $1", before)


async def set_factor(conn: Connection, member_id: UUID, at: datetime) -> None:
    """The pending second factor is the one that counts."""
    await conn.execute(
        "UPDATE members SET totp = totp_pending, totp_pending = NULL, totp_set_at = $2 WHERE member_id = $1",
        member_id,
        at,
    )


async def sealed_factors_for_update(conn: Connection) -> list[Record]:
    """Every sealed second factor, locked: ``member_id, totp, totp_pending``."""
    return await conn.fetch(
        "SELECT member_id, totp, totp_pending FROM members"
        " WHERE coalesce(totp, totp_pending) IS NOT NULL ORDER BY member_id FOR UPDATE"
    )


async def seal_again(
    conn: Connection, member_id: UUID, totp: str | None, totp_pending: str | None
) -> None:
    """Keep the same second factor under another seal."""
    await conn.execute(
        "UPDATE members SET totp = $2, totp_pending = $3 WHERE member_id = $1",
        member_id,
        totp,
        totp_pending,
    )
