-- Who can be written to, what was written to them, and how each mail fared.

-- ---------------------------------------------------------------- who

CREATE TABLE organisations (
    organisation_id   uuid    PRIMARY KEY,
    organisation_kind text    NOT NULL
                      CHECK (organisation_kind IN ('municipality', 'provider', 'secretariat')),
    name              text    NOT NULL,
    closed            boolean NOT NULL DEFAULT false
);
CREATE INDEX organisations_kind ON organisations (organisation_kind) WHERE NOT closed;

-- Addresses lie in this database and in no other (docs/decisions/0006). `contact_id` is the member's id; a
-- provisional account nobody has signed in to yet is written to under the organisation's own id.
CREATE TABLE contacts (
    contact_id      uuid   PRIMARY KEY,
    organisation_id uuid   NOT NULL,
    roles           text[] NOT NULL,
    name            text   NOT NULL,
    address         text   NOT NULL
);
CREATE INDEX contacts_organisation ON contacts (organisation_id);

-- ---------------------------------------------------------------- letters

-- One letter for each fact, template and reader. `letter_id` is computed from these, so that even a fact told
-- again to an empty database makes the same letter.
CREATE TABLE letters (
    letter_id        uuid        PRIMARY KEY,
    number           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    about            text        NOT NULL,
    about_revision   bigint      NOT NULL,
    template         text        NOT NULL,
    template_version int         NOT NULL,
    language         text        NOT NULL DEFAULT 'ja',
    -- Whose box it lies in: every member's of an organisation, one member's, or nobody's (no account yet).
    organisation_id  uuid,
    member_id        uuid,
    subject          text        NOT NULL CHECK (subject !~ '[[:cntrl:]]'),
    text             text        NOT NULL,
    by_mail          boolean     NOT NULL,   -- false: it lies in the box only
    -- Where a one-time link is found while the mail is under way. It is never stored in the open.
    sealed           text,
    link_until       timestamptz,   -- when that link is dead anyway
    written_at       timestamptz NOT NULL,
    -- Facts said about this letter.
    revision         bigint      NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (about, about_revision, template, organisation_id, member_id)
);
CREATE INDEX letters_of_organisation ON letters (organisation_id, number) WHERE member_id IS NULL;
CREATE INDEX letters_of_member ON letters (member_id, number) WHERE member_id IS NOT NULL;
CREATE INDEX letters_sealed ON letters (link_until) WHERE sealed IS NOT NULL;

CREATE TABLE readings (
    letter_id uuid        NOT NULL REFERENCES letters,
    member_id uuid        NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (letter_id, member_id)
);

-- ---------------------------------------------------------------- mails

CREATE TABLE deliveries (
    delivery_id uuid        PRIMARY KEY,
    number      bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    letter_id   uuid        NOT NULL REFERENCES letters,
    contact_id  uuid,
    name        text        NOT NULL,
    address     text,       -- null once it is not needed any more
    state       text        NOT NULL
                CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
    reason      text        CHECK (reason IN ('refused', 'address', 'late', 'returned')),
    answer      text        NOT NULL DEFAULT '',   -- the last thing a mail server said
    attempts    int         NOT NULL DEFAULT 0,
    asked_by    text,       -- who wanted the next attempt in spite of an unknown or failed one
    due_at      timestamptz,
    send_by     timestamptz NOT NULL,              -- afterwards nobody tries any more: it has failed
    queued_at   timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (letter_id, contact_id),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((state = 'failed') = (reason IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed')) = (finished_at IS NOT NULL))
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (delivery_id) WHERE state = 'sending';
CREATE INDEX deliveries_cases ON deliveries (state, number) WHERE state IN ('failed', 'unknown');

-- A copy of the job that is alive says so every second.
CREATE TABLE senders (
    sender_id uuid        PRIMARY KEY,
    seen_at   timestamptz NOT NULL
);

-- One row for each try, committed before the try. `handed_at` is committed before the mail server is given
-- the text: without it the letter was provably not sent, with it and without an outcome nobody knows.
CREATE TABLE attempts (
    delivery_id uuid        NOT NULL REFERENCES deliveries,
    attempt     int         NOT NULL CHECK (attempt > 0),
    sender_id   uuid        NOT NULL,
    asked_by    text,
    claimed_at  timestamptz NOT NULL,
    handed_at   timestamptz,
    outcome     text        CHECK (outcome IN ('accepted', 'refused', 'not_sent', 'unknown')),
    answer      text        NOT NULL DEFAULT '',
    finished_at timestamptz,
    PRIMARY KEY (delivery_id, attempt),
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
);
CREATE INDEX attempts_open ON attempts (sender_id) WHERE outcome IS NULL;

-- No mail twice, said by the database: a mail is handed over once, unless the server itself said that it did
-- not take it, or a person asked for another try.
CREATE UNIQUE INDEX attempts_handed_once ON attempts (delivery_id)
    WHERE handed_at IS NOT NULL AND asked_by IS NULL AND outcome IS DISTINCT FROM 'not_sent';
