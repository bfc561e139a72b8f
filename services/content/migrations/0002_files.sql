-- Files lie in the object store under their id; here stands what they are. Nobody gets one before it was looked
-- through.
CREATE TABLE files (
    id          uuid PRIMARY KEY,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120 AND name !~ '[/\\[:cntrl:]]'),
    media_type  text NOT NULL,
    size        bigint NOT NULL CHECK (size > 0),
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    state       text NOT NULL DEFAULT 'awaited' CHECK (state IN ('awaited', 'quarantined', 'checked', 'refused')),
    why         text,
    pages       int  CHECK (pages > 0),
    declared_at timestamptz NOT NULL,
    declared_by text NOT NULL,
    received_at timestamptz,
    -- Where its content lies in the object store; each try of an upload has a place of its own.
    key         text,
    checked_at  timestamptz,
    -- Until when a copy of the inspection has it; afterwards any other may take it.
    leased_until timestamptz,
    version     bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    CHECK ((state = 'awaited') = (received_at IS NULL)),
    CHECK ((state = 'awaited') = (key IS NULL)),
    CHECK ((state IN ('checked', 'refused')) = (checked_at IS NOT NULL)),
    CHECK ((state = 'refused') = (why IS NOT NULL))
);
CREATE INDEX files_quarantined ON files (received_at) WHERE state = 'quarantined';
CREATE INDEX files_forgotten ON files (declared_at) WHERE state IN ('awaited', 'refused');

-- What is handed out: a file with a title, for those it is meant for.
CREATE TABLE materials (
    id           uuid PRIMARY KEY,
    file_id      uuid NOT NULL REFERENCES files,
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    -- What it belongs to, as a subject is named: event/…, session/….
    topic        text NOT NULL DEFAULT '',
    audience     text NOT NULL CHECK (audience IN ('public', 'members', 'municipality', 'provider')),
    published_at timestamptz NOT NULL,
    taken_at     timestamptz,
    version      bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    CHECK (taken_at >= published_at)
);
CREATE INDEX materials_newest ON materials (published_at DESC, id DESC);
