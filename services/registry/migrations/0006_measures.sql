-- Measures (施策): what a municipality offers, from its first draft until everything is settled.

-- Which way a measure may go. A state that is not named here cannot follow, whoever asks.
CREATE TABLE measure_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO measure_transitions VALUES
    ('draft', 'internal_review'), ('draft', 'cancelled'),
    ('internal_review', 'returned'), ('internal_review', 'approved'), ('internal_review', 'cancelled'),
    ('returned', 'internal_review'), ('returned', 'cancelled'),
    ('approved', 'returned'), ('approved', 'scheduled'), ('approved', 'cancelled'),
    ('scheduled', 'open'), ('scheduled', 'paused'), ('scheduled', 'cancelled'),
    ('open', 'paused'), ('open', 'closed'),
    ('paused', 'open'), ('paused', 'scheduled'), ('paused', 'closed'), ('paused', 'cancelled'),
    ('closed', 'settling'),
    ('settling', 'completed');

CREATE TABLE measures (
    id                uuid PRIMARY KEY,
    municipality_id   uuid NOT NULL REFERENCES organisations,
    state             text NOT NULL DEFAULT 'draft'
                      CHECK (state IN ('draft', 'internal_review', 'returned', 'approved', 'scheduled', 'open', 'paused',
                                       'closed', 'settling', 'completed', 'cancelled')),
    edition           text CHECK (edition IN ('draft', 'internal_review', 'returned', 'approved')),
    title             text NOT NULL DEFAULT '',
    form              jsonb NOT NULL DEFAULT '{}',   -- what is typed, section by section
    proposed          jsonb,                         -- what was handed in, judged: this is approved and confirmed
    entry             jsonb,                         -- what is in force, as everybody reads it
    published_version int NOT NULL DEFAULT 0 CHECK (published_version >= 0),
    budget_yen        bigint CHECK (budget_yen > 0),
    most_yen          bigint CHECK (most_yen > 0),   -- what one entitlement can be worth
    drafted_by        text[] NOT NULL DEFAULT '{}',  -- everybody who typed or handed in what is under way
    approved_by       text,
    handed_in_at      timestamptz,                   -- since when somebody else has to look at it
    opened_at         timestamptz,                   -- the first time people could apply
    ended_at          timestamptz,                   -- since when nobody applies any more
    reason            text,                          -- of a pause, an end
    message           text NOT NULL DEFAULT '',
    due_at            timestamptz,                   -- when it goes on by itself: opens, closes, settles
    effective_at      timestamptz,                   -- of the last public fact: the next may not be earlier
    version           bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    revision          bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at        timestamptz NOT NULL,
    state_since       timestamptz NOT NULL,
    said_at           timestamptz,
    CONSTRAINT drafter_is_not_approver CHECK (approved_by IS NULL OR approved_by <> ALL (drafted_by)),
    CONSTRAINT approved_before_public CHECK (
        state IN ('draft', 'internal_review', 'returned', 'cancelled') OR published_version > 0 OR approved_by IS NOT NULL),
    CONSTRAINT public_has_an_entry CHECK (
        state IN ('draft', 'internal_review', 'returned', 'approved', 'cancelled') OR (entry IS NOT NULL AND published_version > 0)),
    CONSTRAINT entry_is_within_budget CHECK ((entry IS NULL) = (budget_yen IS NULL) AND most_yen <= budget_yen),
    CONSTRAINT edition_of_something_public CHECK (edition IS NULL OR state IN ('scheduled', 'open', 'paused')),
    CONSTRAINT open_has_opened CHECK (state NOT IN ('open', 'settling', 'completed') OR opened_at IS NOT NULL OR ended_at IS NOT NULL),
    CONSTRAINT never_cancelled_once_open CHECK (state <> 'cancelled' OR opened_at IS NULL),
    CONSTRAINT end_has_a_reason CHECK (state NOT IN ('paused', 'closed') OR reason IS NOT NULL),
    CONSTRAINT what_waits_is_due CHECK (state NOT IN ('scheduled', 'open', 'paused', 'closed') OR due_at IS NOT NULL)
);
CREATE INDEX measures_municipality ON measures (municipality_id, created_at DESC, id DESC);
CREATE INDEX measures_due ON measures (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX measures_waiting ON measures (handed_in_at, id) WHERE state = 'approved' OR edition = 'approved';

CREATE FUNCTION refuse_illegal_measure_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a measure begins as a draft, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_transition';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM measure_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'a measure cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_transition';
    END IF;
    IF NEW.effective_at < OLD.effective_at OR NEW.opened_at IS DISTINCT FROM coalesce(OLD.opened_at, NEW.opened_at) THEN
        RAISE EXCEPTION 'what was said of a measure stays said'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_said';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER measure_step BEFORE INSERT OR UPDATE ON measures
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_measure_step();

-- Nothing opens, and nothing is promised to open, unless a contract in force carries one of its services for
-- the way it grants, on the day it opens.
CREATE FUNCTION refuse_to_open_without_cover() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    opens_on date := (CASE NEW.state WHEN 'open' THEN NEW.state_since
                      ELSE greatest((NEW.entry->>'apply_from')::timestamptz, NEW.state_since) END
                      AT TIME ZONE 'Asia/Tokyo')::date;
BEGIN
    IF NOT EXISTS (
        SELECT FROM jsonb_array_elements(NEW.entry->'services') s
          JOIN cover c ON c.payment_service_id = (s->>'payment_service_id')::uuid
                      AND c.match_id = (s->>'match_id')::uuid
         WHERE c.municipality_id = NEW.municipality_id
           AND c.grant_type = NEW.entry->'amount'->>'grant_type'
           AND opens_on BETWEEN c.valid_from AND c.valid_until
    ) THEN
        RAISE EXCEPTION 'no contract covers this measure'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_cover';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER measure_cover BEFORE UPDATE ON measures FOR EACH ROW
    WHEN (NEW.state IN ('scheduled', 'open') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION refuse_to_open_without_cover();

-- Every version applicants can look up, whole.
CREATE TABLE measure_versions (
    measure_id   uuid NOT NULL REFERENCES measures,
    number       int  NOT NULL CHECK (number > 0),
    entry        jsonb NOT NULL,
    form         jsonb NOT NULL,                  -- as it was typed: a later version begins with it
    effective_at timestamptz NOT NULL,
    changed      text[] NOT NULL DEFAULT '{}',
    note         text NOT NULL DEFAULT '',
    drafted_by   text[] NOT NULL,
    approved_by  text,                             -- none where a lost contract made the version
    confirmed_by text NOT NULL,
    PRIMARY KEY (measure_id, number),
    CHECK (entry->>'version' = number::text)
);

-- Once people could apply, no later version may take away what somebody relied on: not the time, not the money.
CREATE FUNCTION refuse_a_worse_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := (SELECT entry FROM measure_versions WHERE measure_id = NEW.measure_id AND number = NEW.number - 1);
    opened bool := (SELECT opened_at IS NOT NULL FROM measures WHERE id = NEW.measure_id);
BEGIN
    IF NEW.number > 1 AND was IS NULL THEN
        RAISE EXCEPTION 'versions have no gaps' USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_version_gap';
    END IF;
    IF opened AND (
        (NEW.entry->>'apply_until')::timestamptz < (was->>'apply_until')::timestamptz
        OR (NEW.entry->>'allocate_by')::date < (was->>'allocate_by')::date
        OR (NEW.entry->>'budget_yen')::bigint < (was->>'budget_yen')::bigint
        OR (NEW.entry->'amount'->>'amount_yen')::bigint < (was->'amount'->>'amount_yen')::bigint
        OR (NEW.entry->'amount'->>'rate_percent')::int < (was->'amount'->>'rate_percent')::int
        OR (NEW.entry->'amount'->>'cap_per_entitlement_yen')::bigint < (was->'amount'->>'cap_per_entitlement_yen')::bigint
        OR NEW.entry->'amount'->>'grant_type' <> was->'amount'->>'grant_type'
    ) THEN
        RAISE EXCEPTION 'a later version is never worse for those who applied'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'measure_version_worse';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER never_worse BEFORE INSERT ON measure_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_a_worse_version();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON measure_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- Every step of a measure, with the text the other side got.
CREATE TABLE measure_steps (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    measure_id uuid NOT NULL REFERENCES measures,
    at         timestamptz NOT NULL,
    act        text NOT NULL,
    actor      text NOT NULL,
    side       text NOT NULL CHECK (side IN ('municipality', 'secretariat', 'system')),
    message    text NOT NULL DEFAULT '',
    reason     text
);
CREATE INDEX measure_steps_measure ON measure_steps (measure_id, id);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON measure_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
