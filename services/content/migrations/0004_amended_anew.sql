-- A notice whose amendment was taken back may be amended anew: it stands on the site as if it never had been.
DROP INDEX one_amendment_each;
CREATE UNIQUE INDEX one_amendment_each ON notices (amends_id) WHERE state NOT IN ('discarded', 'withdrawn');
