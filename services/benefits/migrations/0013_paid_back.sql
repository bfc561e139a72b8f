-- What a provider was paid for and takes back afterwards it owes: until that is settled, less than nothing is owed to it.
-- What was promised, and what nobody was promised, still never falls below nothing.
ALTER TABLE accounts DROP CONSTRAINT nothing_below_zero;
ALTER TABLE accounts ADD CONSTRAINT nothing_below_zero CHECK (
    CASE WHEN kind IN ('available', 'reserved') THEN debits_posted - credits_posted - credits_pending >= 0
         WHEN kind = 'funding' THEN credits_posted - debits_posted - debits_pending >= 0
         ELSE true END);

CREATE OR REPLACE VIEW i3_below_zero AS
    SELECT id FROM accounts
     WHERE kind IN ('available', 'reserved') AND debits_posted - credits_posted - credits_pending < 0;

-- Whatever the application says: no more is paid than is owed in that lane.
CREATE FUNCTION refuse_paying_too_much() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts
                WHERE id = NEW.credit_account AND kind = 'payable'
                  AND debits_posted - credits_posted - credits_pending < 0) THEN
        PERFORM refuse_transfer('no more is paid than is owed', 'nothing_below_zero');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER no_more_is_paid AFTER INSERT ON transfers
    FOR EACH ROW WHEN (NEW.code = 30 AND NEW.kind = 'single') EXECUTE FUNCTION refuse_paying_too_much();
