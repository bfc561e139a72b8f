-- Where points go, what providers are asked to grant, and what they say about it.

-- How orders reach a provider, and how it has been answering; one row for each provider that has orders.
CREATE TABLE provider_lines (
    provider_id        uuid        PRIMARY KEY,
    way                text        NOT NULL DEFAULT 'feed' CHECK (way IN ('feed', 'push')),
    url                text        NOT NULL DEFAULT '' CHECK (length(url) <= 500),
    -- Ed25519, 32 bytes: what the provider's answers are signed with.
    public_key         bytea       CHECK (length(public_key) = 32),
    -- So long the provider may need until an inquiry finds an order it got.
    visibility_seconds int         NOT NULL DEFAULT 60 CHECK (visibility_seconds BETWEEN 0 AND 86400),
    version            bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    -- The circuit breaker.
    failures           int         NOT NULL DEFAULT 0 CHECK (failures >= 0),
    openings           int         NOT NULL DEFAULT 0 CHECK (openings >= 0),
    failing_since      timestamptz,
    open_until         timestamptz,
    CHECK (way = 'feed' OR (url <> '' AND public_key IS NOT NULL))
);

-- An account of a payment service belongs to the one resident who proved it first (for oneself and the own children).
CREATE TABLE linked_accounts (
    payment_service_id uuid NOT NULL REFERENCES payment_services,
    account_digest     text NOT NULL CHECK (account_digest ~ '^[0-9a-f]{64}$'),
    resident_id        uuid NOT NULL,
    PRIMARY KEY (payment_service_id, account_digest),
    UNIQUE (payment_service_id, account_digest, resident_id)
);

-- The second of the two operations: an entitlement goes to an account of a payment service. Never changed; another choice
-- is another allocation.
CREATE TABLE allocations (
    id                   uuid        PRIMARY KEY,
    entitlement_id       uuid        NOT NULL REFERENCES entitlements,
    person_id            uuid        NOT NULL,
    -- Whose card was read: the person, or who stands for a child.
    resident_id          uuid        NOT NULL,
    payment_service_id   uuid        NOT NULL REFERENCES payment_services,
    payment_service_code text        NOT NULL,
    provider_id          uuid        NOT NULL,
    account_sealed       text        NOT NULL CHECK (length(account_sealed) <= 8192),
    account_digest       text        NOT NULL,
    account_end          text        NOT NULL CHECK (length(account_end) <= 4),
    -- The reading of the card for exactly this; or the service that was saved by one before.
    proof_id             uuid        UNIQUE REFERENCES proofs,
    saved_service_id     uuid        REFERENCES saved_services,
    chosen_by            text        NOT NULL CHECK (chosen_by IN ('resident', 'desk', 'system')),
    revision             bigint      NOT NULL CHECK (revision > 0),
    created_at           timestamptz NOT NULL,
    said_at              timestamptz NOT NULL,
    FOREIGN KEY (payment_service_id, account_digest, resident_id)
        REFERENCES linked_accounts (payment_service_id, account_digest, resident_id),
    CONSTRAINT one_way_of_proof CHECK ((proof_id IS NULL) <> (saved_service_id IS NULL))
);
CREATE INDEX allocations_entitlement ON allocations (entitlement_id, created_at DESC);
CREATE INDEX allocations_resident ON allocations (resident_id, created_at DESC);

-- Whatever the application says: the proof was made by this resident, for this target, at most two minutes ago.
CREATE FUNCTION refuse_unproven_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.proof_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM proofs p
         WHERE p.id = NEW.proof_id AND p.purpose = 'link' AND p.resident_id = NEW.resident_id
           AND p.target = concat_ws('/', 'link', NEW.entitlement_id, NEW.payment_service_code, NEW.account_digest)
           AND NEW.created_at BETWEEN p.asserted_at - interval '60 seconds' AND p.asserted_at + interval '120 seconds'
    ) OR NEW.saved_service_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM saved_services s
         WHERE s.id = NEW.saved_service_id AND s.resident_id = NEW.resident_id AND s.removed_at IS NULL
           AND (s.payment_service_id, s.account_digest) = (NEW.payment_service_id, NEW.account_digest)
    ) OR NOT EXISTS (
        SELECT FROM entitlements e
         WHERE e.id = NEW.entitlement_id AND (e.person_id, e.resident_id) = (NEW.person_id, NEW.resident_id)
    ) THEN
        RAISE EXCEPTION 'nobody proved that the points of % go there', NEW.entitlement_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_proven';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER allocation_proven BEFORE INSERT ON allocations
    FOR EACH ROW EXECUTE FUNCTION refuse_unproven_allocation();

-- Which way an order may go (model/saga.py); a state that is not named here cannot follow, whoever asks.
CREATE TABLE order_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO order_transitions VALUES
    ('reserved', 'queued'), ('reserved', 'cancelled'),
    ('queued', 'sent'), ('queued', 'cancelled'),
    ('sent', 'accepted'), ('sent', 'granted'), ('sent', 'rejected'), ('sent', 'unknown'), ('sent', 'queued'),
    ('sent', 'cancel_requested'),
    ('accepted', 'granted'), ('accepted', 'rejected'), ('accepted', 'cancel_requested'),
    ('unknown', 'sent'), ('unknown', 'accepted'), ('unknown', 'granted'), ('unknown', 'rejected'),
    ('unknown', 'cancel_requested'),
    ('cancel_requested', 'cancelled'), ('cancel_requested', 'too_late'),
    ('granted', 'too_late'), ('too_late', 'reversal_sent'),
    ('reversal_sent', 'too_late'), ('reversal_sent', 'reversed'), ('reversal_sent', 'reversal_failed'),
    ('reversal_failed', 'too_late'), ('reversal_failed', 'written_off');

CREATE TABLE orders (
    id                   uuid        PRIMARY KEY,
    allocation_id        uuid        NOT NULL UNIQUE REFERENCES allocations,
    entitlement_id       uuid        NOT NULL REFERENCES entitlements,
    person_id            uuid        NOT NULL,
    measure_id           uuid        NOT NULL,
    municipality_id      uuid        NOT NULL,
    provider_id          uuid        NOT NULL,
    payment_service_code text        NOT NULL,
    resident_ref         text        NOT NULL CHECK (length(resident_ref) BETWEEN 1 AND 100),
    amount               bigint      NOT NULL CHECK (amount > 0 AND amount <= 1000000000000),
    state                text        NOT NULL DEFAULT 'reserved'
                         CHECK (state IN ('reserved', 'queued', 'sent', 'accepted', 'granted', 'rejected', 'unknown',
                                          'cancel_requested', 'cancelled', 'too_late', 'reversal_sent', 'reversed',
                                          'reversal_failed', 'written_off')),
    version              bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    revision             bigint      NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at           timestamptz NOT NULL,
    state_since          timestamptz NOT NULL,
    said_at              timestamptz,
    -- The pending transfer it lives on.
    reservation_id       uuid        NOT NULL UNIQUE REFERENCES transfers,
    attempts             int         NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    doubtful             bool        NOT NULL DEFAULT false,
    inquiries            int         NOT NULL DEFAULT 0 CHECK (inquiries >= 0),
    not_found            int         NOT NULL DEFAULT 0 CHECK (not_found >= 0),
    sent_at              timestamptz,
    -- When a clerk attends to it next, and who does now.
    look_at              timestamptz,
    claimed_by           uuid,
    claimed_until        timestamptz,
    granted_on           date,
    transaction_id       text        CHECK (length(transaction_id) BETWEEN 1 AND 100),
    rejection            text        CHECK (length(rejection) <= 60),
    CHECK (state NOT IN ('granted', 'too_late', 'reversal_sent', 'reversed', 'reversal_failed', 'written_off')
           OR granted_on IS NOT NULL)
);
-- Of one entitlement at most one order lives or was granted: nothing is granted twice.
CREATE UNIQUE INDEX one_order_of_an_entitlement ON orders (entitlement_id)
    WHERE state NOT IN ('rejected', 'cancelled', 'reversed');
CREATE INDEX orders_due ON orders (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX orders_provider ON orders (provider_id, state_since DESC, id DESC);
CREATE INDEX orders_measure ON orders (measure_id, state);
CREATE INDEX orders_person ON orders (person_id, created_at DESC);
CREATE INDEX orders_granted ON orders (provider_id, granted_on) WHERE granted_on IS NOT NULL;

CREATE FUNCTION refuse_illegal_order_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'reserved' THEN
            RAISE EXCEPTION 'an order begins reserved, not %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_transition';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM order_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'an order cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_transition';
    END IF;
    IF (NEW.allocation_id, NEW.entitlement_id, NEW.person_id, NEW.measure_id, NEW.municipality_id, NEW.provider_id,
        NEW.payment_service_code, NEW.resident_ref, NEW.amount, NEW.reservation_id)
       IS DISTINCT FROM
       (OLD.allocation_id, OLD.entitlement_id, OLD.person_id, OLD.measure_id, OLD.municipality_id, OLD.provider_id,
        OLD.payment_service_code, OLD.resident_ref, OLD.amount, OLD.reservation_id) THEN
        RAISE EXCEPTION 'what is ordered, for whom and from whom stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER order_step BEFORE INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_order_step();

-- I7: what an order says of money is what the ledger has.
CREATE VIEW i7_orders_unlike_the_ledger AS
    SELECT o.id
      FROM orders o
      LEFT JOIN transfers r ON r.pending_id = o.reservation_id AND r.kind IN ('post', 'void')
     WHERE coalesce(r.kind, 'none') <> CASE
           WHEN o.state IN ('granted', 'too_late', 'reversal_sent', 'reversed', 'reversal_failed', 'written_off')
           THEN 'post'
           WHEN o.state IN ('rejected', 'cancelled') THEN 'void'
           ELSE 'none' END
        OR (r.kind = 'post' AND r.amount <> o.amount)
        OR (o.state = 'reversed') <> EXISTS (SELECT FROM transfers b WHERE b.reverses = r.id);

CREATE FUNCTION refuse_order_without_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM i7_orders_unlike_the_ledger i WHERE i.id = NEW.id) THEN
        RAISE EXCEPTION 'order % is not what the ledger says', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_and_ledger';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER order_and_ledger AFTER INSERT OR UPDATE OF state ON orders
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_order_without_money();

-- Every call to a provider, written down before it is made. In `request` the account is sealed; the hash is of the very
-- bytes that were sent.
CREATE TABLE order_attempts (
    order_id     uuid        NOT NULL REFERENCES orders,
    number       int         NOT NULL CHECK (number > 0),
    act          text        NOT NULL CHECK (act IN ('grant', 'inquiry', 'cancel', 'reversal')),
    request      bytea       NOT NULL,
    request_hash bytea       NOT NULL CHECK (length(request_hash) = 32),
    begun_at     timestamptz NOT NULL,
    ended_at     timestamptz,
    outcome      text        NOT NULL DEFAULT 'under_way'
                 CHECK (outcome IN ('under_way', 'answered', 'unknown', 'not_sent', 'refused', 'fed')),
    answer       text        NOT NULL DEFAULT '' CHECK (length(answer) <= 4000),
    PRIMARY KEY (order_id, number)
);

-- Everything a provider said about orders, as it came; the provider's own number makes a repeat the same answer.
CREATE TABLE order_answers (
    id             uuid        PRIMARY KEY,
    provider_id    uuid        NOT NULL,
    answer_key     text        NOT NULL CHECK (length(answer_key) BETWEEN 1 AND 200),
    order_id       uuid        REFERENCES orders,
    -- As it was written, when no order of the provider has this number.
    order_ref      text        NOT NULL CHECK (length(order_ref) <= 100),
    source         text        NOT NULL CHECK (source IN ('api', 'call', 'inquiry', 'statement', 'person')),
    result         text        NOT NULL,
    amount         bigint,
    resident_ref   text,
    transaction_id text,
    code           text,
    body           bytea       NOT NULL,
    body_hash      bytea       NOT NULL CHECK (body_hash = sha256(body)),
    verdict        text        NOT NULL CHECK (verdict IN ('apply', 'ignore', 'conflict', 'unknown_order')),
    received_at    timestamptz NOT NULL,
    UNIQUE (provider_id, answer_key)
);
CREATE INDEX order_answers_order ON order_answers (order_id, received_at) WHERE order_id IS NOT NULL;

CREATE FUNCTION refuse_to_rewrite_what_was_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'only_added_to';
END $$;
CREATE TRIGGER answers_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON order_answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_what_was_said();

-- What has no single reading: it has an owner and an age until somebody, or a statement, decides.
CREATE TABLE cases (
    id              uuid        PRIMARY KEY,
    kind            text        NOT NULL
                    CHECK (kind IN ('contradiction', 'late_grant', 'amount', 'wrong_person', 'double', 'missing_there',
                                    'missing_here', 'unknown_order', 'odd_answer', 'link_stop', 'mislink')),
    -- The same thing found again is the same case.
    about           text        NOT NULL UNIQUE,
    order_id        uuid        REFERENCES orders,
    provider_id     uuid        NOT NULL,
    municipality_id uuid,
    measure_id      uuid,
    answer_id       uuid        REFERENCES order_answers,
    owner           text        NOT NULL DEFAULT 'secretariat'
                    CHECK (owner IN ('municipality', 'provider', 'secretariat')),
    assignee        text,
    -- What lies in suspense because of it.
    suspended       bigint      NOT NULL DEFAULT 0 CHECK (suspended >= 0),
    transfer_id     uuid        REFERENCES transfers,
    words           text        NOT NULL DEFAULT '' CHECK (length(words) <= 2000),
    state           text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz,
    resolution      text        CHECK (resolution IN ('agreed', 'adopted', 'not_granted', 'accepted', 'returned',
                                                      'no_action')),
    closed_by       text,
    -- Where money lies in suspense one person proposes and another decides.
    proposed        text,
    proposed_by     text,
    version         bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL AND resolution IS NOT NULL AND closed_by IS NOT NULL)),
    CHECK ((suspended > 0) = (transfer_id IS NOT NULL)),
    CONSTRAINT two_people_decide CHECK (closed_by IS DISTINCT FROM proposed_by OR proposed_by IS NULL)
);
CREATE INDEX cases_open ON cases (opened_at, id) WHERE state = 'open';
CREATE INDEX cases_provider ON cases (provider_id, opened_at DESC, id DESC);
CREATE INDEX cases_municipality ON cases (municipality_id, opened_at DESC, id DESC) WHERE municipality_id IS NOT NULL;
CREATE INDEX cases_order ON cases (order_id) WHERE order_id IS NOT NULL;

-- A provider's statement of what it granted; the same statement again adds nothing.
CREATE TABLE statements (
    id           uuid        NOT NULL UNIQUE,
    provider_id  uuid        NOT NULL,
    statement_id text        NOT NULL CHECK (statement_id ~ '^[0-9A-Za-z._-]{1,60}$'),
    day          date        NOT NULL,
    lines        int         NOT NULL CHECK (lines >= 0),
    total        bigint      NOT NULL CHECK (total >= 0),
    content_hash bytea       NOT NULL CHECK (length(content_hash) = 32),
    received_at  timestamptz NOT NULL,
    received_by  text        NOT NULL,
    compared_at  timestamptz,
    revision     bigint      NOT NULL DEFAULT 1 CHECK (revision > 0),
    PRIMARY KEY (provider_id, statement_id)
);
CREATE INDEX statements_day ON statements (provider_id, day);
CREATE INDEX statements_new ON statements (received_at) WHERE compared_at IS NULL;

CREATE TABLE statement_lines (
    provider_id    uuid   NOT NULL,
    statement_id   text   NOT NULL,
    line_id        text   NOT NULL CHECK (length(line_id) BETWEEN 1 AND 60),
    order_ref      text   NOT NULL CHECK (length(order_ref) <= 100),
    amount         bigint NOT NULL CHECK (amount > 0 AND amount <= 1000000000000),
    resident_ref   text   NOT NULL CHECK (length(resident_ref) <= 100),
    transaction_id text   NOT NULL CHECK (length(transaction_id) BETWEEN 1 AND 100),
    granted_on     date   NOT NULL,
    match_class    text   CHECK (match_class IN ('matched', 'missing_here', 'amount', 'double', 'wrong_person',
                                                 'date_shift', 'repeated')),
    PRIMARY KEY (provider_id, statement_id, line_id),
    FOREIGN KEY (provider_id, statement_id) REFERENCES statements
);
CREATE INDEX statement_lines_order ON statement_lines (provider_id, order_ref);
CREATE INDEX statement_lines_to_do ON statement_lines (provider_id, statement_id) WHERE match_class IS NULL;

-- The result of comparing a day with a provider; a day compared again says the same.
CREATE TABLE reconciliations (
    provider_id  uuid        NOT NULL,
    day          date        NOT NULL,
    classes      jsonb       NOT NULL,
    compared_at  timestamptz NOT NULL,
    PRIMARY KEY (provider_id, day)
);

CREATE TABLE settlements (
    id              uuid        PRIMARY KEY,
    municipality_id uuid        NOT NULL,
    provider_id     uuid        NOT NULL,
    measure_id      uuid        NOT NULL,
    month           date        NOT NULL CHECK (extract(day FROM month) = 1),
    state           text        NOT NULL DEFAULT 'open'
                    CHECK (state IN ('open', 'closed', 'statement_issued', 'confirmed_by_provider',
                                     'approved_by_municipality', 'invoiced', 'paid')),
    grants          int         NOT NULL DEFAULT 0 CHECK (grants >= 0),
    granted         bigint      NOT NULL DEFAULT 0 CHECK (granted >= 0),
    reversals       int         NOT NULL DEFAULT 0 CHECK (reversals >= 0),
    reversed        bigint      NOT NULL DEFAULT 0 CHECK (reversed >= 0),
    version         bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    state_since     timestamptz NOT NULL,
    paid_transfer   uuid        REFERENCES transfers,
    UNIQUE (municipality_id, provider_id, measure_id, month)
);
CREATE INDEX settlements_provider ON settlements (provider_id, month DESC, id DESC);
CREATE INDEX settlements_municipality ON settlements (municipality_id, month DESC, id DESC);

CREATE TABLE settlement_steps (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    settlement_id uuid        NOT NULL REFERENCES settlements,
    at            timestamptz NOT NULL,
    state         text        NOT NULL,
    actor         text        NOT NULL
);
CREATE INDEX settlement_steps_of ON settlement_steps (settlement_id, id);
CREATE TRIGGER steps_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_what_was_said();

-- I8: what is promised to orders is what the orders under way ask for.
CREATE VIEW i8_promised_unlike_orders AS
    SELECT a.ledger, sum(a.debits_pending) AS promised, max(o.ordered) AS ordered
      FROM accounts a
      JOIN ledgers l ON l.id = a.ledger
      LEFT JOIN (SELECT measure_id, sum(amount) AS ordered FROM orders
                  WHERE state IN ('reserved', 'queued', 'sent', 'accepted', 'unknown', 'cancel_requested')
                  GROUP BY measure_id) o USING (measure_id)
     WHERE a.kind = 'payable'
     GROUP BY a.ledger
    HAVING sum(a.debits_pending) <> coalesce(max(o.ordered), 0);

-- I9: what lies in suspense is what open cases say lies there.
CREATE VIEW i9_suspense_unlike_cases AS
    SELECT a.ledger, sum(a.credits_posted - a.debits_posted) AS suspended, max(c.suspended) AS in_cases
      FROM accounts a
      JOIN ledgers l ON l.id = a.ledger
      LEFT JOIN (SELECT measure_id, sum(suspended) AS suspended FROM cases
                  WHERE state = 'open' GROUP BY measure_id) c USING (measure_id)
     WHERE a.kind = 'suspense'
     GROUP BY a.ledger
    HAVING sum(a.credits_posted - a.debits_posted) <> coalesce(max(c.suspended), 0);

-- I10: what is owed to a provider is what it granted, was not taken back and not yet paid, and what lies in suspense.
CREATE VIEW i10_owed_unlike_grants AS
    SELECT a.ledger, a.owner AS provider_id
      FROM accounts a
      JOIN ledgers l ON l.id = a.ledger
     WHERE a.kind IN ('payable', 'settled')
     GROUP BY a.ledger, a.owner, l.measure_id
    HAVING sum(a.debits_posted - a.credits_posted) <>
           (SELECT coalesce(sum(o.amount), 0) FROM orders o
             WHERE (o.measure_id, o.provider_id) = (l.measure_id, a.owner)
               AND o.state IN ('granted', 'too_late', 'reversal_sent', 'reversal_failed', 'written_off'))
         + (SELECT coalesce(sum(t.amount), 0) FROM transfers t
              JOIN accounts s ON s.id = t.credit_account AND s.kind = 'suspense'
              JOIN accounts p ON p.id = t.debit_account AND p.kind = 'payable' AND p.owner = a.owner
             WHERE t.ledger = a.ledger
               AND NOT EXISTS (SELECT FROM transfers b WHERE b.reverses = t.id));
