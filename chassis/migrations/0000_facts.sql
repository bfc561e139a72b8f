-- What every service stands on: the facts it has said, the facts it has heard, its answers and its audit rows.
-- Run by the owner of the database. The application's role (<service>_app beside <service>_owner) may
-- only add to history.

DO $$
DECLARE app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
    IF app <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', app);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO %I', app);
    END IF;
END $$;

-- ---------------------------------------------------------------- said

-- History, replay source and origin of the feeds. `seq` is drawn while the subject is locked, so that per
-- subject it has the order of the revisions.
CREATE TABLE events (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    uuid        NOT NULL,
    subject     text        NOT NULL,
    revision    bigint      NOT NULL CHECK (revision > 0),
    kind        text        NOT NULL,
    type        text        NOT NULL,
    body        bytea       NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id  text,
    feeds       text[],     -- decided when said, so that a cursor means the same for ever
    actor       text,
    UNIQUE (subject, revision)
);

-- What has no position yet.
CREATE TABLE outbox (
    seq bigint PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- What has: `position` without gaps in the service, `number` without gaps in its kind. The primary key is
-- the fence between two relays.
CREATE TABLE log (
    position bigint PRIMARY KEY,
    kind     text   NOT NULL,
    number   bigint NOT NULL,
    seq      bigint NOT NULL,
    UNIQUE (kind, number)
);

CREATE TABLE feed_entries (
    feed     text,
    position bigint,
    seq      bigint NOT NULL,
    chain    bytea  NOT NULL,
    PRIMARY KEY (feed, position)
);

-- The last position of the service (name ''), the last number of each kind, the last entry of each feed ('feed:…').
CREATE TABLE heads (
    name     text PRIMARY KEY,
    position bigint NOT NULL,
    chain    bytea
) WITH (fillfactor = 50);

-- How far the broker has confirmed. To tell everything again from p: UPDATE relay SET published = p.
CREATE TABLE relay (
    one       bool PRIMARY KEY DEFAULT true CHECK (one),
    published bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO relay DEFAULT VALUES;

-- What was answered to an Idempotency-Key.
CREATE TABLE answers (
    principal    text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    status       int         NOT NULL,
    headers      bytea       NOT NULL DEFAULT '',
    body         bytea       NOT NULL,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (principal, key)
);
CREATE INDEX answers_at ON answers (at);

-- Who did what, for those who have to explain it later.
CREATE TABLE audit (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor           text        NOT NULL,
    organisation_id uuid,
    action          text        NOT NULL,
    subjects        text[]      NOT NULL DEFAULT '{}',
    request_id      text,
    details         jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_organisation ON audit (organisation_id, id);
CREATE INDEX audit_subjects ON audit USING gin (subjects);

-- ---------------------------------------------------------------- heard

-- Heard and not yet done. A row lives until its fact is applied; `subjects.applied` then makes it count once.
-- `subject` is the speaker's, with the speaker before it: registry.organisation/0193…
CREATE TABLE inbox (
    subject     text        NOT NULL,
    revision    bigint      NOT NULL,
    kind        text        NOT NULL,
    number      bigint      NOT NULL,
    event_id    uuid        NOT NULL,
    type        text        NOT NULL,
    body        bytea       NOT NULL,
    recorded_at timestamptz NOT NULL,
    request_id  text,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state       text        NOT NULL DEFAULT 'ready'
                CHECK (state IN ('ready', 'retry', 'waiting', 'held', 'parked')),
    attempts    int         NOT NULL DEFAULT 0,  -- tries that ended in an exception
    marks       int         NOT NULL DEFAULT 0,  -- tries whose end nobody saw
    due_at      timestamptz DEFAULT clock_timestamp(),
    why         text,
    PRIMARY KEY (subject, revision)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX inbox_due ON inbox (due_at) WHERE due_at IS NOT NULL AND attempts + marks = 0;
CREATE INDEX inbox_again ON inbox (due_at) WHERE due_at IS NOT NULL AND attempts + marks > 0;
CREATE INDEX inbox_idle ON inbox (subject, revision) WHERE due_at IS NULL;

CREATE TABLE subjects (
    subject text PRIMARY KEY,
    applied bigint NOT NULL
) WITH (fillfactor = 70);

-- The numbers heard, a row for each subscribed kind; made by `prepare`.
CREATE TABLE heard (
    kind text PRIMARY KEY,
    got  int8multirange NOT NULL DEFAULT '{}'
) WITH (fillfactor = 10);

-- What could not be read at all. The comparison fetches the fact again from its speaker.
CREATE TABLE quarantine (
    id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    raw bytea,
    why text
);

-- ---------------------------------------------------------------- history is only added to

CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('facts.forgetting', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON feed_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

-- Retention. Forgets facts recorded before `before`, but never the last one of a subject (the next revision
-- is checked against it), never one a feed holds, never one that has not been carried.
CREATE FUNCTION forget_facts(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE gone bigint[];
BEGIN
    PERFORM set_config('facts.forgetting', 'yes', true);
    SELECT array_agg(e.seq) INTO gone
      FROM events e JOIN log l USING (seq)
     WHERE e.recorded_at < before
       AND e.feeds IS NULL
       AND l.position <= (SELECT published FROM relay)
       AND EXISTS (SELECT FROM events n WHERE n.subject = e.subject AND n.revision = e.revision + 1);
    DELETE FROM log WHERE seq = ANY(gone);
    DELETE FROM events WHERE seq = ANY(gone);
    PERFORM set_config('facts.forgetting', '', true);
    RETURN coalesce(cardinality(gone), 0);
END $$;
REVOKE ALL ON FUNCTION forget_facts(timestamptz) FROM PUBLIC;

DO $$
DECLARE app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
    IF app <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON events, log, feed_entries, audit FROM %I', app);
    END IF;
END $$;
