-- Matches, the contracts that carry them, and what the signing service (CloudSign) was asked.

-- Which way a match may go. A state that is not named here cannot follow, whoever asks.
CREATE TABLE match_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO match_transitions VALUES
    ('proposed', 'accepted'), ('proposed', 'declined'), ('proposed', 'withdrawn'), ('proposed', 'expired'),
    ('accepted', 'contract_preparing'), ('accepted', 'withdrawn'),
    ('contract_preparing', 'contract_out'), ('contract_preparing', 'withdrawn'),
    ('contract_out', 'contract_preparing'), ('contract_out', 'contracted'),
    ('contracted', 'active'), ('contracted', 'ended'),
    ('active', 'ended');

CREATE TABLE matches (
    id              uuid PRIMARY KEY,
    municipality_id uuid NOT NULL REFERENCES organisations,
    provider_id     uuid NOT NULL REFERENCES organisations,
    fiscal_year     int  NOT NULL CHECK (fiscal_year BETWEEN 2016 AND 2100),
    state           text NOT NULL DEFAULT 'proposed'
                    CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn', 'expired', 'contract_preparing',
                                     'contract_out', 'contracted', 'active', 'ended')),
    proposed_by     text NOT NULL CHECK (proposed_by IN ('municipality', 'provider')),
    answer_by       date NOT NULL,
    -- The conditions. Exactly one of the two fees: yen for each grant, or hundredths of a percent of what is granted.
    fee_per_grant   int CHECK (fee_per_grant BETWEEN 0 AND 100000),
    fee_basis_points int CHECK (fee_basis_points BETWEEN 0 AND 10000),
    minimum_volume  int  NOT NULL DEFAULT 0 CHECK (minimum_volume BETWEEN 0 AND 100000000),
    funding         text NOT NULL CHECK (funding IN ('prefunding', 'invoice')),
    cutoff_days     int  NOT NULL CHECK (cutoff_days BETWEEN 0 AND 60),
    data_fields     text[] NOT NULL DEFAULT '{}',
    effective_on    date,                          -- of the last public fact: the next may not be earlier
    version         bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    revision        bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at      timestamptz NOT NULL,
    state_since     timestamptz NOT NULL,
    said_at         timestamptz,
    CHECK (municipality_id <> provider_id),
    CHECK ((fee_per_grant IS NULL) <> (fee_basis_points IS NULL)),
    CHECK (state NOT IN ('active') OR effective_on IS NOT NULL)
);
-- One at a time for each pair and year, whether under way or in force: so there are never two active ones.
CREATE UNIQUE INDEX one_match_per_pair_and_year ON matches (municipality_id, provider_id, fiscal_year)
    WHERE state NOT IN ('declined', 'withdrawn', 'expired', 'ended');
CREATE INDEX matches_municipality ON matches (municipality_id, state_since DESC, id DESC);
CREATE INDEX matches_provider ON matches (provider_id, state_since DESC, id DESC);
CREATE INDEX matches_queue ON matches (state_since DESC, id DESC);
CREATE INDEX matches_unanswered ON matches (answer_by) WHERE state = 'proposed';
CREATE INDEX matches_waiting ON matches (id) WHERE state = 'contracted';

CREATE FUNCTION refuse_illegal_match_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a match begins as a proposal, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'match_transition';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM match_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'a match cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'match_transition';
    END IF;
    IF (NEW.municipality_id, NEW.provider_id, NEW.fiscal_year, NEW.proposed_by)
       IS DISTINCT FROM (OLD.municipality_id, OLD.provider_id, OLD.fiscal_year, OLD.proposed_by) THEN
        RAISE EXCEPTION 'a match stays between its two sides'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'match_sides';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER match_step BEFORE INSERT OR UPDATE ON matches
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_match_step();

CREATE TABLE match_services (
    match_id           uuid NOT NULL REFERENCES matches,
    payment_service_id uuid NOT NULL REFERENCES payment_services,
    grant_types        text[] NOT NULL CHECK (cardinality(grant_types) > 0
                       AND grant_types <@ ARRAY['fixed', 'purchase_rate', 'charge_rate']),
    PRIMARY KEY (match_id, payment_service_id)
);

-- Every step of a match and of its contracts, with the text the other side got.
CREATE TABLE match_steps (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    match_id    uuid NOT NULL REFERENCES matches,
    contract_id uuid,
    at          timestamptz NOT NULL,
    act         text NOT NULL,
    side        text NOT NULL CHECK (side IN ('municipality', 'provider', 'secretariat', 'system')),
    actor       text NOT NULL,
    message     text NOT NULL DEFAULT '' CHECK (length(message) <= 2000)
);
CREATE INDEX match_steps_match ON match_steps (match_id, id);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON match_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

CREATE TABLE contract_transitions (
    was     text NOT NULL,
    becomes text NOT NULL,
    PRIMARY KEY (was, becomes)
);
INSERT INTO contract_transitions VALUES
    ('drafting', 'ready'), ('drafting', 'cancelled'),
    ('ready', 'sending'), ('ready', 'send_failed'), ('ready', 'cancelled'),
    ('sending', 'out'), ('sending', 'send_failed'), ('sending', 'bounced'), ('sending', 'concluded'),
    ('sending', 'rejected'), ('sending', 'cancelled'),
    ('send_failed', 'ready'), ('send_failed', 'cancelled'),
    ('out', 'bounced'), ('out', 'concluded'), ('out', 'rejected'), ('out', 'cancelled'),
    ('bounced', 'out'), ('bounced', 'concluded'), ('bounced', 'rejected'), ('bounced', 'cancelled'),
    ('concluded', 'ended');

CREATE TABLE contracts (
    id              uuid PRIMARY KEY,
    match_id        uuid NOT NULL REFERENCES matches,
    state           text NOT NULL DEFAULT 'drafting'
                    CHECK (state IN ('drafting', 'ready', 'sending', 'out', 'concluded', 'cancelled', 'rejected',
                                     'send_failed', 'bounced', 'ended')),
    -- Ours, written into the document: by it a document is found whose id we never heard.
    reference       text NOT NULL UNIQUE CHECK (reference ~ '^MC-[0-9A-HJKMNP-TV-Z]{10}$'),
    title           text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    body            text NOT NULL CHECK (length(body) BETWEEN 1 AND 20000),
    valid_from      date NOT NULL,
    valid_until     date NOT NULL CHECK (valid_until >= valid_from),
    file            bytea,                         -- the PDF that is signed, made when it became ready
    file_digest     text CHECK (file_digest ~ '^[0-9a-f]{64}$'),
    certificate     bytea,                         -- what the signing service gives for a concluded document
    external_system text NOT NULL DEFAULT 'cloudsign',
    external_document_id text UNIQUE,              -- once known, never another
    -- What the next look at the signing service is to bring about; NULL: only look.
    wanted          text CHECK (wanted IN ('send', 'remind', 'cancel')),
    reason          text NOT NULL DEFAULT '',
    look_at         timestamptz,                   -- when a job takes it next; NULL: never
    misses          int  NOT NULL DEFAULT 0 CHECK (misses >= 0),
    claimed_by      uuid,
    claimed_until   timestamptz,
    delayed_until   timestamptz,
    mailed_at       timestamptz,                   -- the last mail with a link
    link_until      timestamptz,
    link_expired_at timestamptz,
    reminded_count  int  NOT NULL DEFAULT 0 CHECK (reminded_count >= 0),
    reminded_by_itself bool NOT NULL DEFAULT false,
    concluded_at    timestamptz,
    ended_on        date,
    version         bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    revision        bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    created_at      timestamptz NOT NULL,
    state_since     timestamptz NOT NULL,
    said_at         timestamptz,
    CHECK (state = 'drafting' OR state = 'cancelled' OR (file IS NOT NULL AND file_digest IS NOT NULL)),
    CHECK (state NOT IN ('out', 'concluded', 'rejected', 'bounced', 'ended') OR external_document_id IS NOT NULL),
    CHECK ((state IN ('concluded', 'ended')) = (concluded_at IS NOT NULL)),
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
);
-- A match has one contract under way or in force; another follows when that one is over.
CREATE UNIQUE INDEX one_contract_per_match ON contracts (match_id)
    WHERE state NOT IN ('cancelled', 'rejected', 'ended');
CREATE INDEX contracts_match ON contracts (match_id, created_at);
CREATE INDEX contracts_due ON contracts (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX contracts_in_force ON contracts (valid_until) WHERE state = 'concluded';
CREATE INDEX contracts_queue ON contracts (state_since DESC, id DESC);

CREATE FUNCTION refuse_illegal_contract_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'drafting' THEN
            RAISE EXCEPTION 'a contract begins as a draft, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_transition';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM contract_transitions t WHERE t.was = OLD.state AND t.becomes = NEW.state
    ) THEN
        RAISE EXCEPTION 'a contract cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_transition';
    END IF;
    IF OLD.external_document_id IS NOT NULL AND NEW.external_document_id IS DISTINCT FROM OLD.external_document_id THEN
        RAISE EXCEPTION 'a contract is one document of the signing service'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_document';
    END IF;
    IF OLD.file_digest IS NOT NULL AND (NEW.file_digest, NEW.title, NEW.body, NEW.valid_from, NEW.reference)
       IS DISTINCT FROM (OLD.file_digest, OLD.title, OLD.body, OLD.valid_from, OLD.reference) THEN
        RAISE EXCEPTION 'what is to be signed stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_text';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contract_step BEFORE INSERT OR UPDATE ON contracts
    FOR EACH ROW EXECUTE FUNCTION refuse_illegal_contract_step();

CREATE TABLE contract_signers (
    contract_id  uuid NOT NULL REFERENCES contracts,
    place        int  NOT NULL CHECK (place BETWEEN 1 AND 3),
    side         text NOT NULL CHECK (side IN ('municipality', 'provider', 'secretariat')),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    organisation text NOT NULL CHECK (length(organisation) BETWEEN 1 AND 64),
    mail         text NOT NULL CHECK (length(mail) BETWEEN 3 AND 254),
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'asked', 'opened', 'agreed', 'rejected', 'bounced')),
    opened_at    timestamptz,
    agreed_at    timestamptz,
    PRIMARY KEY (contract_id, place)
);

-- Every call that may change something outside, committed before it is made.
CREATE TABLE contract_attempts (
    contract_id uuid NOT NULL REFERENCES contracts,
    number      int  NOT NULL CHECK (number > 0),
    act         text NOT NULL CHECK (act IN ('create', 'attach', 'add_signer', 'send', 'remind', 'cancel')),
    begun_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    outcome     text NOT NULL DEFAULT 'under_way'
                CHECK (outcome IN ('under_way', 'done', 'not_done', 'refused', 'away', 'unknown')),
    answer      text NOT NULL DEFAULT '',
    PRIMARY KEY (contract_id, number),
    CHECK ((outcome = 'under_way') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX one_attempt_at_a_time ON contract_attempts (contract_id) WHERE outcome = 'under_way';
CREATE UNIQUE INDEX one_document_per_contract ON contract_attempts (contract_id) WHERE act = 'create' AND outcome = 'done';
CREATE UNIQUE INDEX one_sending_per_contract ON contract_attempts (contract_id) WHERE act = 'send' AND outcome = 'done';

-- Answers of the signing service that make no sense, as they came.
CREATE TABLE contract_oddities (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contracts,
    at          timestamptz NOT NULL,
    asked       text NOT NULL,
    answer      text NOT NULL CHECK (length(answer) <= 4000)
);
CREATE INDEX contract_oddities_contract ON contract_oddities (contract_id, id);
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON contract_oddities
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

-- Maintenance windows as scheduling said them.
CREATE TABLE maintenance_windows (
    id        uuid PRIMARY KEY,
    system    text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    over      bool NOT NULL DEFAULT false          -- finished or cancelled
);
CREATE INDEX maintenance_windows_open ON maintenance_windows (system, starts_at) WHERE NOT over;

-- What a concluded contract that has not ended carries: which services of whom may grant how, and when.
CREATE VIEW cover AS
    SELECT m.municipality_id, m.fiscal_year, m.id AS match_id, m.provider_id, s.payment_service_id, g.grant_type,
           c.valid_from, c.valid_until
      FROM contracts c
      JOIN matches m ON m.id = c.match_id
      JOIN match_services s ON s.match_id = m.id
     CROSS JOIN LATERAL unnest(s.grant_types) AS g (grant_type)
     WHERE c.state = 'concluded' AND m.state IN ('contracted', 'active');

ALTER TABLE listed DROP CONSTRAINT listed_list_check;
ALTER TABLE listed ADD CONSTRAINT listed_list_check
    CHECK (list IN ('municipalities', 'providers', 'payment-services', 'participation', 'matches'));
