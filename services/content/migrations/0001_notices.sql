-- Notices: what was written (editions, only added to), when which edition stands on the site (two time axes),
-- and every step, for the page's own history.

CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Which way a notice may go. A state that is not named here cannot follow, whoever asks.
CREATE TABLE notice_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO notice_transitions VALUES
    ('draft', 'scheduled'), ('draft', 'published'), ('draft', 'discarded'),
    ('scheduled', 'draft'), ('scheduled', 'published'),
    ('published', 'ended'), ('published', 'withdrawn');

CREATE TABLE notices (
    id               uuid   PRIMARY KEY,
    state            text   NOT NULL DEFAULT 'draft'
                     CHECK (state IN ('draft', 'scheduled', 'published', 'ended', 'withdrawn', 'discarded')),
    origin           text   NOT NULL CHECK (origin IN ('editor', 'maintenance', 'document')),
    edition          int    NOT NULL CHECK (edition > 0),       -- the newest
    pinned           int    CHECK (pinned > 0),                 -- the one that goes live, or is
    publish_at       timestamptz,                               -- due times are data: no queue remembers them
    take_down_at     timestamptz,
    withdrawn_at     timestamptz,
    withdrawn_reason text,
    successor_id     uuid   REFERENCES notices,
    amends_id        uuid   REFERENCES notices,
    amendment        text   CHECK (amendment IN ('correction', 'cancellation', 'completion')),
    maintenance_id   uuid,
    version          bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    revision         bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at       timestamptz NOT NULL,
    said_at          timestamptz,                               -- of the last fact about it
    CHECK ((state IN ('draft', 'discarded')) = (pinned IS NULL)),
    CHECK ((state IN ('draft', 'discarded')) = (publish_at IS NULL)),
    CHECK (pinned <= edition),
    CHECK (take_down_at > publish_at),
    CHECK (state <> 'ended' OR take_down_at IS NOT NULL),
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
    CHECK ((amends_id IS NULL) = (amendment IS NULL)),
    CHECK (amends_id <> id),
    CHECK (successor_id <> id)
);
CREATE INDEX notices_due ON notices (publish_at) WHERE state = 'scheduled';
CREATE INDEX notices_take_down ON notices (take_down_at) WHERE state = 'published' AND take_down_at IS NOT NULL;
CREATE INDEX notices_queue ON notices (state, id);
CREATE INDEX notices_maintenance ON notices (maintenance_id) WHERE maintenance_id IS NOT NULL;
-- A chain, not a tree: what was amended once is amended next by amending the amendment.
CREATE UNIQUE INDEX one_amendment_each ON notices (amends_id) WHERE state <> 'discarded';

CREATE FUNCTION refuse_illegal_notice_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a notice begins as a draft, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_transition';
        END IF;
    ELSIF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM notice_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'a notice cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notice_step BEFORE INSERT OR UPDATE ON notices
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_notice_step();

CREATE TABLE notice_editions (
    notice_id  uuid NOT NULL REFERENCES notices,
    number     int  NOT NULL CHECK (number > 0),
    category   text NOT NULL CHECK (category IN ('maintenance', 'document', 'list', 'session', 'programme')),
    audience   text NOT NULL CHECK (audience IN ('public', 'members', 'municipality', 'provider')),
    texts      jsonb NOT NULL CHECK (texts ? 'ja'),
    links      jsonb NOT NULL DEFAULT '[]',
    written_at timestamptz NOT NULL,
    written_by text NOT NULL,
    PRIMARY KEY (notice_id, number)
);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_editions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- Which edition stands on the site from when to when, and from when to when we thought so.
CREATE TABLE notice_showings (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id   uuid NOT NULL,
    edition     int  NOT NULL,
    from_at     timestamptz NOT NULL,
    until_at    timestamptz,
    known_from  timestamptz NOT NULL,
    known_until timestamptz,
    FOREIGN KEY (notice_id, edition) REFERENCES notice_editions,
    CHECK (until_at > from_at),
    CHECK (known_until >= known_from)
);
CREATE INDEX notice_showings_now ON notice_showings (notice_id) WHERE known_until IS NULL;

CREATE FUNCTION refuse_two_editions_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM notice_showings WHERE id = NEW.id AND known_until IS NULL) AND EXISTS (
        SELECT FROM notice_showings o
         WHERE o.notice_id = NEW.notice_id AND o.id <> NEW.id AND o.known_until IS NULL
           AND tstzrange(o.from_at, o.until_at) && tstzrange(NEW.from_at, NEW.until_at)
    ) THEN
        RAISE EXCEPTION 'two editions of a notice at once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_edition_at_a_time';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER one_edition_at_a_time AFTER INSERT ON notice_showings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.known_until IS NULL)
    EXECUTE FUNCTION refuse_two_editions_at_once();

-- What stood, or will stand, on the site at `at`; `known` asks what was thought of that then. Of the present the
-- states decide with the clock, so that a clock put back takes nothing down that was up.
CREATE FUNCTION notices_shown(at timestamptz, present boolean, known timestamptz)
RETURNS TABLE (notice_id uuid, edition int) LANGUAGE sql STABLE AS $$
    SELECT s.notice_id, s.edition
      FROM notice_showings s
      JOIN notices n ON n.id = s.notice_id
     WHERE CASE WHEN known IS NULL THEN s.known_until IS NULL
                ELSE s.known_from <= known AND (s.known_until IS NULL OR s.known_until > known) END
       AND CASE WHEN NOT present OR n.state = 'scheduled'
                THEN s.from_at <= at AND (s.until_at IS NULL OR s.until_at > at)
                WHEN n.state = 'published'
                THEN s.edition = n.pinned AND (s.until_at IS NULL OR s.until_at > at)
                ELSE false END
$$;

CREATE TABLE notice_steps (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notices,
    at        timestamptz NOT NULL,
    act       text NOT NULL,
    actor     text NOT NULL,
    edition   int  NOT NULL,
    note      text NOT NULL DEFAULT ''
);
CREATE INDEX notice_steps_notice ON notice_steps (notice_id, id);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON notice_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
