-- Sessions of the programme, who takes part, and what belongs to them.

CREATE TABLE session_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO session_transitions VALUES
    ('draft', 'published'),
    ('published', 'registration_open'), ('published', 'held'), ('published', 'cancelled'),
    ('registration_open', 'full'), ('registration_open', 'closed'), ('registration_open', 'cancelled'),
    ('full', 'registration_open'), ('full', 'closed'), ('full', 'cancelled'),
    ('closed', 'held'), ('closed', 'cancelled'),
    ('held', 'archived');

CREATE TABLE sessions (
    id            uuid        PRIMARY KEY,
    series        text        NOT NULL
                  CHECK (series IN ('briefing_municipality', 'briefing_provider', 'working_group', 'sdk_subcommittee', 'event')),
    number        int         CHECK (number > 0),
    fiscal_year   int         NOT NULL CHECK (fiscal_year BETWEEN 2016 AND 2100),
    title         text        NOT NULL,
    summary       text        NOT NULL,
    audience      text        NOT NULL CHECK (audience IN ('everyone', 'municipality', 'provider', 'members')),
    precision     text        NOT NULL CHECK (precision IN ('time', 'day', 'month', 'range')),
    first_on      date        NOT NULL,
    last_on       date        NOT NULL,
    starts_at     timestamptz,
    ends_at       timestamptz,
    place         text        NOT NULL,
    link          text        NOT NULL,      -- for those who have a seat
    video         text        NOT NULL,
    capacity      int         CHECK (capacity > 0),
    sign_up_from  timestamptz,
    sign_up_until timestamptz,
    over_at       timestamptz NOT NULL,      -- when it is over, by its precision
    state         text        NOT NULL DEFAULT 'draft'
                  CHECK (state IN ('draft', 'published', 'registration_open', 'full', 'closed', 'held', 'archived', 'cancelled')),
    state_since   timestamptz NOT NULL,
    said_at       timestamptz,               -- of the last fact that changed what a calendar shows
    sequence      int         NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    version       bigint      NOT NULL CHECK (version > 0),
    revision      bigint      NOT NULL CHECK (revision >= 0),
    seated        int         NOT NULL DEFAULT 0 CHECK (seated >= 0),
    waiting       int         NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    -- Kept by the trigger on sign_ups: whatever a program does, no place is given twice.
    CONSTRAINT never_oversold CHECK (capacity IS NULL OR seated <= capacity),
    CHECK (first_on <= last_on),
    CHECK (starts_at < ends_at),
    CHECK ((precision = 'time') = (starts_at IS NOT NULL AND ends_at IS NOT NULL)),
    CHECK ((sign_up_from IS NULL) = (sign_up_until IS NULL)),
    CHECK (sign_up_from < sign_up_until AND sign_up_until <= over_at)
);
CREATE INDEX sessions_by_day ON sessions (first_on, id);
CREATE INDEX sessions_to_open ON sessions (sign_up_from) WHERE state = 'published' AND sign_up_from IS NOT NULL;
CREATE INDEX sessions_to_close ON sessions (sign_up_until) WHERE state IN ('registration_open', 'full');
CREATE INDEX sessions_to_hold ON sessions (over_at) WHERE state IN ('published', 'closed');
-- One 第n回 of a series in a fiscal year.
CREATE UNIQUE INDEX one_session_of_a_number ON sessions (series, fiscal_year, number)
    WHERE number IS NOT NULL AND state <> 'cancelled';

CREATE FUNCTION refuse_illegal_session_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM session_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'a session cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'session_transition';
    END IF;
    IF OLD.state IN ('held', 'archived', 'cancelled') AND
       (NEW.title, NEW.first_on, NEW.last_on, NEW.starts_at, NEW.ends_at, NEW.place, NEW.number, NEW.fiscal_year)
       IS DISTINCT FROM
       (OLD.title, OLD.first_on, OLD.last_on, OLD.starts_at, OLD.ends_at, OLD.place, OLD.number, OLD.fiscal_year)
    THEN
        RAISE EXCEPTION 'a session that is over stays as it was; corrections are records of their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'session_over';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER session_step BEFORE UPDATE ON sessions
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_session_step();

-- `number` is the order of arrival: it is drawn while the session is locked.
CREATE TABLE sign_ups (
    id              uuid        PRIMARY KEY,
    session_id      uuid        NOT NULL REFERENCES sessions,
    number          int         NOT NULL CHECK (number > 0),
    organisation_id uuid        NOT NULL,
    member_id       uuid        NOT NULL,
    state           text        NOT NULL CHECK (state IN ('seated', 'waiting', 'withdrawn')),
    signed_up_at    timestamptz NOT NULL,
    state_since     timestamptz NOT NULL,
    UNIQUE (session_id, number)
);
CREATE UNIQUE INDEX one_sign_up_each ON sign_ups (session_id, member_id) WHERE state <> 'withdrawn';
CREATE INDEX sign_ups_waiting ON sign_ups (session_id, number) WHERE state = 'waiting';
CREATE INDEX sign_ups_of_member ON sign_ups (member_id, signed_up_at);

CREATE FUNCTION count_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sessions
       SET seated = seated + (NEW.state = 'seated')::int
                  - CASE WHEN TG_OP = 'UPDATE' THEN (OLD.state = 'seated')::int ELSE 0 END,
           waiting = waiting + (NEW.state = 'waiting')::int
                  - CASE WHEN TG_OP = 'UPDATE' THEN (OLD.state = 'waiting')::int ELSE 0 END
     WHERE id = NEW.session_id;
    RETURN NULL;
END $$;
CREATE TRIGGER seats_counted AFTER INSERT OR UPDATE ON sign_ups
    FOR EACH ROW EXECUTE FUNCTION count_seats();
CREATE TRIGGER sign_ups_stay BEFORE DELETE ON sign_ups
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();

-- Papers of a session, where they lie: a page of the portal or an address outside.
CREATE TABLE session_materials (
    id         uuid        PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions,
    title      text        NOT NULL,
    audience   text        NOT NULL CHECK (audience IN ('public', 'members')),
    address    text        NOT NULL,
    added_at   timestamptz NOT NULL
);
CREATE INDEX session_materials_of ON session_materials (session_id, added_at);

-- What was wrong about a session that is over.
CREATE TABLE session_corrections (
    session_id uuid        NOT NULL REFERENCES sessions,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    note       text        NOT NULL CHECK (length(note) BETWEEN 1 AND 1000)
);
CREATE INDEX session_corrections_of ON session_corrections (session_id, at);
CREATE TRIGGER session_corrections_stay BEFORE UPDATE OR DELETE ON session_corrections
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();

-- Days on which the desk is open otherwise than the week and the holidays say.
CREATE TABLE calendar_exceptions (
    day    date PRIMARY KEY,
    opens  time,
    closes time,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 100),
    CHECK ((opens IS NULL) = (closes IS NULL)),
    CHECK (opens < closes)
);
