-- The one map of deadlines: what ends when, and which reminder of it is said next.

CREATE TABLE deadlines (
    id                 uuid        PRIMARY KEY,   -- computed from what it is about
    about              text        NOT NULL,
    what               text        NOT NULL CHECK (what IN ('apply', 'allocate', 'service')),
    title              text        NOT NULL,
    organisation_id    uuid        NOT NULL,
    payment_service_id uuid,
    falls_at           timestamptz NOT NULL,
    state              text        NOT NULL CHECK (state IN ('set', 'passed', 'dropped')),
    -- The next thing time brings: a reminder so many days before, or 0 for its passing; due at `due_at`.
    next_days          int         CHECK (next_days IN (30, 7, 1, 0)),
    due_at             timestamptz,
    revision           bigint      NOT NULL CHECK (revision > 0),
    CHECK ((what = 'service') = (payment_service_id IS NOT NULL)),
    CHECK ((state = 'set') = (due_at IS NOT NULL AND next_days IS NOT NULL))
);
CREATE INDEX deadlines_due ON deadlines (due_at) WHERE state = 'set';
CREATE INDEX deadlines_by_time ON deadlines (falls_at, id) WHERE state <> 'dropped';
CREATE INDEX deadlines_about ON deadlines (about);
