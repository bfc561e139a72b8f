-- Measures and target lists brought in from files: the file, what reading it came to, and the lists that count.

-- Which way an import may go. A state that is not named here cannot follow, whoever asks.
CREATE TABLE import_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO import_transitions VALUES
    ('uploaded', 'checking'), ('uploaded', 'cancelled'),
    ('checking', 'checked'), ('checking', 'refused'), ('checking', 'failed'), ('checking', 'cancelled'),
    ('checked', 'importing'), ('checked', 'cancelled'),
    ('importing', 'imported'), ('importing', 'failed');

CREATE TABLE imports (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    kind            text NOT NULL CHECK (kind IN ('targets', 'measures')),
    measure_id      uuid REFERENCES measures,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    media_type      text NOT NULL,
    size            bigint NOT NULL CHECK (size > 0),
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    state           text NOT NULL DEFAULT 'uploaded'
                    CHECK (state IN ('uploaded', 'checking', 'checked', 'refused', 'importing', 'imported', 'failed', 'cancelled')),
    why             text,                          -- the code of what was wrong with the whole file
    why_detail      text,                          -- … and what to do about it
    headings        text[] NOT NULL DEFAULT '{}',
    rows_expected   int NOT NULL DEFAULT 0 CHECK (rows_expected >= 0),
    rows_read       int NOT NULL DEFAULT 0 CHECK (rows_read >= 0),
    rows_faulty     int NOT NULL DEFAULT 0 CHECK (rows_faulty BETWEEN 0 AND rows_read),
    -- Which copy works on it, until when it need not say so again, and how often somebody began.
    worker          uuid,
    lease_until     timestamptz,
    attempt         int NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    uploaded_at     timestamptz NOT NULL,
    uploaded_by     text NOT NULL,
    started_at      timestamptz,
    checked_at      timestamptz,
    confirmed_at    timestamptz,
    confirmed_by    text,
    finished_at     timestamptz,
    cleared_at      timestamptz,                   -- since when nothing of the file is kept
    version         bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    CONSTRAINT targets_are_of_a_measure CHECK ((kind = 'targets') = (measure_id IS NOT NULL)),
    CONSTRAINT work_has_a_worker CHECK (state NOT IN ('checking') OR (worker IS NOT NULL AND lease_until IS NOT NULL)),
    CONSTRAINT refusal_has_a_reason CHECK (state NOT IN ('refused', 'failed') OR rows_faulty > 0 OR why IS NOT NULL),
    CONSTRAINT nothing_faulty_is_imported CHECK (state NOT IN ('checked', 'importing', 'imported') OR (rows_faulty = 0 AND rows_read > 0)),
    CONSTRAINT imported_when_confirmed CHECK (state NOT IN ('importing', 'imported') OR confirmed_by IS NOT NULL)
);
-- One at a time for a measure, and one file of measures at a time.
CREATE UNIQUE INDEX one_open_import ON imports (organisation_id, kind, coalesce(measure_id, organisation_id))
    WHERE state IN ('uploaded', 'checking', 'checked', 'importing');
CREATE INDEX imports_work ON imports (uploaded_at) WHERE state IN ('uploaded', 'checking', 'importing');
CREATE INDEX imports_organisation ON imports (organisation_id, uploaded_at DESC, id DESC);
CREATE INDEX imports_kept ON imports (uploaded_at) WHERE cleared_at IS NULL;

CREATE FUNCTION refuse_illegal_import_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'uploaded' THEN
            RAISE EXCEPTION 'an import begins with a file, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'import_transition';
        END IF;
    ELSIF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM import_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'an import cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'import_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER import_step BEFORE INSERT OR UPDATE ON imports
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_import_step();

CREATE TABLE import_contents (
    import_id uuid PRIMARY KEY REFERENCES imports,
    content   bytea NOT NULL
);
ALTER TABLE import_contents ALTER COLUMN content SET STORAGE EXTERNAL;

-- Rows that are right, until somebody says that they shall count. There are many: only who holds the import adds some.
CREATE TABLE import_rows (
    import_id uuid NOT NULL,
    number    int  NOT NULL CHECK (number > 0),    -- as spreadsheet programs number it
    content   jsonb NOT NULL,
    PRIMARY KEY (import_id, number)
);
-- Rows that must be mended, as they came; what may not be repeated is left out.
CREATE TABLE import_faulty_rows (
    import_id uuid NOT NULL REFERENCES imports,
    number    int  NOT NULL CHECK (number > 0),
    cells     text[] NOT NULL,
    PRIMARY KEY (import_id, number)
);
CREATE TABLE import_errors (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id   uuid NOT NULL REFERENCES imports,
    number      int  NOT NULL CHECK (number > 0),
    column_name text NOT NULL,
    value       text NOT NULL,
    code        text NOT NULL,
    detail      text NOT NULL
);
CREATE INDEX import_errors_import ON import_errors (import_id, number, id);

-- The lists that count. One of a measure is never changed: a later one counts instead.
CREATE TABLE target_lists (
    id          uuid PRIMARY KEY,
    measure_id  uuid NOT NULL REFERENCES measures,
    version     int  NOT NULL CHECK (version > 0),
    count       int  NOT NULL CHECK (count > 0),
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    import_id   uuid NOT NULL UNIQUE REFERENCES imports,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    replaced_at timestamptz,
    revision    bigint NOT NULL CHECK (revision > 0),
    UNIQUE (measure_id, version)
);
CREATE UNIQUE INDEX one_current_target_list ON target_lists (measure_id) WHERE replaced_at IS NULL;

CREATE FUNCTION refuse_to_change_a_target_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.replaced_at IS NOT NULL
       OR (NEW.id, NEW.measure_id, NEW.version, NEW.count, NEW.sha256, NEW.import_id)
          IS DISTINCT FROM (OLD.id, OLD.measure_id, OLD.version, OLD.count, OLD.sha256, OLD.import_id) THEN
        RAISE EXCEPTION 'a target list is replaced once and never changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'target_list_changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE ON target_lists
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_a_target_list();
CREATE TRIGGER only_added_to BEFORE DELETE OR TRUNCATE ON target_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

CREATE TABLE targets (
    target_list_id uuid NOT NULL,                  -- looked up once for all rows of a statement, below
    number         text NOT NULL CHECK (number ~ '^[A-Za-z0-9-]{3,32}$'),
    amount_yen     int CHECK (amount_yen > 0),
    children       int CHECK (children >= 0),
    PRIMARY KEY (target_list_id, number)
);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON targets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- A list comes whole, in one statement; nothing is added to it afterwards.
CREATE FUNCTION refuse_half_a_target_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT target_list_id FROM added) a
          LEFT JOIN target_lists l ON l.id = a.target_list_id
         WHERE l.id IS NULL OR l.replaced_at IS NOT NULL
            OR l.count <> (SELECT count(*) FROM targets t WHERE t.target_list_id = l.id)
    ) THEN
        RAISE EXCEPTION 'a target list comes whole'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'target_list_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER comes_whole AFTER INSERT ON targets REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_half_a_target_list();
