-- What a decision was built on, so that it can be made again; revocation takes two people like any other decision.

-- What was claimed on the day of the application: the line of the list, the children, the sentences.
ALTER TABLE applicants ADD COLUMN claim jsonb;

ALTER TABLE proposals DROP CONSTRAINT proposals_outcome_check;
ALTER TABLE proposals ADD CONSTRAINT proposals_outcome_check CHECK (outcome IN ('approve', 'reject', 'revoke'));

-- Whoever has to do something by an instant, and does not: asked for more, or expected at an occasion.
CREATE INDEX applications_overdue ON applications (answer_by)
    WHERE state IN ('returned', 'awaiting_participation') AND answer_by IS NOT NULL;
