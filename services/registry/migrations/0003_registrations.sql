-- Organisations on their way into the register, and those in it.

-- Which way a registration may go. A state that is not named here cannot follow, whoever asks.
CREATE TABLE registration_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO registration_transitions VALUES
    ('draft', 'submitted'),
    ('submitted', 'under_review'), ('submitted', 'draft'),
    ('under_review', 'returned'), ('under_review', 'registered'), ('under_review', 'rejected'), ('under_review', 'draft'),
    ('returned', 'submitted'), ('returned', 'draft'),
    ('rejected', 'draft'),
    ('registered', 'suspended'), ('registered', 'withdrawn'),
    ('suspended', 'registered'), ('suspended', 'withdrawn'),
    ('withdrawn', 'draft');

CREATE TABLE organisations (
    id             uuid PRIMARY KEY,              -- the account's id, where there is an account
    kind           text NOT NULL CHECK (kind IN ('municipality', 'provider')),
    source         text NOT NULL CHECK (source IN ('account', 'secretariat')),
    account_open   bool NOT NULL,
    claimed_code   text NOT NULL,                 -- what was said when the account was asked for
    claimed_name   text NOT NULL,
    state          text NOT NULL DEFAULT 'draft'
                   CHECK (state IN ('draft', 'submitted', 'under_review', 'returned', 'registered', 'rejected', 'suspended', 'withdrawn')),
    reference      text UNIQUE CHECK (reference ~ '^R[1-9][0-9]*-[MP]-[0-9]{4,}$'),
    code           text,                          -- municipality code or corporate number, as handed in
    name           text,
    form           jsonb NOT NULL DEFAULT '{}',   -- the draft, section by section, as typed
    registered     jsonb,                         -- the application that is in force
    correct_by     date,
    submissions    int  NOT NULL DEFAULT 0 CHECK (submissions >= 0),
    submitted_at   timestamptz,
    registered_on  date,
    effective_on   date,                          -- of the last public fact: the next may not be earlier
    version        bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    revision       bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at     timestamptz NOT NULL,
    state_since    timestamptz NOT NULL,
    said_at        timestamptz,                   -- of the last fact about it, its services or its participation
    CHECK (state IN ('draft', 'withdrawn', 'rejected') OR (reference IS NOT NULL AND code IS NOT NULL AND name IS NOT NULL)),
    CHECK (state NOT IN ('registered', 'suspended', 'withdrawn') OR (registered IS NOT NULL AND registered_on IS NOT NULL AND effective_on IS NOT NULL)),
    CHECK (effective_on >= registered_on)
);
-- One registration per legal entity: while one is under way or in force there is no second.
CREATE UNIQUE INDEX one_registration_per_legal_entity ON organisations (kind, code)
    WHERE state IN ('submitted', 'under_review', 'returned', 'registered', 'suspended');
CREATE INDEX organisations_queue ON organisations (state, submitted_at);

CREATE FUNCTION refuse_illegal_registration_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a registration begins as a draft, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_transition';
        END IF;
    ELSIF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM registration_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'a registration cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registration_step BEFORE INSERT OR UPDATE ON organisations
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_registration_step();

-- Reference numbers: R8-M-0113. The row is locked until the submission commits, so none is skipped.
CREATE TABLE reference_numbers (
    fiscal_year int  NOT NULL,
    kind        text NOT NULL,
    last        int  NOT NULL CHECK (last > 0),
    PRIMARY KEY (fiscal_year, kind)
);

-- What was handed in, each time: checked, in the form the register keeps it.
CREATE TABLE submissions (
    organisation_id uuid NOT NULL REFERENCES organisations,
    number          int  NOT NULL CHECK (number > 0),
    application     jsonb NOT NULL,
    documents       jsonb NOT NULL,
    submitted_at    timestamptz NOT NULL,
    submitted_by    text NOT NULL,
    PRIMARY KEY (organisation_id, number)
);

-- Every step of a registration, with the text the other side got.
CREATE TABLE steps (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    at              timestamptz NOT NULL,
    act             text NOT NULL,
    actor           text NOT NULL,
    message         text NOT NULL DEFAULT '',
    reason          text,
    remarks         jsonb NOT NULL DEFAULT '[]',
    day             date
);
CREATE INDEX steps_organisation ON steps (organisation_id, id);

CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON submissions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- Files that came with a registration. Nobody gets one back before it was looked through.
CREATE TABLE documents (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    slot            text NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    media_type      text NOT NULL,
    size            bigint NOT NULL CHECK (size > 0),
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    state           text NOT NULL DEFAULT 'quarantined' CHECK (state IN ('quarantined', 'checked', 'refused')),
    why             text,
    uploaded_at     timestamptz NOT NULL,
    uploaded_by     text NOT NULL,
    removed_at      timestamptz
);
CREATE INDEX documents_organisation ON documents (organisation_id) WHERE removed_at IS NULL;
CREATE INDEX documents_quarantined ON documents (uploaded_at) WHERE state = 'quarantined';
CREATE TABLE document_contents (
    document_id uuid PRIMARY KEY REFERENCES documents,
    content     bytea NOT NULL
);
ALTER TABLE document_contents ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE change_requests (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn')),
    wanted_on       date NOT NULL,
    reason          text NOT NULL,
    application     jsonb NOT NULL,
    requested_at    timestamptz NOT NULL,
    requested_by    text NOT NULL,
    decided_at      timestamptz,
    decided_by      text,
    message         text NOT NULL DEFAULT '',
    version         bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
-- One at a time, so that each difference is one against the register.
CREATE UNIQUE INDEX one_open_change_request ON change_requests (organisation_id) WHERE state = 'open';

CREATE FUNCTION refuse_to_reopen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'a change request is decided once' USING ERRCODE = 'check_violation', CONSTRAINT = 'change_request_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_once BEFORE UPDATE ON change_requests FOR EACH ROW EXECUTE FUNCTION refuse_to_reopen();
