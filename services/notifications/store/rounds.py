"""Many mails of the same letter, a round at a time: taken, handed over and ended in one statement each."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.model.delivery import Delivery

#: The domains something waits for are found by leaps through the index, however long the lines are.
_CLAIM = """
WITH RECURSIVE waiting AS (
    (SELECT domain FROM deliveries WHERE state = 'waiting' AND wide ORDER BY domain LIMIT 1)
    UNION ALL
    SELECT (SELECT d.domain FROM deliveries d WHERE d.state = 'waiting' AND d.wide AND d.domain > w.domain
             ORDER BY d.domain LIMIT 1)
      FROM waiting w WHERE w.domain IS NOT NULL
), next AS (
    SELECT w.domain FROM waiting w
      CROSS JOIN LATERAL (SELECT due_at FROM deliveries d
                           WHERE d.state = 'waiting' AND d.wide AND d.domain = w.domain AND d.due_at <= $1
                           ORDER BY d.due_at LIMIT 1) first
     WHERE w.domain <> ALL ($2::text[])
     ORDER BY first.due_at LIMIT 1
), taken AS (
    SELECT d.delivery_id FROM deliveries d
     WHERE d.state = 'waiting' AND d.wide AND d.domain = (SELECT domain FROM next) AND d.due_at <= $1
     ORDER BY d.due_at LIMIT $3 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE deliveries d SET state = 'sending', due_at = NULL, attempts = attempts + 1
      FROM taken t WHERE d.delivery_id = t.delivery_id
    RETURNING d.*
), tried AS (
    INSERT INTO attempts (delivery_id, attempt, sender_id, asked_by, claimed_at, handed_at, route)
    SELECT delivery_id, attempts, $4, asked_by, $1, $1, $5 FROM claimed
)
SELECT * FROM claimed
"""


async def claim(
    conn: Connection, sender_id: UUID, route: str, *, crowded: list[str], limit: int, at: datetime
) -> list[Record]:
    """Mails to one domain that is not crowded, each with leave to be handed over when this commits."""
    return await conn.fetch(_CLAIM, at, crowded, limit, sender_id, route)


async def expire(conn: Connection, at: datetime) -> None:
    """Mails nobody could hand over in time have failed."""
    await conn.execute(
        """
        UPDATE deliveries SET state = 'failed', reason = 'late', due_at = NULL, finished_at = $1
         WHERE state = 'waiting' AND wide AND send_by < $1
        """,
        at,
    )


async def end(conn: Connection, ended: list[tuple[Delivery, str, str]], at: datetime) -> None:
    """How each mail of a round fared: where it is now, what came of the try, the server's words."""
    mails, outcomes, answers = zip(*ended, strict=True)
    await conn.execute(
        """
        WITH e AS (
            SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[])
                AS e(delivery_id, attempt, outcome, answer)
        ), closed AS (
            UPDATE attempts a SET outcome = e.outcome, answer = e.answer, finished_at = $5
              FROM e WHERE a.delivery_id = e.delivery_id AND a.attempt = e.attempt
               AND (a.outcome IS NULL OR a.outcome = 'unknown')
            RETURNING a.delivery_id
        )
        UPDATE deliveries d
           SET state = n.state, reason = n.reason, answer = n.answer, asked_by = n.asked_by, due_at = n.due_at,
               send_by = n.send_by, finished_at = n.finished_at, repeated = d.repeated OR n.repeated
          FROM unnest($1::uuid[], $2::int[], $4::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
                      $10::timestamptz[], $11::timestamptz[], $12::boolean[])
               AS n(delivery_id, attempt, answer, state, reason, asked_by, due_at, send_by, finished_at, repeated)
          JOIN closed USING (delivery_id)
         WHERE d.delivery_id = n.delivery_id AND d.attempts = n.attempt
           -- An answer that comes late settles what was taken for lost meanwhile.
           AND (d.state IN ('sending', 'unknown') OR (d.state = 'waiting' AND d.repeated))
        """,
        [m.delivery_id for m in mails],
        [m.attempts for m in mails],
        outcomes,
        answers,
        at,
        [m.state for m in mails],
        [m.reason for m in mails],
        [m.asked_by for m in mails],
        [m.due_at for m in mails],
        [m.send_by for m in mails],
        [m.finished_at for m in mails],
        [m.repeated for m in mails],
    )
