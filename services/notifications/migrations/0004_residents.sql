-- Residents are told of their applications and points: always in the portal, by mail where they proved an address.

CREATE TABLE residents (
    resident_id uuid   PRIMARY KEY,
    address     text,                                   -- null: nothing goes out by mail
    language    text   NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'easy', 'en')),
    -- What goes out by mail, too.
    by_mail     text[] NOT NULL DEFAULT '{applications,points,reminders}'
                CHECK (by_mail <@ '{applications,points,reminders}'::text[]),
    -- The address that is to be proved; an older question is void.
    asking      uuid,
    revision    bigint NOT NULL DEFAULT 1
);

CREATE TABLE address_asks (
    ask_id       uuid        PRIMARY KEY,
    resident_id  uuid        NOT NULL REFERENCES residents ON DELETE CASCADE,
    address      text        NOT NULL,
    asked_at     timestamptz NOT NULL,
    confirmed_at timestamptz
);
CREATE INDEX address_asks_of_resident ON address_asks (resident_id, asked_at);
CREATE INDEX address_asks_to_address ON address_asks (lower(address), asked_at);

-- What letters call things by: facts about applications carry ids.
CREATE TABLE measure_names (
    measure_id      uuid PRIMARY KEY,
    municipality_id uuid NOT NULL,
    title           text NOT NULL
);
CREATE TABLE payment_service_names (
    payment_service_id uuid PRIMARY KEY,
    code               text NOT NULL,
    name               text NOT NULL
);
CREATE INDEX payment_service_names_code ON payment_service_names (code);
