-- Who is signed in, who may ask by machine, and how fast doors may be tried.

CREATE TABLE sessions (
    session_id   uuid        PRIMARY KEY,
    member_id    uuid        NOT NULL REFERENCES members,
    account_id   uuid        NOT NULL REFERENCES accounts,
    -- The opaque value of the browser's cookie, hashed; it changes with every step up.
    token_hash   bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    state        text        NOT NULL CHECK (state IN ('second_factor', 'second_factor_setup', 'open', 'ended')),
    amr          text[]      NOT NULL CHECK (amr <@ ARRAY['pwd', 'otp']),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    -- The end nothing postpones.
    ends_at      timestamptz NOT NULL CHECK (ends_at > created_at AND ends_at <= created_at + interval '12 hours'),
    address      text        NOT NULL,
    user_agent   text        NOT NULL,
    -- Something to be told on the first page: `promoted`.
    notice       text,
    wrong_codes  int         NOT NULL DEFAULT 0,
    ended_at     timestamptz,
    end_reason   text,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL AND end_reason IS NOT NULL))
);
CREATE INDEX sessions_of_member ON sessions (member_id) WHERE state <> 'ended';
CREATE INDEX sessions_alive ON sessions (last_seen_at) WHERE state <> 'ended';
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE state = 'ended';

CREATE FUNCTION check_session_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.session_id, NEW.member_id, NEW.created_at, NEW.ends_at)
       IS DISTINCT FROM (OLD.session_id, OLD.member_id, OLD.created_at, OLD.ends_at) THEN
        RAISE EXCEPTION 'a session keeps its person and its end' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'ended' OR (NEW.state <> OLD.state AND NEW.state NOT IN ('open', 'ended')) THEN
        RAISE EXCEPTION 'a session never goes from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'second_factor' AND NEW.state = 'open' AND NOT ('otp' = ANY (NEW.amr)) THEN
        RAISE EXCEPTION 'a session opens with its second factor' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER session_transition BEFORE UPDATE ON sessions
    FOR EACH ROW EXECUTE FUNCTION check_session_transition();

-- Machine clients of an organisation (OAuth client credentials).
CREATE TABLE clients (
    client_id    uuid        PRIMARY KEY,
    revision     bigint      NOT NULL CHECK (revision > 0),
    account_id   uuid        NOT NULL REFERENCES accounts,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    scopes       text[]      NOT NULL CHECK (cardinality(scopes) > 0),
    state        text        NOT NULL CHECK (state IN ('active', 'revoked')),
    created_by   uuid        NOT NULL REFERENCES members,
    created_at   timestamptz NOT NULL,
    rotated_at   timestamptz,
    revoked_at   timestamptz,
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE INDEX clients_account ON clients (account_id, client_id);

CREATE TABLE client_secrets (
    secret_id   uuid        PRIMARY KEY,
    client_id   uuid        NOT NULL REFERENCES clients,
    secret_hash bytea       NOT NULL CHECK (octet_length(secret_hash) = 32),
    created_at  timestamptz NOT NULL,
    -- Set when a newer secret took its place: the end of the overlap.
    expires_at  timestamptz
);
-- One secret is the current one; the others are on their way out.
CREATE UNIQUE INDEX client_secrets_one_current ON client_secrets (client_id) WHERE expires_at IS NULL;

CREATE FUNCTION check_client_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.client_id, NEW.account_id) IS DISTINCT FROM (OLD.client_id, OLD.account_id) THEN
        RAISE EXCEPTION 'a client keeps its organisation' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'revoked' THEN
        RAISE EXCEPTION 'a revoked client does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.revision <= OLD.revision THEN
        RAISE EXCEPTION 'a change is a new revision' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER client_transition BEFORE UPDATE ON clients
    FOR EACH ROW EXECUTE FUNCTION check_client_transition();

-- Wrong tries at a door, by keyed names that say nothing: an account, a network, both together.
CREATE TABLE tries (
    key           bytea       PRIMARY KEY,
    failures      int         NOT NULL CHECK (failures >= 0),
    failed_at     timestamptz NOT NULL,
    -- From when on this pair may try once, whatever others do meanwhile.
    turn_at       timestamptz
) WITH (fillfactor = 70);
CREATE INDEX tries_failed_at ON tries (failed_at);

-- Networks and browsers from which a member has signed in before.
CREATE TABLE known_places (
    member_id uuid        NOT NULL REFERENCES members,
    place     bytea       NOT NULL,
    seen_at   timestamptz NOT NULL,
    PRIMARY KEY (member_id, place)
);
CREATE INDEX known_places_seen_at ON known_places (seen_at);

-- What was asked at a public door and is answered by mail only: nobody can tell from the answer, nor from the
-- time it takes, whether the account is known.
CREATE TABLE asks (
    ask_id   uuid        PRIMARY KEY,
    kind     text        NOT NULL CHECK (kind IN ('account', 'renewal', 'password_reset')),
    -- Sealed with the service's own key: it may name a person.
    content  text        NOT NULL,
    asked_at timestamptz NOT NULL,
    attempts int         NOT NULL DEFAULT 0,
    due_at   timestamptz NOT NULL
);
CREATE INDEX asks_due ON asks (due_at);

-- Account mails lately asked for, by keyed address, to count them.
CREATE TABLE mailings (
    address bytea       NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX mailings_address ON mailings (address, at);
CREATE INDEX mailings_at ON mailings (at);
