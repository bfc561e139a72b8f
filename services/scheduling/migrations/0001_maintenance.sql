-- Maintenance windows: what rests from when to when, and every edition of what was said about it.

-- Which way a window may go. A state that is not named here cannot follow, whoever asks.
CREATE TABLE maintenance_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO maintenance_transitions VALUES
    ('announced', 'changed'), ('announced', 'in_progress'), ('announced', 'cancelled'),
    ('changed', 'changed'), ('changed', 'in_progress'), ('changed', 'cancelled'),
    ('in_progress', 'extended'), ('in_progress', 'finished'),
    ('extended', 'extended'), ('extended', 'finished');

CREATE TABLE maintenance_windows (
    id              uuid        PRIMARY KEY,
    series_id       uuid,
    system          text        NOT NULL
                    CHECK (system ~ '^(portal|application|identity|cloudsign|mynaportal|provider:[A-Za-z0-9-]{1,40})$'),
    functions       text[]      NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    end_is_estimate bool        NOT NULL,
    impact          text        NOT NULL CHECK (length(impact) <= 2000),
    state           text        NOT NULL DEFAULT 'announced'
                    CHECK (state IN ('announced', 'changed', 'in_progress', 'extended', 'finished', 'cancelled')),
    state_since     timestamptz NOT NULL,
    announced_at    timestamptz NOT NULL,
    revision        bigint      NOT NULL CHECK (revision > 0),
    CHECK (starts_at < ends_at)
);
-- The due times are data: whoever looks first after them acts, as of them.
CREATE INDEX maintenance_to_start ON maintenance_windows (starts_at) WHERE state IN ('announced', 'changed');
CREATE INDEX maintenance_to_end ON maintenance_windows (ends_at)
    WHERE state IN ('in_progress', 'extended') AND NOT end_is_estimate;
CREATE INDEX maintenance_by_start ON maintenance_windows (starts_at, id);
-- A window of a series is announced once, however often its announcement is tried.
CREATE UNIQUE INDEX maintenance_once_a_time ON maintenance_windows (series_id, starts_at)
    WHERE series_id IS NOT NULL AND state = 'announced';

CREATE FUNCTION refuse_illegal_maintenance_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'announced' OR NEW.revision <> 1 THEN
            RAISE EXCEPTION 'a window begins as announced, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'maintenance_transition';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM maintenance_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) OR NEW.revision <> OLD.revision + 1 THEN
        RAISE EXCEPTION 'a window cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'maintenance_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER maintenance_step BEFORE INSERT OR UPDATE ON maintenance_windows
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_maintenance_step();

-- The correction chain: each edition supersedes the one before it, and none is ever rewritten.
CREATE TABLE maintenance_editions (
    maintenance_id  uuid        NOT NULL REFERENCES maintenance_windows,
    revision        bigint      NOT NULL CHECK (revision > 0),
    act             text        NOT NULL,
    at              timestamptz NOT NULL,
    actor           text        NOT NULL,
    note            text        NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
    changed         text[]      NOT NULL DEFAULT '{}',
    functions       text[]      NOT NULL,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    end_is_estimate bool        NOT NULL,
    impact          text        NOT NULL,
    PRIMARY KEY (maintenance_id, revision)
);

CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is history and stays as it is', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER maintenance_editions_stay BEFORE UPDATE OR DELETE ON maintenance_editions
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();
