-- What could be read of a session at a time: each edition as it was said, none ever rewritten.

CREATE TABLE session_editions (
    LIKE sessions,
    known_from timestamptz NOT NULL,
    PRIMARY KEY (id, revision)
);
CREATE INDEX session_editions_then ON session_editions (known_from);
CREATE TRIGGER session_editions_stay BEFORE UPDATE OR DELETE ON session_editions
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();

-- Of sessions that are there already two instants are known: when their plan was said last, and since when they stand
-- where they stand.
INSERT INTO session_editions SELECT s.*, s.state_since FROM sessions s WHERE s.state <> 'draft';
INSERT INTO session_editions
SELECT e.*, e.said_at
  FROM sessions s, LATERAL (SELECT (jsonb_populate_record(s, jsonb_build_object(
           'state', 'published', 'state_since', s.said_at, 'revision', s.revision - 1))).*) e
 WHERE s.state NOT IN ('draft', 'published') AND s.revision > 1 AND s.said_at < s.state_since;
