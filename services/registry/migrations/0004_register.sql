-- The register itself: payment services, participation, and the public lists on two time axes.

CREATE TABLE payment_services (
    id           uuid PRIMARY KEY,
    provider_id  uuid NOT NULL REFERENCES organisations,
    code         text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$'),
    state        text NOT NULL CHECK (state IN ('registered', 'suspended', 'ended')),
    details      jsonb NOT NULL,
    registered_on date NOT NULL,
    effective_on date NOT NULL CHECK (effective_on >= registered_on),
    revision     bigint NOT NULL CHECK (revision > 0)
);
CREATE INDEX payment_services_provider ON payment_services (provider_id);

CREATE FUNCTION refuse_to_revive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'ended' THEN
        RAISE EXCEPTION 'an ended service stays ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_service_ended';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended_for_good BEFORE UPDATE ON payment_services FOR EACH ROW EXECUTE FUNCTION refuse_to_revive();

CREATE TABLE participations (
    id            uuid PRIMARY KEY,
    provider_id   uuid NOT NULL REFERENCES organisations,
    fiscal_year   int  NOT NULL CHECK (fiscal_year BETWEEN 2016 AND 2100),
    participating bool NOT NULL,
    effective_on  date NOT NULL,
    declared_at   timestamptz NOT NULL,
    revision      bigint NOT NULL CHECK (revision > 0),
    UNIQUE (provider_id, fiscal_year)
);

-- A row is true from valid_from until before valid_to, and we have thought so from known_from until before
-- known_to. Rows are closed, never changed: what was known at an instant stays askable.
CREATE TABLE listed (
    list            text NOT NULL CHECK (list IN ('municipalities', 'providers', 'payment-services', 'participation')),
    subject_id      uuid NOT NULL,
    code            text NOT NULL,                -- the order of the list
    kind            text,
    prefecture_code text,
    fiscal_year     int,
    key             text NOT NULL,                -- folded name, reading and code
    item            json NOT NULL,                -- exactly what the public list shows
    valid_from      date NOT NULL,
    valid_to        date NOT NULL DEFAULT 'infinity',
    known_from      timestamptz NOT NULL,
    known_to        timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (list, subject_id, valid_from, known_from),
    CHECK (valid_from < valid_to),
    CHECK (known_from <= known_to)
);
CREATE UNIQUE INDEX listed_now_from ON listed (list, subject_id, valid_from) WHERE known_to = 'infinity';
CREATE UNIQUE INDEX listed_now_to ON listed (list, subject_id, valid_to) WHERE known_to = 'infinity';
CREATE INDEX listed_now ON listed (list, code) WHERE known_to = 'infinity';
CREATE INDEX listed_now_prefecture ON listed (list, prefecture_code, code) WHERE known_to = 'infinity';

CREATE FUNCTION refuse_to_rewrite_the_register() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.known_to <> 'infinity'
       OR (NEW.list, NEW.subject_id, NEW.item::text, NEW.valid_from, NEW.valid_to, NEW.known_from)
          IS DISTINCT FROM (OLD.list, OLD.subject_id, OLD.item::text, OLD.valid_from, OLD.valid_to, OLD.known_from) THEN
        RAISE EXCEPTION 'what was known stays known' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed_never_changed BEFORE UPDATE OR DELETE ON listed
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_the_register();
