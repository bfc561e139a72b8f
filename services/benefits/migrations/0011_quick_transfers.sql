-- A transfer is entered by the same rules with fewer statements: three of them move in every grant.

-- Whatever the owner does: an account stays what it is, whoever's transfers name it.
CREATE FUNCTION refuse_another_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_transfer('an account stays what it is', 'account_stays');
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_stay_themselves BEFORE UPDATE OF id, ledger, kind, owner, lane ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_another_account();

-- Of an entry both accounts are found, of its ledger, and locked, or it is refused; accounts are never deleted and stay
-- what they are. To be asked the same once more by foreign keys cost three look-ups a transfer, one of them at the row of
-- the ledger that all grants of a measure share.
ALTER TABLE transfers
    DROP CONSTRAINT transfers_ledger_fkey,
    DROP CONSTRAINT transfers_debit_account_fkey,
    DROP CONSTRAINT transfers_credit_account_fkey;

-- A resolution belongs to its promise and is no more than it; a reversal takes back no more than was moved.
CREATE FUNCTION check_answer(t transfers, was transfers) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    IF t.kind = 'reversal' THEN
        IF was.id IS NULL OR was.kind NOT IN ('single', 'post', 'correction')
           OR (was.ledger, was.debit_account, was.credit_account) <> (t.ledger, t.credit_account, t.debit_account) THEN
            PERFORM refuse_transfer('a reversal takes the way back', 'reverses_its_own');
        END IF;
        SELECT coalesce(sum(amount), 0) INTO gone FROM transfers WHERE reverses = t.reverses;
        IF gone + t.amount > was.amount THEN
            PERFORM refuse_transfer('no more is taken back than was moved', 'no_more_than_moved');
        END IF;
        RETURN;
    END IF;
    IF was.id IS NULL OR was.kind <> 'pending' OR (was.ledger, was.debit_account, was.credit_account)
                                               <> (t.ledger, t.debit_account, t.credit_account) THEN
        PERFORM refuse_transfer('a resolution belongs to a pending transfer of the same accounts', 'resolves_its_own');
    END IF;
    IF t.amount > was.amount OR (t.kind = 'void' AND t.amount <> was.amount) THEN
        PERFORM refuse_transfer('no more is posted than was promised', 'no_more_than_promised');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION enter_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    was     transfers;
    own     chains;
    pending bigint := 0;
    posted  bigint := 0;
BEGIN
    -- Two copies of one transfer come one after the other; the second finds the first and writes nothing.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.id::text, 0));
    IF (SELECT true FROM transfers WHERE id = NEW.id) THEN
        RETURN NULL;
    END IF;
    -- Both accounts are locked in the order of their ids, before anything is read that depends on them.
    SELECT CASE NEW.credit_account WHEN low.id THEN low.lane ELSE high.lane END INTO NEW.lane
      FROM accounts low, accounts high
     WHERE low.id = least(NEW.debit_account, NEW.credit_account) AND low.ledger = NEW.ledger
       AND high.id = greatest(NEW.debit_account, NEW.credit_account) AND high.ledger = NEW.ledger
       FOR NO KEY UPDATE;
    IF NEW.lane IS NULL THEN
        PERFORM refuse_transfer('both accounts belong to the ledger', 'within_one_ledger');
    END IF;
    IF NEW.kind IN ('post', 'void', 'reversal') THEN
        SELECT * INTO was FROM transfers WHERE id = coalesce(NEW.pending_id, NEW.reverses);
        PERFORM check_answer(NEW, was);
    END IF;
    IF NEW.kind = 'pending' THEN
        pending := NEW.amount;
    ELSIF NEW.kind IN ('post', 'void') THEN
        pending := -was.amount;
    END IF;
    IF NEW.kind NOT IN ('pending', 'void') THEN
        posted := NEW.amount;
    END IF;
    -- One statement for both sides, after which the sums of the ledger are as equal as before.
    UPDATE accounts
       SET debits_pending  = debits_pending  + CASE id WHEN NEW.debit_account THEN pending ELSE 0 END,
           debits_posted   = debits_posted   + CASE id WHEN NEW.debit_account THEN posted ELSE 0 END,
           credits_pending = credits_pending + CASE id WHEN NEW.credit_account THEN pending ELSE 0 END,
           credits_posted  = credits_posted  + CASE id WHEN NEW.credit_account THEN posted ELSE 0 END
     WHERE id IN (NEW.debit_account, NEW.credit_account);
    SELECT * INTO own FROM chains WHERE ledger = NEW.ledger AND lane = NEW.lane FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO chains VALUES (NEW.ledger, NEW.lane, 0, '\x') ON CONFLICT DO NOTHING;
        SELECT * INTO own FROM chains WHERE ledger = NEW.ledger AND lane = NEW.lane FOR UPDATE;
    END IF;
    NEW.link := own.link + 1;
    NEW.prev_hash := own.head;
    NEW.created_at := clock_timestamp();
    NEW.row_hash := sha256(own.head || convert_to(transfer_text(NEW), 'UTF8'));
    UPDATE chains SET link = NEW.link, head = NEW.row_hash WHERE ledger = NEW.ledger AND lane = NEW.lane;
    RETURN NEW;
END $$;
DROP FUNCTION move_balances(transfers);
DROP FUNCTION check_what_a_transfer_answers(transfers);

-- The sums of a ledger stay equal with every statement, whoever writes what into which balance: not only at the commit,
-- and without reading all accounts of a ledger, of which there are more with each provider.
DROP TRIGGER sums_are_equal ON accounts;
CREATE OR REPLACE FUNCTION refuse_unequal_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unequal int;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT ledger INTO unequal FROM is_now GROUP BY ledger
        HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending) LIMIT 1;
    ELSE
        SELECT ledger INTO unequal
          FROM (SELECT ledger, debits_posted - credits_posted AS posted, debits_pending - credits_pending AS pending
                  FROM is_now
                UNION ALL
                SELECT ledger, credits_posted - debits_posted, credits_pending - debits_pending FROM was_before) moved
         GROUP BY ledger HAVING sum(posted) <> 0 OR sum(pending) <> 0 LIMIT 1;
    END IF;
    IF unequal IS NOT NULL THEN
        PERFORM refuse_transfer(format('the sums of ledger %s are not equal', unequal), 'sums_are_equal');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sums_are_equal AFTER UPDATE ON accounts
    REFERENCING OLD TABLE AS was_before NEW TABLE AS is_now
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_unequal_sums();
CREATE TRIGGER sums_begin_equal AFTER INSERT ON accounts
    REFERENCING NEW TABLE AS is_now
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_unequal_sums();
