-- Points are money: double entry that is only added to. The application says what moves; everything a balance, a chain
-- or a limit needs is done here, so that no line of code outside can do it differently.

-- One ledger for each programme (a measure); no transfer crosses ledgers.
CREATE TABLE ledgers (
    id         int         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    measure_id uuid        NOT NULL UNIQUE,
    opened_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Busy accounts are spread over lanes, so that one popular measure does not queue at one row. A balance is never written
-- but by a transfer.
CREATE TABLE accounts (
    id              bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ledger          int      NOT NULL REFERENCES ledgers,
    kind            text     NOT NULL
                    CHECK (kind IN ('funding', 'available', 'reserved', 'payable', 'settled', 'suspense')),
    -- Whose: the municipality of `funding`, the provider of `payable` and `settled`, else the measure.
    owner           uuid     NOT NULL,
    lane            smallint NOT NULL DEFAULT 0 CHECK (lane BETWEEN 0 AND 15),
    debits_pending  bigint   NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
    debits_posted   bigint   NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
    credits_pending bigint   NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
    credits_posted  bigint   NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
    UNIQUE (ledger, kind, owner, lane),
    -- What is promised counts as gone already; a promise does not count as there yet.
    CONSTRAINT nothing_below_zero CHECK (
        CASE WHEN kind IN ('available', 'reserved', 'payable') THEN debits_posted - credits_posted - credits_pending >= 0
             WHEN kind = 'funding' THEN credits_posted - debits_posted - debits_pending >= 0
             ELSE true END)
);

CREATE TABLE transfers (
    -- UUIDv5 of the business key: the idempotency key itself.
    id             uuid        PRIMARY KEY,
    ledger         int         NOT NULL REFERENCES ledgers,
    kind           text        NOT NULL
                   CHECK (kind IN ('single', 'pending', 'post', 'void', 'reversal', 'correction')),
    -- What a post or a void resolves.
    pending_id     uuid        REFERENCES transfers,
    -- What a reversal takes back.
    reverses       uuid        REFERENCES transfers,
    debit_account  bigint      NOT NULL REFERENCES accounts,
    credit_account bigint      NOT NULL REFERENCES accounts CHECK (credit_account <> debit_account),
    amount         bigint      NOT NULL CHECK (amount > 0 AND amount <= 1000000000000),
    code           smallint    NOT NULL CHECK (code > 0),
    business_ref   uuid        NOT NULL,
    actor          text        NOT NULL CHECK (actor ~ '^[a-z_]+/.{1,120}$'),
    approved_by    text        CHECK (approved_by ~ '^[a-z_]+/.{1,120}$'),
    -- The same id with another hash is a conflict, never a silent "exists".
    request_hash   bytea       NOT NULL CHECK (length(request_hash) = 32),
    seq            bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    -- Each lane of a ledger is a chain of its own: link 1, 2, 3 … without gaps.
    lane           smallint    NOT NULL,
    link           bigint      NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    prev_hash      bytea       NOT NULL,
    row_hash       bytea       NOT NULL,
    UNIQUE (ledger, lane, link),
    CONSTRAINT resolves_a_promise CHECK ((kind IN ('post', 'void')) = (pending_id IS NOT NULL)),
    CONSTRAINT reverses_something CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    -- Corrections, and more than a million yen at once, take two people.
    CONSTRAINT two_people CHECK (
        approved_by IS DISTINCT FROM actor AND (approved_by IS NOT NULL OR (kind <> 'correction' AND amount <= 1000000)))
);
CREATE UNIQUE INDEX one_resolution ON transfers (pending_id) WHERE kind IN ('post', 'void');
CREATE INDEX transfers_reversing ON transfers (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX transfers_about ON transfers (business_ref);
CREATE INDEX transfers_debited ON transfers (debit_account);
CREATE INDEX transfers_credited ON transfers (credit_account);

-- The last link of each chain.
CREATE TABLE chains (
    ledger int      NOT NULL REFERENCES ledgers,
    lane   smallint NOT NULL,
    link   bigint   NOT NULL,
    head   bytea    NOT NULL,
    PRIMARY KEY (ledger, lane)
);

CREATE FUNCTION transfer_text(t transfers) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', t.id, t.ledger, t.kind, coalesce(t.pending_id::text, '-'), coalesce(t.reverses::text, '-'),
                     t.debit_account, t.credit_account, t.amount, t.code, t.business_ref, t.actor,
                     coalesce(t.approved_by, '-'), encode(t.request_hash, 'hex'), t.lane, t.link,
                     (extract(epoch FROM t.created_at) * 1000000)::bigint)
$$;

CREATE FUNCTION refuse_transfer(why text, rule text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', why USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- A resolution belongs to its promise and is no more than it; a reversal takes back no more than was moved.
CREATE FUNCTION check_what_a_transfer_answers(t transfers) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was  transfers;
    gone bigint;
BEGIN
    SELECT * INTO was FROM transfers WHERE id = coalesce(t.pending_id, t.reverses);
    IF t.pending_id IS NOT NULL THEN
        IF was.kind <> 'pending' OR (was.ledger, was.debit_account, was.credit_account)
                                 <> (t.ledger, t.debit_account, t.credit_account) THEN
            PERFORM refuse_transfer('a resolution belongs to a pending transfer of the same accounts', 'resolves_its_own');
        END IF;
        IF t.amount > was.amount OR (t.kind = 'void' AND t.amount <> was.amount) THEN
            PERFORM refuse_transfer('no more is posted than was promised', 'no_more_than_promised');
        END IF;
    ELSE
        IF was.kind NOT IN ('single', 'post', 'correction')
           OR (was.ledger, was.debit_account, was.credit_account) <> (t.ledger, t.credit_account, t.debit_account) THEN
            PERFORM refuse_transfer('a reversal takes the way back', 'reverses_its_own');
        END IF;
        SELECT coalesce(sum(amount), 0) INTO gone FROM transfers WHERE reverses = t.reverses;
        IF gone + t.amount > was.amount THEN
            PERFORM refuse_transfer('no more is taken back than was moved', 'no_more_than_moved');
        END IF;
    END IF;
END $$;

-- Debits and credits of both accounts, under row locks taken in the order of their ids.
CREATE FUNCTION move_balances(t transfers) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pending bigint := 0;
    posted  bigint := 0;
BEGIN
    IF t.kind = 'pending' THEN
        pending := t.amount;
    ELSIF t.kind IN ('post', 'void') THEN
        SELECT -amount INTO pending FROM transfers WHERE id = t.pending_id;
        posted := CASE t.kind WHEN 'post' THEN t.amount ELSE 0 END;
    ELSE
        posted := t.amount;
    END IF;
    IF t.debit_account < t.credit_account THEN
        UPDATE accounts SET debits_pending = debits_pending + pending, debits_posted = debits_posted + posted
         WHERE id = t.debit_account;
        UPDATE accounts SET credits_pending = credits_pending + pending, credits_posted = credits_posted + posted
         WHERE id = t.credit_account;
    ELSE
        UPDATE accounts SET credits_pending = credits_pending + pending, credits_posted = credits_posted + posted
         WHERE id = t.credit_account;
        UPDATE accounts SET debits_pending = debits_pending + pending, debits_posted = debits_posted + posted
         WHERE id = t.debit_account;
    END IF;
END $$;

CREATE FUNCTION enter_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    own chains;
BEGIN
    -- Two copies of one transfer come one after the other; the second finds the first and writes nothing.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.id::text, 0));
    IF EXISTS (SELECT FROM transfers WHERE id = NEW.id) THEN
        RETURN NULL;
    END IF;
    SELECT c.lane INTO NEW.lane FROM accounts c, accounts d
     WHERE c.id = NEW.credit_account AND d.id = NEW.debit_account AND c.ledger = NEW.ledger AND d.ledger = NEW.ledger;
    IF NEW.lane IS NULL THEN
        PERFORM refuse_transfer('both accounts belong to the ledger', 'within_one_ledger');
    END IF;
    PERFORM move_balances(NEW);
    IF NEW.kind IN ('post', 'void', 'reversal') THEN
        PERFORM check_what_a_transfer_answers(NEW);
    END IF;
    INSERT INTO chains VALUES (NEW.ledger, NEW.lane, 0, '\x') ON CONFLICT DO NOTHING;
    SELECT * INTO own FROM chains WHERE ledger = NEW.ledger AND lane = NEW.lane FOR UPDATE;
    NEW.link := own.link + 1;
    NEW.prev_hash := own.head;
    NEW.created_at := clock_timestamp();
    NEW.row_hash := sha256(own.head || convert_to(transfer_text(NEW), 'UTF8'));
    UPDATE chains SET link = NEW.link, head = NEW.row_hash WHERE ledger = NEW.ledger AND lane = NEW.lane;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_are_entered BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION enter_transfer();

-- Whoever asks, the owner of the tables included: what was entered stays as it is.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_transfer(format('%s is only added to', TG_TABLE_NAME), 'only_added_to');
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER transfers_are_not_emptied BEFORE TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER accounts_are_not_emptied BEFORE TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- At every commit the sums of a ledger that moved are equal, whoever wrote what into which balance.
CREATE FUNCTION refuse_unequal_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts WHERE ledger = NEW.ledger
        HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)
    ) THEN
        PERFORM refuse_transfer(format('the sums of ledger %s are not equal', NEW.ledger), 'sums_are_equal');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sums_are_equal AFTER INSERT OR UPDATE OF debits_pending, debits_posted, credits_pending,
    credits_posted ON accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unequal_sums();

-- Each view is empty while the invariant of its name holds.
CREATE VIEW i1_unequal_sums AS
    SELECT ledger FROM accounts GROUP BY ledger
    HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending);

CREATE VIEW i2_balances_unlike_transfers AS
    WITH moved AS (
        SELECT t.debit_account, t.credit_account,
               CASE WHEN t.kind NOT IN ('pending', 'void') THEN t.amount ELSE 0 END AS posted,
               CASE WHEN t.kind = 'pending'
                     AND NOT EXISTS (SELECT FROM transfers r WHERE r.pending_id = t.id AND r.kind IN ('post', 'void'))
                    THEN t.amount ELSE 0 END AS pending
          FROM transfers t
    ), folded AS (
        SELECT id, sum(dp) AS dp, sum(d) AS d, sum(cp) AS cp, sum(c) AS c FROM (
            SELECT debit_account AS id, pending AS dp, posted AS d, 0::bigint AS cp, 0::bigint AS c FROM moved
            UNION ALL
            SELECT credit_account, 0, 0, pending, posted FROM moved
        ) AS sides GROUP BY id
    )
    SELECT a.id FROM accounts a LEFT JOIN folded f USING (id)
     WHERE (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
        <> (coalesce(f.dp, 0), coalesce(f.d, 0), coalesce(f.cp, 0), coalesce(f.c, 0));

CREATE VIEW i3_below_zero AS
    SELECT id FROM accounts
     WHERE kind IN ('available', 'reserved', 'payable') AND debits_posted - credits_posted - credits_pending < 0;

CREATE VIEW i4_resolved_twice_or_beyond AS
    SELECT p.id FROM transfers p JOIN transfers r ON r.pending_id = p.id
     GROUP BY p.id, p.amount, p.kind HAVING count(*) > 1 OR sum(r.amount) > p.amount OR p.kind <> 'pending';

-- Granted and reserved are no more than was funded.
CREATE VIEW i5_beyond_the_fund AS
    SELECT ledger FROM accounts GROUP BY ledger
    HAVING sum(debits_posted - credits_posted) FILTER (WHERE kind IN ('reserved', 'payable', 'settled'))
         + sum(debits_pending) FILTER (WHERE kind = 'reserved')
         > sum(credits_posted - debits_posted) FILTER (WHERE kind IN ('funding', 'suspense'));

CREATE VIEW i11_broken_chain AS
    SELECT t.id FROM (
        SELECT *, lag(row_hash, 1, '\x') OVER w AS before, lag(link, 1, 0) OVER w AS place
          FROM transfers WINDOW w AS (PARTITION BY ledger, lane ORDER BY link)
    ) AS t JOIN transfers same USING (id)
     WHERE t.prev_hash <> t.before OR t.link <> t.place + 1
        OR t.row_hash <> sha256(t.prev_hash || convert_to(transfer_text(same), 'UTF8'))
    UNION ALL
    SELECT NULL FROM chains c
     WHERE c.link > 0 AND NOT EXISTS (
        SELECT FROM transfers t WHERE (t.ledger, t.lane, t.link, t.row_hash) = (c.ledger, c.lane, c.link, c.head));

CREATE VIEW i13_without_two_people AS
    SELECT id FROM transfers
     WHERE approved_by = actor OR (approved_by IS NULL AND (kind = 'correction' OR amount > 1000000));

REVOKE ALL ON FUNCTION enter_transfer() FROM PUBLIC;
DO $$
DECLARE app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
    IF app <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON ledgers, accounts, transfers FROM %I', app);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON chains FROM %I', app);
        -- New accounts are empty: their balances are nobody's to write.
        EXECUTE format('REVOKE INSERT ON accounts FROM %I', app);
        EXECUTE format('GRANT INSERT (ledger, kind, owner, lane) ON accounts TO %I', app);
    END IF;
END $$;
