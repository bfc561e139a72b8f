"""A full recount of a large ledger: every invariant asked of every row, as operators ask it."""

import time

import asyncpg

from chassis.database import open_pool, transaction
from services.benefits.store.ledger import broken

#: How many rows the ledger has.
ROWS = 1_000_000

# Straight into the tables, for a million calls of the trigger would take the bench ten minutes. Nothing is believed of
# it: sums, balances and the hash of every link are what the recount asks about. Of four rows of a lane one promises,
# the next makes that good, the third moves at once and the fourth takes it back.
_FILL = """
SET session_replication_role = replica;
DO $$
DECLARE
    book  int;
    place smallint;
    own   record;
    was   uuid;
    link  transfers;
    due   transfers[] := '{}';
BEGIN
    INSERT INTO ledgers (measure_id) VALUES (gen_random_uuid()) RETURNING id INTO book;
    INSERT INTO accounts (ledger, kind, owner, lane)
    SELECT book, kind, '00000000-0000-7000-8000-000000000001', n
      FROM unnest(ARRAY['funding', 'available', 'reserved']) kind, generate_series(0, 15) n;
    FOR place IN 0..15 LOOP
        SELECT f.id AS funding, a.id AS available, r.id AS reserved INTO own
          FROM accounts f JOIN accounts a USING (ledger, lane) JOIN accounts r USING (ledger, lane)
         WHERE ledger = book AND lane = place AND (f.kind, a.kind, r.kind) = ('funding', 'available', 'reserved');
        link.row_hash := '\\x';
        FOR number IN 0..{rows} / 16 - 1 LOOP
            was := link.id;
            link.id := gen_random_uuid();
            link.ledger := book;
            link.kind := CASE number WHEN 0 THEN 'single'
                         ELSE (ARRAY['reversal', 'pending', 'post', 'single'])[number % 4 + 1] END;
            link.pending_id := CASE link.kind WHEN 'post' THEN was END;
            link.reverses := CASE link.kind WHEN 'reversal' THEN was END;
            link.debit_account := CASE WHEN number = 0 OR link.kind = 'reversal' THEN own.available
                                       ELSE own.reserved END;
            link.credit_account := CASE WHEN number = 0 THEN own.funding WHEN link.kind = 'reversal' THEN own.reserved
                                        ELSE own.available END;
            link.amount := CASE number WHEN 0 THEN 1000000000000 ELSE 3000 END;
            link.code := CASE number WHEN 0 THEN 1 ELSE 10 END;
            link.business_ref := link.id;
            link.actor := 'service/bench';
            link.approved_by := 'service/other';
            link.request_hash := sha256(link.id::text::bytea);
            link.seq := nextval('transfers_seq_seq');
            link.lane := place;
            link.link := number + 1;
            link.created_at := clock_timestamp();
            link.prev_hash := link.row_hash;
            link.row_hash := sha256(link.prev_hash || convert_to(transfer_text(link), 'UTF8'));
            due := due || link;
            IF cardinality(due) = 500 OR number = {rows} / 16 - 1 THEN
                INSERT INTO transfers OVERRIDING SYSTEM VALUE SELECT * FROM unnest(due);
                due := '{}';
            END IF;
        END LOOP;
        INSERT INTO chains VALUES (book, place, link.link, link.row_hash);
    END LOOP;
    UPDATE accounts a SET debits_posted = n.debits, credits_posted = n.credits
      FROM (SELECT account, sum(debit) AS debits, sum(credit) AS credits
              FROM (SELECT debit_account AS account, amount AS debit, 0 AS credit FROM transfers WHERE kind <> 'pending'
                    UNION ALL SELECT credit_account, 0, amount FROM transfers WHERE kind <> 'pending') sides
             GROUP BY account) n
     WHERE a.id = n.account;
END $$;
RESET session_replication_role;
ANALYZE;
"""


async def recounted(url: str, superuser_url: str) -> float:
    """Seconds a full recount takes; an error if anything does not add up."""
    conn = await asyncpg.connect(superuser_url)
    try:
        await conn.execute(_FILL.replace("{rows}", str(ROWS)), timeout=1_800)
    finally:
        await conn.close()
    async with open_pool(url) as pool, transaction(pool) as own:
        begun = time.perf_counter()
        found = await broken(own)
        seconds = time.perf_counter() - begun
    if found:
        raise RuntimeError(f"the large ledger does not add up: {found}")
    return seconds
