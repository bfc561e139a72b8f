-- A contract carries a measure only on days on which both stand in the register: the municipality, and the payment
-- service. So who leaves or rests opens nothing, whoever asks, and whoever comes back counts from their day on.

-- What contracts in force promise. A service that ended for good is promised no longer.
CREATE VIEW contract_cover AS
    SELECT m.municipality_id, m.fiscal_year, m.id AS match_id, m.provider_id, s.payment_service_id, g.grant_type,
           c.valid_from, least(c.valid_until, CASE p.state WHEN 'ended' THEN p.effective_on - 1 END) AS valid_until
      FROM contracts c
      JOIN matches m ON m.id = c.match_id
      JOIN match_services s ON s.match_id = m.id
      JOIN payment_services p ON p.id = s.payment_service_id
     CROSS JOIN LATERAL unnest(s.grant_types) AS g (grant_type)
     WHERE c.state = 'concluded' AND m.state IN ('contracted', 'active');

-- … and what of it counts: a row for each stretch of days on which the two are listed.
CREATE OR REPLACE VIEW cover AS
    SELECT c.municipality_id, c.fiscal_year, c.match_id, c.provider_id, c.payment_service_id, c.grant_type,
           greatest(c.valid_from, s.valid_from, m.valid_from) AS valid_from,
           least(c.valid_until, s.valid_to - 1, m.valid_to - 1) AS valid_until
      FROM contract_cover c
      JOIN listed s ON s.list = 'payment-services' AND s.subject_id = c.payment_service_id AND s.known_to = 'infinity'
      JOIN listed m ON m.list = 'municipalities' AND m.subject_id = c.municipality_id AND m.known_to = 'infinity'
     WHERE greatest(c.valid_from, s.valid_from, m.valid_from) <= least(c.valid_until, s.valid_to - 1, m.valid_to - 1);

-- Whose matches a service that rests is in; and which measures wait for one to come back.
CREATE INDEX match_services_service ON match_services (payment_service_id);
CREATE INDEX measures_resting ON measures (id) WHERE state = 'paused' AND reason = 'registration_suspended';
