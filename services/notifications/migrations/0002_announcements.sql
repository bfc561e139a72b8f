-- What is announced, who wants to hear of it, and who was told.

-- ---------------------------------------------------------------- who wants to hear what

-- A member's subscriber_id is the member's own id, and the address lies in `contacts`. A reader from outside has an
-- id of its own and one address, which is forgotten the moment nothing is wanted any more.
CREATE TABLE subscribers (
    subscriber_id uuid        PRIMARY KEY,
    audience      text        NOT NULL
                  CHECK (audience IN ('public', 'municipality', 'provider', 'secretariat')),
    address       text,
    language      text        NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'easy', 'en')),
    by_mail       boolean     NOT NULL DEFAULT true,
    -- Hours of Japan in which nothing that can wait goes out.
    quiet_from    time,
    quiet_until   time,
    revision      int         NOT NULL DEFAULT 1,
    CHECK ((audience = 'public') = (address IS NOT NULL)),
    CHECK (audience <> 'public' OR by_mail),
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK (quiet_from <> quiet_until)
);
CREATE UNIQUE INDEX subscribers_address ON subscribers (lower(address));

CREATE TABLE subscriptions (
    subscription_id uuid        PRIMARY KEY,
    subscriber_id   uuid        NOT NULL REFERENCES subscribers ON DELETE CASCADE,
    matching        text        NOT NULL CHECK (matching IN ('any', 'all')),
    facets          text[]      NOT NULL CHECK (cardinality(facets) BETWEEN 1 AND 50),
    -- How many different sorts of facets are named; `all` wants a value of each.
    sorts           int         NOT NULL CHECK (sorts > 0),
    frequency       text        NOT NULL CHECK (frequency IN ('at_once', 'daily', 'weekly')),
    -- asked: the mail that asks whether this is really wanted is out. Nothing else is sent before it is answered.
    state           text        NOT NULL CHECK (state IN ('asked', 'open')),
    asked_at        timestamptz NOT NULL,
    UNIQUE (subscriber_id, matching, facets)
);
CREATE INDEX subscriptions_asked ON subscriptions (asked_at) WHERE state = 'asked';

-- ---------------------------------------------------------------- what is announced

CREATE TABLE announcements (
    announcement_id uuid        PRIMARY KEY,
    number          bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    about           text        NOT NULL,
    about_revision  bigint      NOT NULL,
    kind            text        NOT NULL,
    template        text        NOT NULL,
    urgent          boolean     NOT NULL,
    audience        text[]      NOT NULL,
    facets          text[]      NOT NULL,
    -- The subject whose earlier announcements this one puts right: it goes to those who were told, and to nobody else.
    corrects        text,
    announced_at    timestamptz NOT NULL,
    -- How far down the list of readers it has come, in the order of their ids.
    spread_to       uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    spread_at       timestamptz,            -- when everybody stood in line
    UNIQUE (about, about_revision)
);
CREATE INDEX announcements_spreading ON announcements (number) WHERE spread_at IS NULL;

-- One letter for each language, shared by all who read that language.
ALTER TABLE letters ADD COLUMN announcement_id uuid REFERENCES announcements;
CREATE TABLE announcement_texts (
    announcement_id uuid NOT NULL REFERENCES announcements,
    language        text NOT NULL CHECK (language IN ('ja', 'easy', 'en')),
    letter_id       uuid NOT NULL REFERENCES letters,
    subject         text NOT NULL,
    summary         text NOT NULL,
    address         text NOT NULL,          -- where it stands in the portal
    -- The language it was really written in, where this one was missing.
    written_in      text NOT NULL,
    PRIMARY KEY (announcement_id, language)
);

-- A shared letter differs by language: the key of letters has to know it.
DO $$
DECLARE old text;
BEGIN
    SELECT conname INTO STRICT old FROM pg_constraint
     WHERE conrelid = 'letters'::regclass AND contype = 'u' AND cardinality(conkey) = 5;
    EXECUTE format('ALTER TABLE letters DROP CONSTRAINT %I', old);
END $$;
ALTER TABLE letters ADD CONSTRAINT letters_once
    UNIQUE NULLS NOT DISTINCT (about, about_revision, template, organisation_id, member_id, language);

-- In whose box a shared letter lies.
CREATE TABLE letter_readers (
    member_id uuid NOT NULL,
    letter_id uuid NOT NULL REFERENCES letters,
    PRIMARY KEY (member_id, letter_id)
);

-- ---------------------------------------------------------------- who is told of what, and how

-- A window is closed once; whoever is told afterwards is told in the next one.
CREATE TABLE digest_windows (
    frequency text        NOT NULL CHECK (frequency IN ('daily', 'weekly')),
    ends_at   timestamptz NOT NULL,
    closed_at timestamptz,
    made_at   timestamptz,                  -- when every digest of it was written
    PRIMARY KEY (frequency, ends_at)
);
CREATE INDEX digest_windows_open ON digest_windows (ends_at) WHERE made_at IS NULL;

CREATE TABLE tellings (
    announcement_id uuid        NOT NULL REFERENCES announcements,
    subscriber_id   uuid        NOT NULL,
    language        text        NOT NULL,
    way             text        NOT NULL CHECK (way IN ('mail', 'box')),
    frequency       text        NOT NULL,
    window_ends_at  timestamptz,
    delivery_id     uuid,                   -- the mail it is told in; a digest's is written at the end of its window
    dropped         text        CHECK (dropped IN ('stopped')),
    PRIMARY KEY (announcement_id, subscriber_id),
    CHECK ((window_ends_at IS NOT NULL) = (way = 'mail' AND frequency <> 'at_once')),
    CHECK (delivery_id IS NOT NULL OR way = 'box' OR window_ends_at IS NOT NULL),
    FOREIGN KEY (frequency, window_ends_at) REFERENCES digest_windows (frequency, ends_at)
);
CREATE INDEX tellings_held ON tellings (frequency, window_ends_at, subscriber_id)
    WHERE window_ends_at IS NOT NULL AND delivery_id IS NULL AND dropped IS NULL;
CREATE INDEX tellings_of_subscriber ON tellings (subscriber_id);

-- One digest for each person and window, ever.
CREATE TABLE digests (
    subscriber_id  uuid        NOT NULL,
    frequency      text        NOT NULL,
    window_ends_at timestamptz NOT NULL,
    letter_id      uuid        NOT NULL REFERENCES letters,
    delivery_id    uuid        NOT NULL,
    PRIMARY KEY (subscriber_id, frequency, window_ends_at),
    FOREIGN KEY (frequency, window_ends_at) REFERENCES digest_windows (frequency, ends_at)
);

-- ---------------------------------------------------------------- many mails at once

-- wide: one of many mails with the same letter; carried in rounds, and no fact is said about each.
ALTER TABLE deliveries
    ADD COLUMN wide     boolean NOT NULL DEFAULT false,
    -- Its answer was lost once and it was handed over a second time: it may have arrived twice.
    ADD COLUMN repeated boolean NOT NULL DEFAULT false,
    ADD COLUMN domain   text GENERATED ALWAYS AS (lower(substring(address FROM '[^@]*$'))) STORED,
    DROP CONSTRAINT deliveries_reason_check,
    ADD CONSTRAINT deliveries_reason_check
        CHECK (reason IN ('refused', 'address', 'late', 'returned', 'stopped')),
    ADD CONSTRAINT deliveries_repeated_wide CHECK (wide OR NOT repeated);
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'waiting' AND NOT wide;
CREATE INDEX deliveries_due_wide ON deliveries (domain, due_at) WHERE state = 'waiting' AND wide;
CREATE INDEX deliveries_late_wide ON deliveries (send_by) WHERE state = 'waiting' AND wide;
CREATE INDEX deliveries_of_letter ON deliveries (letter_id, state);
CREATE INDEX deliveries_of_contact ON deliveries (contact_id) WHERE state = 'waiting' AND wide;

-- After a lost answer one mail of many is tried once more without a person asking: once, says the database.
ALTER TABLE attempts ADD COLUMN route text;
CREATE UNIQUE INDEX attempts_repeated_once ON attempts (delivery_id)
    WHERE handed_at IS NOT NULL AND asked_by = 'service/notifications'
          AND outcome IS DISTINCT FROM 'not_sent';

-- ---------------------------------------------------------------- two ways out

-- How much goes by the second mail server, decided for all copies together.
CREATE TABLE mail_share (
    single            boolean     PRIMARY KEY DEFAULT true CHECK (single),
    secondary_percent int         NOT NULL CHECK (secondary_percent BETWEEN 0 AND 100),
    decided_at        timestamptz NOT NULL,
    why               text        NOT NULL
);
INSERT INTO mail_share (secondary_percent, decided_at, why) VALUES (0, '2020-01-01Z', 'start');
CREATE TABLE mail_share_changes (
    number            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secondary_percent int         NOT NULL,
    decided_at        timestamptz NOT NULL,
    why               text        NOT NULL
);
-- What was measured of each way, minute by minute.
CREATE TABLE route_minutes (
    route    text             NOT NULL CHECK (route IN ('primary', 'secondary')),
    minute   timestamptz      NOT NULL,
    tries    bigint           NOT NULL,
    failures bigint           NOT NULL,
    seconds  double precision NOT NULL,
    PRIMARY KEY (route, minute)
);
