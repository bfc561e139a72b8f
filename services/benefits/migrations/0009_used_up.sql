-- Whether anything is left for those who apply now, as it was said last.
ALTER TABLE measures
    ADD COLUMN used_up_at   timestamptz,
    ADD COLUMN use_revision bigint NOT NULL DEFAULT 0 CHECK (use_revision >= 0);
