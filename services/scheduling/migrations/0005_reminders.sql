-- Who has a seat is reminded a day before; once for each time at which the session was to begin.

ALTER TABLE sign_ups ADD COLUMN reminded_for timestamptz;
CREATE INDEX sessions_to_remind_of ON sessions (starts_at)
    WHERE starts_at IS NOT NULL AND state IN ('published', 'registration_open', 'full', 'closed');
