-- What residents apply for, what was decided, and what they may receive of it.

CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is history and stays as it is', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

-- What was heard of measures; `entry` is the registry's own, in the version that counts.
CREATE TABLE measures (
    id                uuid        PRIMARY KEY,
    ledger            int         NOT NULL UNIQUE REFERENCES ledgers,
    municipality_id   uuid        NOT NULL,
    municipality_code text        NOT NULL,
    state             text        NOT NULL
                      CHECK (state IN ('published', 'open', 'paused', 'closed', 'cancelled', 'settling', 'completed')),
    version           int         NOT NULL,
    title             text        NOT NULL,
    apply_from        timestamptz NOT NULL,
    apply_until       timestamptz NOT NULL,
    allocate_by       date        NOT NULL,
    budget_yen        bigint      NOT NULL CHECK (budget_yen >= 0),
    -- The budget that was entered in the ledger; nobody takes back what was promised already.
    funded_yen        bigint      NOT NULL DEFAULT 0 CHECK (funded_yen >= 0),
    quota             bigint      CHECK (quota >= 0),
    -- The largest there ever was: who was let in stays in when it shrinks.
    largest_quota     bigint      CHECK (largest_quota >= quota),
    entry             jsonb       NOT NULL
);
CREATE INDEX measures_of ON measures (municipality_id, id);

-- Every version there was, so that a decision is made again as it was made.
CREATE TABLE measure_versions (
    measure_id uuid        NOT NULL REFERENCES measures,
    version    int         NOT NULL,
    said_at    timestamptz NOT NULL,
    entry      jsonb       NOT NULL,
    PRIMARY KEY (measure_id, version)
);

-- Places of a quota, spread like the yen of the budget; none left, none given.
CREATE TABLE lanes (
    measure_id uuid     NOT NULL REFERENCES measures,
    lane       smallint NOT NULL CHECK (lane BETWEEN 0 AND 15),
    available  bigint   NOT NULL REFERENCES accounts,
    reserved   bigint   NOT NULL REFERENCES accounts,
    -- None where the measure has no quota.
    places     bigint   CHECK (places >= 0),
    PRIMARY KEY (measure_id, lane)
);

-- What the register says may be received where.
CREATE TABLE payment_services (
    id          uuid   PRIMARY KEY,
    provider_id uuid   NOT NULL,
    code        text   NOT NULL UNIQUE,
    name        text   NOT NULL,
    offered     bool   NOT NULL,
    entry       jsonb  NOT NULL
);
CREATE TABLE matches (
    id              uuid PRIMARY KEY,
    municipality_id uuid NOT NULL,
    provider_id     uuid NOT NULL,
    fiscal_year     int  NOT NULL,
    active          bool NOT NULL,
    entry           jsonb NOT NULL
);

-- Lists of who may receive (付与対象者リスト): numbers the municipality gave out. A list counts once it is whole.
CREATE TABLE target_lists (
    id         uuid PRIMARY KEY,
    measure_id uuid NOT NULL,
    counts     bool NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX one_target_list_counts ON target_lists (measure_id) WHERE counts;
CREATE TABLE targets (
    list_id    uuid   NOT NULL REFERENCES target_lists,
    number     text   NOT NULL,
    amount_yen bigint CHECK (amount_yen > 0),
    children   int    CHECK (children >= 0),
    PRIMARY KEY (list_id, number)
);

-- Each reading of a card counts once.
CREATE TABLE proofs (
    id             uuid        PRIMARY KEY,
    resident_id    uuid        NOT NULL,
    purpose        text        NOT NULL CHECK (purpose IN ('apply', 'link')),
    target         text        NOT NULL,
    desk_id        uuid,
    staff_id       uuid,
    assertion_hash text        NOT NULL,
    asserted_at    timestamptz NOT NULL,
    used_at        timestamptz NOT NULL
);
CREATE TRIGGER proofs_stay BEFORE UPDATE OR DELETE ON proofs FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();

-- Payment services a resident keeps for later (マイ決済サービス); the account itself is sealed.
CREATE TABLE saved_services (
    id                 uuid        PRIMARY KEY,
    resident_id        uuid        NOT NULL,
    payment_service_id uuid        NOT NULL REFERENCES payment_services,
    account_sealed     text        NOT NULL CHECK (length(account_sealed) <= 8192),
    account_digest     text        NOT NULL,
    account_end        text        NOT NULL CHECK (length(account_end) <= 4),
    proof_id           uuid        NOT NULL REFERENCES proofs,
    saved_at           timestamptz NOT NULL,
    removed_at         timestamptz
);
CREATE UNIQUE INDEX saved_once ON saved_services (resident_id, payment_service_id, account_digest)
    WHERE removed_at IS NULL;

-- ---------------------------------------------------------------- applications
CREATE TABLE application_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO application_transitions VALUES
    ('waiting', 'approved'), ('waiting', 'in_review'), ('waiting', 'awaiting_participation'),
    ('waiting', 'withdrawn'), ('waiting', 'rejected'),
    ('awaiting_participation', 'approved'), ('awaiting_participation', 'in_review'),
    ('awaiting_participation', 'rejected'), ('awaiting_participation', 'withdrawn'),
    ('in_review', 'approved'), ('in_review', 'rejected'), ('in_review', 'returned'), ('in_review', 'withdrawn'),
    ('returned', 'in_review'), ('returned', 'rejected'), ('returned', 'withdrawn'),
    ('approved', 'completed'), ('approved', 'expired'), ('approved', 'revoked'), ('completed', 'revoked');

CREATE TABLE applications (
    id               uuid        PRIMARY KEY,
    -- What people call it by: K-7F3M-20B9.
    reference        text        NOT NULL UNIQUE,
    measure_id       uuid        NOT NULL REFERENCES measures,
    version          int         NOT NULL,
    -- Who acts, and for whom: the same, or the child.
    resident_id      uuid        NOT NULL,
    person_id        uuid        NOT NULL,
    -- Whom the measure counts: the person, or the household behind a keyed hash; and which of its times this is.
    unit_key         text        NOT NULL,
    turn             int         NOT NULL DEFAULT 1 CHECK (turn > 0),
    -- The name of the person for this municipality alone.
    resident_ref     text        NOT NULL,
    proof_id         uuid        NOT NULL UNIQUE REFERENCES proofs,
    state            text        NOT NULL CHECK (state IN ('waiting', 'awaiting_participation', 'in_review',
                     'returned', 'approved', 'completed', 'rejected', 'withdrawn', 'expired', 'revoked')),
    state_since      timestamptz NOT NULL,
    reason           text,
    message          text        NOT NULL DEFAULT '' CHECK (length(message) <= 1000),
    -- Until when the applicant answers, or the municipality decides.
    answer_by        timestamptz,
    amount           bigint      NOT NULL CHECK (amount > 0),
    lane             smallint,
    -- The transfer that reserves its yen: pending while somebody still decides.
    transfer_id      uuid        REFERENCES transfers,
    target_number    text,
    children         int,
    saved_service_id uuid        REFERENCES saved_services,
    statements       int[]       NOT NULL DEFAULT '{}',
    -- Handed in at: the moment that counts for deadlines and for the line.
    submitted_at     timestamptz NOT NULL,
    revision         bigint      NOT NULL CHECK (revision > 0)
);
-- One living application for each turn of a person, child or household, and for each number of the list.
CREATE UNIQUE INDEX one_living_application ON applications (measure_id, unit_key, turn)
    WHERE state NOT IN ('rejected', 'withdrawn', 'revoked');
CREATE UNIQUE INDEX one_living_target ON applications (measure_id, target_number)
    WHERE target_number IS NOT NULL AND state NOT IN ('rejected', 'withdrawn', 'revoked');
CREATE INDEX applications_own ON applications (resident_id, submitted_at DESC, id DESC);
CREATE INDEX applications_queue ON applications (measure_id, state, submitted_at, id);
CREATE INDEX applications_waiting ON applications (measure_id, submitted_at, id) WHERE state = 'waiting';
CREATE INDEX applications_unanswered ON applications (answer_by) WHERE state = 'returned';

CREATE FUNCTION refuse_illegal_application_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- What is decided at once is submitted and decided: two steps in one row.
        IF NEW.revision <> (CASE WHEN NEW.state IN ('approved', 'rejected') THEN 2 ELSE 1 END) THEN
            RAISE EXCEPTION 'an application begins with being submitted'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'application_transition';
        END IF;
    ELSIF NEW.revision <> OLD.revision + 1 OR (NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM application_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    )) THEN
        RAISE EXCEPTION 'an application cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_transition';
    END IF;
    -- Who holds a place holds the yen for it.
    IF (NEW.state IN ('awaiting_participation', 'in_review', 'returned', 'approved', 'completed'))
       AND (NEW.transfer_id IS NULL OR NEW.lane IS NULL) THEN
        RAISE EXCEPTION 'an application in state % has its yen reserved', NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_reserved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER application_step BEFORE INSERT OR UPDATE ON applications
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_application_step();

-- What the card said of the person: for those who review, and for nobody else.
CREATE TABLE applicants (
    application_id    uuid PRIMARY KEY REFERENCES applications,
    name              text NOT NULL,
    name_kana         text NOT NULL,
    birth_on          date NOT NULL,
    sex               text,
    municipality_code text NOT NULL,
    address           text NOT NULL
);

-- Every step of an application, with its reasons; only added to.
CREATE TABLE application_events (
    application_id uuid        NOT NULL REFERENCES applications,
    revision       bigint      NOT NULL,
    act            text        NOT NULL,
    at             timestamptz NOT NULL,
    actor          text        NOT NULL,
    approved_by    text        CHECK (approved_by <> actor),
    -- The version of the measure whose rules were applied, and what each of them said.
    version        int,
    findings       jsonb       NOT NULL DEFAULT '[]',
    reason         text,
    message        text        NOT NULL DEFAULT '',
    PRIMARY KEY (application_id, revision)
);
CREATE TRIGGER application_events_stay BEFORE UPDATE OR DELETE ON application_events
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();

CREATE TABLE evidence (
    id             uuid        PRIMARY KEY,
    application_id uuid        NOT NULL REFERENCES applications,
    code           text        NOT NULL,
    name           text        NOT NULL,
    media_type     text        NOT NULL,
    size           int         NOT NULL CHECK (size BETWEEN 1 AND 10485760),
    sha256         text        NOT NULL,
    state          text        NOT NULL DEFAULT 'quarantined' CHECK (state IN ('quarantined', 'checked', 'refused')),
    why            text,
    handed_in_at   timestamptz NOT NULL,
    removed_at     timestamptz
);
CREATE INDEX evidence_of ON evidence (application_id, handed_in_at);
CREATE INDEX evidence_to_check ON evidence (handed_in_at) WHERE state = 'quarantined';
CREATE TABLE evidence_contents (
    evidence_id uuid  PRIMARY KEY REFERENCES evidence,
    content     bytea NOT NULL
);

-- ---------------------------------------------------------------- attendance
CREATE TABLE attendance_codes (
    id          uuid        PRIMARY KEY,
    measure_id  uuid        NOT NULL REFERENCES measures,
    occasion_id uuid        NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    -- How many people it is for; none: everybody who sees it in its time.
    uses        int         CHECK (uses > 0),
    used        int         NOT NULL DEFAULT 0,
    made_by     text        NOT NULL,
    made_at     timestamptz NOT NULL,
    CHECK (valid_from < valid_until),
    CONSTRAINT attendance_code_used CHECK (uses IS NULL OR used <= uses)
);
CREATE TABLE attendances (
    application_id uuid        NOT NULL REFERENCES applications,
    occasion_id    uuid        NOT NULL,
    code_id        uuid        NOT NULL REFERENCES attendance_codes,
    at             timestamptz NOT NULL,
    PRIMARY KEY (application_id, occasion_id)
);

-- ---------------------------------------------------------------- proposals of reviewers
CREATE TABLE proposals (
    id              uuid        PRIMARY KEY,
    municipality_id uuid        NOT NULL,
    measure_id      uuid        NOT NULL REFERENCES measures,
    outcome         text        NOT NULL CHECK (outcome IN ('approve', 'reject')),
    reason          text,
    message         text        NOT NULL DEFAULT '' CHECK (length(message) <= 1000),
    state           text        NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'returned')),
    proposed_by     text        NOT NULL,
    proposed_at     timestamptz NOT NULL,
    decided_by      text,
    decided_at      timestamptz,
    remark          text        NOT NULL DEFAULT '' CHECK (length(remark) <= 1000),
    CONSTRAINT proposer_is_not_approver CHECK (state <> 'approved' OR decided_by <> proposed_by),
    CHECK ((state = 'proposed') = (decided_by IS NULL)),
    CHECK (outcome = 'approve' OR reason IS NOT NULL)
);
CREATE INDEX proposals_of ON proposals (municipality_id, state, proposed_at);
CREATE TABLE proposal_items (
    proposal_id    uuid   NOT NULL REFERENCES proposals,
    application_id uuid   NOT NULL REFERENCES applications,
    -- The application as the proposer saw it; a later one is left out.
    revision       bigint NOT NULL,
    -- What became of it: decided, or why it was left out.
    result         text   CHECK (result IN ('decided', 'changed')),
    PRIMARY KEY (proposal_id, application_id)
);
CREATE INDEX proposal_items_of ON proposal_items (application_id);

-- ---------------------------------------------------------------- entitlements
CREATE TABLE entitlements (
    id               uuid        PRIMARY KEY,
    person_id        uuid        NOT NULL,
    resident_id      uuid        NOT NULL,
    measure_id       uuid        NOT NULL REFERENCES measures,
    application_id   uuid        NOT NULL UNIQUE REFERENCES applications,
    amount           bigint      NOT NULL CHECK (amount > 0),
    -- The last day in Japan on which it can be allocated.
    allocate_by      date        NOT NULL,
    lane             smallint    NOT NULL,
    -- The transfer that made its yen `reserved` for good.
    posted_id        uuid        NOT NULL UNIQUE REFERENCES transfers,
    saved_service_id uuid        REFERENCES saved_services,
    state            text        NOT NULL CHECK (state IN ('issued', 'reserved', 'consumed', 'expired', 'revoked')),
    issued_at        timestamptz NOT NULL,
    state_since      timestamptz NOT NULL,
    -- The next thing that comes about by itself, and when: a reminder, or the end.
    due              text        CHECK (due IN ('remind_30', 'remind_7', 'remind_1', 'expire')),
    due_at           timestamptz,
    revision         bigint      NOT NULL CHECK (revision > 0),
    CHECK ((due IS NULL) = (due_at IS NULL)),
    CHECK (state IN ('issued', 'reserved') OR due IS NULL)
);
CREATE INDEX entitlements_own ON entitlements (resident_id, issued_at DESC, id DESC);
CREATE INDEX entitlements_due ON entitlements (due_at) WHERE state = 'issued';
CREATE INDEX entitlements_of ON entitlements (measure_id, state);

CREATE TABLE entitlement_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO entitlement_transitions VALUES
    ('issued', 'reserved'), ('issued', 'expired'), ('issued', 'revoked'), ('reserved', 'issued'),
    ('reserved', 'consumed'), ('consumed', 'revoked');
CREATE FUNCTION refuse_illegal_entitlement_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'issued' OR NEW.revision <> 1 THEN
            RAISE EXCEPTION 'an entitlement begins as issued, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'entitlement_transition';
        END IF;
    ELSIF NEW.revision <> OLD.revision + 1 OR NEW.amount <> OLD.amount OR NEW.person_id <> OLD.person_id
       OR (NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM entitlement_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    )) THEN
        RAISE EXCEPTION 'an entitlement cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entitlement_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entitlement_step BEFORE INSERT OR UPDATE ON entitlements
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_entitlement_step();

-- Who looked at a resident's data, when and why; shown to the resident.
CREATE TABLE reads (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_id     uuid        NOT NULL,
    application_id  uuid        NOT NULL REFERENCES applications,
    organisation_id uuid,
    actor           text        NOT NULL,
    what            text        NOT NULL CHECK (what IN ('application', 'evidence', 'list')),
    why             text        NOT NULL,
    at              timestamptz NOT NULL
);
CREATE INDEX reads_of ON reads (resident_id, id DESC);
CREATE TRIGGER reads_stay BEFORE UPDATE OR DELETE ON reads FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();

-- ---------------------------------------------------------------- places
-- A place in a lane and the accounts it is paid from. A lane that is free now is preferred, one that is busy is waited for,
-- and only when no single lane has enough are all of them locked, in their order, so that the last places are given one by
-- one and none is missed. `short` yen have to be brought to the lane first, from lanes that have them.
CREATE FUNCTION lane_with(measure uuid, wanted bigint, first int, waiting bool) RETURNS lanes LANGUAGE plpgsql AS $$
DECLARE
    own  lanes;
    best smallint;
BEGIN
    IF NOT waiting THEN
        SELECT l.* INTO own FROM lanes l JOIN accounts a ON a.id = l.available
         WHERE l.measure_id = measure AND l.places IS DISTINCT FROM 0
           AND a.debits_posted - a.credits_posted - a.credits_pending >= wanted
         ORDER BY (l.lane - first + 16) % 16 LIMIT 1 FOR UPDATE OF l SKIP LOCKED;
        RETURN own;
    END IF;
    SELECT l.lane INTO best FROM lanes l JOIN accounts a ON a.id = l.available
     WHERE l.measure_id = measure AND l.places IS DISTINCT FROM 0
       AND a.debits_posted - a.credits_posted - a.credits_pending >= wanted
     ORDER BY (l.lane - first + 16) % 16 LIMIT 1;
    SELECT * INTO own FROM lanes l WHERE l.measure_id = measure AND l.lane = best FOR UPDATE;
    RETURN own;
END $$;

-- Takes a place in one lane, or lets go of its lock when the lane was used up meanwhile; null when no lane has enough.
CREATE FUNCTION place_in_one_lane(measure uuid, wanted bigint, first int, waiting bool) RETURNS lanes LANGUAGE plpgsql AS $$
DECLARE
    own lanes;
BEGIN
    LOOP
        BEGIN
            own := lane_with(measure, wanted, first, waiting);
            IF own.lane IS NULL THEN
                RETURN NULL;
            END IF;
            IF own.places IS DISTINCT FROM 0 AND EXISTS (
                SELECT FROM accounts a
                 WHERE a.id = own.available AND a.debits_posted - a.credits_posted - a.credits_pending >= wanted
            ) THEN
                UPDATE lanes l SET places = l.places - 1 WHERE l.measure_id = measure AND l.lane = own.lane;
                RETURN own;
            END IF;
            RAISE EXCEPTION 'somebody was faster' USING ERRCODE = 'MP001';
        EXCEPTION WHEN SQLSTATE 'MP001' THEN
            CONTINUE;
        END;
    END LOOP;
END $$;

CREATE FUNCTION take_place(measure uuid, wanted bigint, first int)
RETURNS TABLE (lane smallint, available bigint, reserved bigint, short bigint) LANGUAGE plpgsql AS $$
DECLARE
    own   lanes;
    yen   bigint;
    there bigint;
BEGIN
    own := place_in_one_lane(measure, wanted, first, false);
    IF own.lane IS NULL THEN
        own := place_in_one_lane(measure, wanted, first, true);
    END IF;
    IF own.lane IS NOT NULL THEN
        RETURN QUERY SELECT own.lane, own.available, own.reserved, 0::bigint;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM lanes l WHERE l.measure_id = measure AND l.places IS DISTINCT FROM 0) THEN
        RETURN;
    END IF;
    PERFORM FROM lanes l WHERE l.measure_id = measure ORDER BY l.lane FOR UPDATE;
    SELECT sum(a.debits_posted - a.credits_posted - a.credits_pending) INTO there
      FROM lanes l JOIN accounts a ON a.id = l.available WHERE l.measure_id = measure;
    SELECT l.* INTO own FROM lanes l JOIN accounts a ON a.id = l.available
     WHERE l.measure_id = measure AND l.places IS DISTINCT FROM 0
     ORDER BY a.debits_posted - a.credits_posted - a.credits_pending DESC, l.lane LIMIT 1;
    IF own.lane IS NULL OR coalesce(there, 0) < wanted THEN
        RETURN;
    END IF;
    SELECT a.debits_posted - a.credits_posted - a.credits_pending INTO yen FROM accounts a WHERE a.id = own.available;
    UPDATE lanes l SET places = l.places - 1 WHERE l.measure_id = measure AND l.lane = own.lane;
    RETURN QUERY SELECT own.lane, own.available, own.reserved, greatest(wanted - yen, 0);
END $$;

-- Reserved for applications and held by entitlements is what lies in `reserved`, to the yen.
CREATE VIEW i8_reserved_unlike_entitlements AS
    SELECT m.id FROM measures m
     WHERE (SELECT coalesce(sum(debits_posted - credits_posted), 0) FROM accounts
             WHERE ledger = m.ledger AND kind = 'reserved')
        <> (SELECT coalesce(sum(amount), 0) FROM entitlements
             WHERE measure_id = m.id AND state IN ('issued', 'reserved'))
        OR (SELECT coalesce(sum(debits_pending), 0) FROM accounts WHERE ledger = m.ledger AND kind = 'reserved')
        <> (SELECT coalesce(sum(amount), 0) FROM applications
             WHERE measure_id = m.id AND state IN ('awaiting_participation', 'in_review', 'returned'));

-- Nobody holds more than one entitlement for one turn, and no more is given than there are places.
CREATE VIEW i6_beyond_the_cap AS
    SELECT measure_id, unit_key, turn FROM applications
     WHERE state NOT IN ('rejected', 'withdrawn', 'revoked')
     GROUP BY measure_id, unit_key, turn HAVING count(*) > 1
    UNION ALL
    SELECT m.id, NULL, NULL FROM measures m
     WHERE m.quota IS NOT NULL AND m.largest_quota < (
        SELECT count(*) FROM applications a WHERE a.measure_id = m.id
           AND a.state IN ('awaiting_participation', 'in_review', 'returned', 'approved', 'completed'));
