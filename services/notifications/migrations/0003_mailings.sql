-- A letter to many organisations at once, row by row, and how many letters an organisation may have written in a day.

CREATE TABLE mailings (
    mailing_id      uuid        PRIMARY KEY,
    number          bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    organisation_id uuid        NOT NULL,       -- who has it written
    asked_by        text        NOT NULL,
    title           text        NOT NULL CHECK (title !~ '[[:cntrl:]]'),
    words           text        NOT NULL,
    rows            int         NOT NULL CHECK (rows BETWEEN 1 AND 10000),
    asked_at        timestamptz NOT NULL
);

CREATE TABLE mailing_rows (
    mailing_id      uuid NOT NULL REFERENCES mailings,
    row             int  NOT NULL CHECK (row > 0),
    organisation_id uuid NOT NULL,
    -- waiting → written, or one of the reasons why not.
    state           text NOT NULL CHECK (state IN ('waiting', 'written', 'unknown_organisation', 'closed')),
    letter_id       uuid REFERENCES letters,
    PRIMARY KEY (mailing_id, row),
    UNIQUE (mailing_id, organisation_id),
    CHECK ((state = 'written') = (letter_id IS NOT NULL))
);
CREATE INDEX mailing_rows_waiting ON mailing_rows (mailing_id, row) WHERE state = 'waiting';

CREATE TABLE letter_quotas (
    organisation_id uuid NOT NULL,
    day             date NOT NULL,             -- in Japan
    used            int  NOT NULL CHECK (used >= 0),
    PRIMARY KEY (organisation_id, day)
);
