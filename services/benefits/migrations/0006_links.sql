-- What is known of a payment service tied to a person: whether its provider knows the account, and whether somebody said stop.

-- Whether the provider is asked about an account before the first order goes there.
ALTER TABLE provider_lines ADD COLUMN checks_accounts bool NOT NULL DEFAULT false;

ALTER TABLE linked_accounts
    ADD COLUMN id          uuid        NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    -- `cannot`: an order went there without a check, for the provider has none.
    ADD COLUMN checked     text        NOT NULL DEFAULT 'unasked'
                                       CHECK (checked IN ('unasked', 'ok', 'refused', 'cannot')),
    -- Why the provider will not grant there.
    ADD COLUMN refusal     text        CHECK (length(refusal) <= 60),
    ADD COLUMN checked_at  timestamptz,
    ADD COLUMN stopped_at  timestamptz,
    -- Of what is said of it.
    ADD COLUMN revision    bigint      NOT NULL DEFAULT 0 CHECK (revision >= 0),
    ADD COLUMN said_at     timestamptz,
    ADD CONSTRAINT a_refusal_has_a_reason CHECK ((checked = 'refused') = (refusal IS NOT NULL)),
    ADD CONSTRAINT a_check_has_an_instant CHECK ((checked = 'unasked') = (checked_at IS NULL));

ALTER TABLE order_attempts DROP CONSTRAINT order_attempts_act_check;
ALTER TABLE order_attempts ADD CONSTRAINT order_attempts_act_check
    CHECK (act IN ('grant', 'inquiry', 'cancel', 'reversal', 'check'));

-- Whatever the application says: nothing is sent where the provider knows no such account, or where somebody said stop.
CREATE FUNCTION refuse_order_to_unfit_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM allocations a
          JOIN linked_accounts l USING (payment_service_id, account_digest, resident_id)
         WHERE a.id = NEW.allocation_id AND (l.stopped_at IS NOT NULL OR l.checked IN ('unasked', 'refused'))
    ) THEN
        RAISE EXCEPTION 'nothing may be sent to the account of order %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'link_fit';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER link_fit BEFORE UPDATE OF state ON orders
    FOR EACH ROW WHEN (OLD.state = 'queued' AND NEW.state = 'sent') EXECUTE FUNCTION refuse_order_to_unfit_link();

-- Somebody said that a link is not to be used (紐づけ停止). It is lifted by two people, neither of whom had it stopped.
CREATE TABLE link_stops (
    id              uuid        PRIMARY KEY,
    link_id         uuid        NOT NULL REFERENCES linked_accounts (id),
    provider_id     uuid        NOT NULL,
    -- Of the municipality whose points went there last.
    municipality_id uuid,
    reason          text        NOT NULL CHECK (reason IN ('lost', 'closed', 'deceased', 'fraud', 'mislink')),
    words           text        NOT NULL DEFAULT '' CHECK (length(words) <= 500),
    stopped_by      text        NOT NULL,
    stopped_at      timestamptz NOT NULL,
    case_id         uuid        NOT NULL REFERENCES cases,
    proposed_by     text,
    proposed_at     timestamptz,
    lifted_by       text,
    lifted_at       timestamptz,
    version         bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    CHECK ((proposed_by IS NULL) = (proposed_at IS NULL)),
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
    CONSTRAINT lifted_by_two CHECK (lifted_by IS NULL OR (proposed_by IS NOT NULL AND lifted_by <> proposed_by)),
    CONSTRAINT lifted_by_others CHECK (stopped_by NOT IN (coalesce(proposed_by, ''), coalesce(lifted_by, '')))
);
CREATE UNIQUE INDEX one_stop_of_a_link ON link_stops (link_id) WHERE lifted_at IS NULL;
CREATE INDEX link_stops_provider ON link_stops (provider_id, stopped_at DESC, id DESC);
CREATE INDEX link_stops_municipality ON link_stops (municipality_id, stopped_at DESC, id DESC)
    WHERE municipality_id IS NOT NULL;
