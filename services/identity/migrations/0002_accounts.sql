-- Accounts of organisations (アカウント), how they were asked for, and the people who belong to them.

CREATE TABLE accounts (
    account_id        uuid        PRIMARY KEY,
    -- The version said last; every change of the account or of its members is one fact.
    revision          bigint      NOT NULL CHECK (revision > 0),
    organisation_kind text        NOT NULL CHECK (organisation_kind IN ('municipality', 'provider', 'secretariat')),
    organisation_code text        NOT NULL,
    organisation_name text        NOT NULL CHECK (char_length(organisation_name) BETWEEN 1 AND 100),
    state             text        NOT NULL
                      CHECK (state IN ('requested', 'mail_bounced', 'expired', 'provisional', 'issued', 'active', 'closed')),
    -- What the sign-in ids of its members begin with; given out once and never again.
    sign_in_prefix    text        UNIQUE CHECK (sign_in_prefix ~ '^[mps][0-9a-z]{5,15}$'),
    members_numbered  int         NOT NULL DEFAULT 0 CHECK (members_numbered >= 0),
    created_at        timestamptz NOT NULL,
    mail_sent_at      timestamptz,
    mail_bounced_at   timestamptz,
    issued_at         timestamptz,
    -- Provisional accounts (仮アカウント) become full ones on this day in Japan.
    promote_on        date,
    promoted_at       timestamptz,
    activated_at      timestamptz,
    closed_at         timestamptz,
    close_reason      text,
    CHECK (organisation_kind <> 'municipality' OR organisation_code ~ '^([0-9]{6}|[1-9][0-9]{12})$'),
    CHECK (organisation_kind <> 'provider' OR organisation_code ~ '^[1-9][0-9]{12}$'),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL AND close_reason IS NOT NULL)),
    CHECK (state NOT IN ('provisional', 'issued', 'active') OR sign_in_prefix IS NOT NULL),
    CHECK (state NOT IN ('requested', 'mail_bounced', 'expired') OR (sign_in_prefix IS NULL AND issued_at IS NULL)),
    CHECK (state NOT IN ('issued', 'active') OR issued_at IS NOT NULL),
    CHECK (state <> 'active' OR activated_at IS NOT NULL),
    CHECK (state <> 'provisional' OR (promote_on IS NOT NULL AND issued_at IS NULL))
);
-- One account for each organisation, except the requests of which one will win and those that are over.
CREATE UNIQUE INDEX accounts_one_per_organisation ON accounts (organisation_kind, organisation_code)
    WHERE state IN ('provisional', 'issued', 'active');
CREATE INDEX accounts_state ON accounts (state, account_id);
CREATE INDEX accounts_promote ON accounts (promote_on) WHERE state = 'provisional';

-- Who asked for the account; forgotten some time after the request has come to nothing.
CREATE TABLE account_requests (
    account_id        uuid        PRIMARY KEY REFERENCES accounts,
    open              bool        NOT NULL DEFAULT true,
    department        text        NOT NULL,
    contact_name      text        NOT NULL,
    contact_kana      text        NOT NULL,
    email             text        NOT NULL,
    email_key         text        NOT NULL,
    phone             text        NOT NULL,
    guideline_version text        NOT NULL,
    requested_at      timestamptz NOT NULL
);
-- A second request of the same address ends the first.
CREATE UNIQUE INDEX account_requests_one_open ON account_requests (email_key) WHERE open;
CREATE INDEX account_requests_at ON account_requests (requested_at);

CREATE TABLE members (
    member_id         uuid        PRIMARY KEY,
    account_id        uuid        NOT NULL REFERENCES accounts,
    sign_in_id        text        NOT NULL UNIQUE CHECK (sign_in_id ~ '^[mps][0-9a-z]{5,15}-[0-9]{2,4}$'),
    name              text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    email             text        NOT NULL,
    email_key         text        NOT NULL,
    roles             text[]      NOT NULL
                      CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['admin', 'editor', 'viewer', 'reviewer', 'approver', 'technical', 'operator']),
    state             text        NOT NULL CHECK (state IN ('invited', 'joined', 'removed')),
    password_hash     text        CHECK (password_hash LIKE '$argon2id$%'),
    password_set_at   timestamptz,
    -- The second factor, sealed with the service's own key; `pending` waits for its first code.
    totp              text,
    totp_pending      text,
    totp_set_at       timestamptz,
    -- The newest time step whose code was taken; codes of it and of older ones are refused.
    totp_step         bigint      NOT NULL DEFAULT 0,
    invited_at        timestamptz NOT NULL,
    joined_at         timestamptz,
    removed_at        timestamptz,
    last_signed_in_at timestamptz,
    CHECK ((state = 'joined') = (password_hash IS NOT NULL)),
    CHECK ((totp IS NULL) = (totp_set_at IS NULL)),
    CHECK ((state = 'removed') = (removed_at IS NOT NULL)),
    CHECK (state <> 'joined' OR joined_at IS NOT NULL)
);
CREATE UNIQUE INDEX members_one_per_address ON members (account_id, email_key) WHERE state <> 'removed';
CREATE INDEX members_account ON members (account_id, sign_in_id);

CREATE TABLE recovery_codes (
    member_id uuid        NOT NULL REFERENCES members,
    code_hash bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at   timestamptz,
    PRIMARY KEY (member_id, code_hash)
);

-- Links that were mailed: 256 bits of chance, kept as a hash.
CREATE TABLE links (
    link_id     uuid        PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES accounts,
    member_id   uuid        REFERENCES members,
    purpose     text        NOT NULL
                CHECK (purpose IN ('account_link', 'first_password', 'activation', 'invitation', 'password_reset')),
    token_hash  bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at > created_at AND expires_at <= created_at + interval '31 days'),
    used_at     timestamptz,
    replaced_at timestamptz,
    CHECK ((purpose = 'account_link') = (member_id IS NULL)),
    CHECK (used_at IS NULL OR replaced_at IS NULL)
);
-- A new link is the only one: the one before it is replaced in the same transaction.
CREATE UNIQUE INDEX links_one_alive ON links (account_id, purpose, coalesce(member_id, account_id))
    WHERE used_at IS NULL AND replaced_at IS NULL;

-- What the registry said about the organisation's registration.
CREATE TABLE registrations (
    organisation_id uuid   PRIMARY KEY,
    revision        bigint NOT NULL,
    state           text   NOT NULL
                    CHECK (state IN ('submitted', 'in_review', 'returned', 'rejected', 'application_withdrawn',
                                     'registered', 'suspended', 'withdrawn'))
);

-- ---------------------------------------------------------------- what may follow what

CREATE FUNCTION check_account_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.account_id, NEW.organisation_kind, NEW.created_at)
       IS DISTINCT FROM (OLD.account_id, OLD.organisation_kind, OLD.created_at) THEN
        RAISE EXCEPTION 'an account keeps its id, kind and beginning' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.sign_in_prefix IS NOT NULL AND NEW.sign_in_prefix IS DISTINCT FROM OLD.sign_in_prefix THEN
        RAISE EXCEPTION 'an account keeps the ids it gave out' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.revision < OLD.revision THEN
        RAISE EXCEPTION 'revisions only grow' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'requested>mail_bounced', 'requested>expired', 'requested>issued', 'requested>closed',
        'mail_bounced>requested', 'mail_bounced>expired', 'mail_bounced>issued', 'mail_bounced>closed',
        'provisional>issued', 'provisional>active', 'provisional>closed',
        'issued>active', 'issued>closed',
        'active>closed'
    ) THEN
        RAISE EXCEPTION 'an account never goes from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NEW.revision = OLD.revision THEN
        RAISE EXCEPTION 'a change of state is a new revision' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_transition BEFORE UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION check_account_transition();

CREATE FUNCTION check_account_beginning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('requested', 'provisional') AND NEW.organisation_kind <> 'secretariat' THEN
        RAISE EXCEPTION 'an account begins with a request or an import, not as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_beginning BEFORE INSERT ON accounts
    FOR EACH ROW EXECUTE FUNCTION check_account_beginning();

CREATE FUNCTION check_member_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.member_id, NEW.account_id, NEW.sign_in_id) IS DISTINCT FROM (OLD.member_id, OLD.account_id, OLD.sign_in_id) THEN
        RAISE EXCEPTION 'a member keeps account and sign-in id' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'invited>joined', 'invited>removed', 'joined>removed'
    ) THEN
        RAISE EXCEPTION 'a member never goes from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'removed' THEN
        RAISE EXCEPTION 'a removed member does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.totp_step < OLD.totp_step THEN
        RAISE EXCEPTION 'a used code stays used' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER member_transition BEFORE UPDATE ON members
    FOR EACH ROW EXECUTE FUNCTION check_member_transition();

-- Members belong to accounts that gave out ids, and somebody always remains who may invite others. The account
-- is locked first, so that two admins who step down at once are seen one after the other.
CREATE FUNCTION check_an_admin_remains() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE account_state text;
BEGIN
    SELECT state INTO account_state FROM accounts WHERE account_id = OLD.account_id FOR UPDATE;
    IF account_state IN ('provisional', 'issued', 'active') AND NOT EXISTS (
        SELECT FROM members WHERE account_id = OLD.account_id AND state <> 'removed' AND 'admin' = ANY (roles)
    ) THEN
        RAISE EXCEPTION 'an account keeps at least one admin' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_admin_remains AFTER UPDATE OF roles, state OR DELETE ON members
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_an_admin_remains();

CREATE FUNCTION check_member_beginning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'invited' THEN
        RAISE EXCEPTION 'a member begins invited' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM accounts WHERE account_id = NEW.account_id AND sign_in_prefix IS NOT NULL AND state <> 'closed'
    ) THEN
        RAISE EXCEPTION 'members belong to accounts that are issued' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER member_beginning BEFORE INSERT ON members
    FOR EACH ROW EXECUTE FUNCTION check_member_beginning();

-- A link is used once, before its end, and never comes back.
CREATE FUNCTION check_link_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.link_id, NEW.account_id, NEW.member_id, NEW.purpose, NEW.token_hash, NEW.created_at, NEW.expires_at)
       IS DISTINCT FROM
       (OLD.link_id, OLD.account_id, OLD.member_id, OLD.purpose, OLD.token_hash, OLD.created_at, OLD.expires_at) THEN
        RAISE EXCEPTION 'a link stays what it was when it was mailed' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.used_at IS NOT NULL OR OLD.replaced_at IS NOT NULL THEN
        RAISE EXCEPTION 'a link works once' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.used_at > OLD.expires_at THEN
        RAISE EXCEPTION 'a link works until its end' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER link_transition BEFORE UPDATE ON links
    FOR EACH ROW EXECUTE FUNCTION check_link_transition();
