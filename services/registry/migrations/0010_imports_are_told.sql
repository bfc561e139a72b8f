-- How often something was said of an import: that it was read, and what became of it.
ALTER TABLE imports ADD COLUMN revision bigint NOT NULL DEFAULT 0 CHECK (revision >= 0);
