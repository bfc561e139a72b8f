-- Whatever the application says: an account is kept for later by a proof of this resident, made for exactly that account.
CREATE FUNCTION refuse_saved_service_without_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM proofs p JOIN payment_services s ON s.id = NEW.payment_service_id
         WHERE p.id = NEW.proof_id AND p.purpose = 'link' AND p.resident_id = NEW.resident_id
           AND p.target = concat_ws('/', 'keep', s.code, NEW.account_digest)
           AND NEW.saved_at <= p.asserted_at + interval '120 seconds'
    ) THEN
        RAISE EXCEPTION 'saved service % is not proven', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'saved_service_proven';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER saved_service_proven BEFORE INSERT ON saved_services
    FOR EACH ROW EXECUTE FUNCTION refuse_saved_service_without_proof();

-- What is kept stays as it was proven; it can only be kept no longer, once.
CREATE FUNCTION refuse_changed_saved_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.removed_at IS NOT NULL OR NEW.removed_at IS NULL
       OR (NEW.id, NEW.resident_id, NEW.payment_service_id, NEW.account_sealed, NEW.account_digest, NEW.account_end,
           NEW.proof_id, NEW.saved_at)
          IS DISTINCT FROM
          (OLD.id, OLD.resident_id, OLD.payment_service_id, OLD.account_sealed, OLD.account_digest, OLD.account_end,
           OLD.proof_id, OLD.saved_at)
    THEN
        RAISE EXCEPTION 'saved service % does not change', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'saved_service_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER saved_service_stays BEFORE UPDATE ON saved_services
    FOR EACH ROW EXECUTE FUNCTION refuse_changed_saved_service();
CREATE UNIQUE INDEX saved_by_one_proof ON saved_services (proof_id);
