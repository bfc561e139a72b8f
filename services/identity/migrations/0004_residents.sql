-- Residents by card: who they are to us, their certificates as keyed hashes, what their cards were read for, where they act.

CREATE TABLE residents (
    resident_id   uuid        PRIMARY KEY,
    revision      bigint      NOT NULL CHECK (revision > 0),
    state         text        NOT NULL CHECK (state IN ('active', 'closed')),
    -- Name and day of birth as the signing certificate last said, sealed for identity alone; for the head of pages.
    called        text,
    registered_at timestamptz NOT NULL,
    closed_at     timestamptz,
    close_reason  text        CHECK (close_reason IN ('moved', 'died', 'double')),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL AND close_reason IS NOT NULL))
);

CREATE FUNCTION check_resident_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.resident_id <> OLD.resident_id OR NEW.registered_at <> OLD.registered_at THEN
        RAISE EXCEPTION 'a resident stays the same' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'closed' THEN
        RAISE EXCEPTION 'a closed resident does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.revision NOT IN (OLD.revision, OLD.revision + 1) THEN
        RAISE EXCEPTION 'revisions have no gaps' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER resident_transition BEFORE UPDATE ON residents
    FOR EACH ROW EXECUTE FUNCTION check_resident_transition();

-- The only trace of a serial number: its hash under a secret that is not in this database.
CREATE TABLE card_certificates (
    certificate bytea       PRIMARY KEY CHECK (octet_length(certificate) = 32),
    resident_id uuid        NOT NULL REFERENCES residents,
    use         text        NOT NULL CHECK (use IN ('authentication', 'signing')),
    first_at    timestamptz NOT NULL
);
CREATE INDEX card_certificates_resident ON card_certificates (resident_id);

CREATE FUNCTION check_certificate_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a certificate stays with its person' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER certificate_stays BEFORE UPDATE OR DELETE ON card_certificates
    FOR EACH ROW EXECUTE FUNCTION check_certificate_stays();

CREATE TABLE resident_sessions (
    session_id       uuid        PRIMARY KEY,
    resident_id      uuid        NOT NULL REFERENCES residents,
    token_hash       bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    state            text        NOT NULL CHECK (state IN ('open', 'ended')),
    created_at       timestamptz NOT NULL,
    last_seen_at     timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL CHECK (ends_at > created_at AND ends_at <= created_at + interval '12 hours'),
    -- At an assisted desk: which terminal, which staff, and the one session of staff in which it lives.
    desk_id          uuid        UNIQUE,
    terminal         text        CHECK (char_length(terminal) BETWEEN 1 AND 40),
    account_id       uuid        REFERENCES accounts,
    staff_id         uuid        REFERENCES members,
    staff_session_id uuid,
    ended_at         timestamptz,
    end_reason       text,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL AND end_reason IS NOT NULL)),
    CHECK (num_nulls(desk_id, terminal, account_id, staff_id, staff_session_id) IN (0, 5)),
    CHECK (desk_id IS NULL OR ends_at <= created_at + interval '10 minutes')
);
CREATE INDEX resident_sessions_of ON resident_sessions (resident_id) WHERE state = 'open';
CREATE INDEX resident_sessions_alive ON resident_sessions (last_seen_at) WHERE state = 'open';
CREATE INDEX resident_sessions_ended ON resident_sessions (ended_at) WHERE state = 'ended';
-- One person at a time: at a terminal, and with whoever helps there.
CREATE UNIQUE INDEX one_person_at_a_terminal ON resident_sessions (account_id, terminal)
    WHERE state = 'open' AND desk_id IS NOT NULL;
CREATE UNIQUE INDEX one_person_with_staff ON resident_sessions (staff_session_id)
    WHERE state = 'open' AND desk_id IS NOT NULL;

CREATE FUNCTION check_resident_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.session_id, NEW.resident_id, NEW.token_hash, NEW.created_at, NEW.ends_at, NEW.desk_id, NEW.staff_id)
       IS DISTINCT FROM
       (OLD.session_id, OLD.resident_id, OLD.token_hash, OLD.created_at, OLD.ends_at, OLD.desk_id, OLD.staff_id) THEN
        RAISE EXCEPTION 'a session keeps its person, its desk and its end' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'ended' THEN
        RAISE EXCEPTION 'an ended session does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER resident_session_keeps BEFORE UPDATE ON resident_sessions
    FOR EACH ROW EXECUTE FUNCTION check_resident_session();

-- What a card is asked to sign: for one purpose and one target, in one session, once, for two minutes.
CREATE TABLE card_challenges (
    challenge_id uuid        PRIMARY KEY,
    purpose      text        NOT NULL CHECK (purpose IN ('sign_in', 'desk', 'family', 'apply', 'link')),
    target       text        NOT NULL CHECK (char_length(target) <= 400),
    nonce        bytea       NOT NULL CHECK (octet_length(nonce) = 32),
    -- The session that asked: a resident's, or staff's who begins with somebody; none before signing in.
    session_id   uuid,
    desk_id      uuid,
    made_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at <= made_at + interval '120 seconds'),
    used_at      timestamptz,
    assertion    bytea       CHECK (octet_length(assertion) = 32),
    CHECK ((purpose = 'sign_in') = (session_id IS NULL)),
    CHECK ((used_at IS NULL) = (assertion IS NULL))
);
CREATE INDEX card_challenges_made ON card_challenges (made_at);

CREATE FUNCTION check_challenge_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL THEN
        RAISE EXCEPTION 'a challenge is answered once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER challenge_once BEFORE UPDATE ON card_challenges
    FOR EACH ROW EXECUTE FUNCTION check_challenge_once();

-- Every proof that was given: who, at which desk, for what, by which reading. Kept; ids and hashes only.
CREATE TABLE card_proofs (
    proof_id    uuid        PRIMARY KEY,
    resident_id uuid        NOT NULL REFERENCES residents,
    purpose     text        NOT NULL CHECK (purpose IN ('apply', 'link')),
    target      text        NOT NULL,
    session_id  uuid        NOT NULL,
    desk_id     uuid,
    terminal    text,
    staff_id    uuid,
    assertion   bytea       NOT NULL UNIQUE CHECK (octet_length(assertion) = 32),
    asserted_at timestamptz NOT NULL
);
CREATE INDEX card_proofs_resident ON card_proofs (resident_id, asserted_at);

-- A legal representative acts for a child once a municipality has confirmed it, and until a day.
CREATE TABLE representations (
    representation_id uuid        PRIMARY KEY,
    representative_id uuid        NOT NULL REFERENCES residents,
    child_id          uuid        NOT NULL REFERENCES residents,
    state             text        NOT NULL CHECK (state IN ('requested', 'confirmed', 'refused', 'ended')),
    municipality_code text        NOT NULL,
    -- What an application says of the child, sealed for identity alone.
    child             text        NOT NULL,
    requested_at      timestamptz NOT NULL,
    decided_at        timestamptz,
    decided_by        uuid        REFERENCES members,
    -- The last day, at most the one before the child comes of age.
    until_on          date        NOT NULL,
    CHECK (representative_id <> child_id),
    CHECK (state IN ('requested', 'ended') OR (decided_at IS NOT NULL AND decided_by IS NOT NULL))
);
CREATE UNIQUE INDEX one_representation ON representations (representative_id, child_id)
    WHERE state IN ('requested', 'confirmed');
CREATE INDEX representations_asked ON representations (municipality_code, representation_id) WHERE state = 'requested';
