-- What people decide about an order that was granted: to want it back, or to give up what could not be had back.
CREATE TABLE order_decisions (
    id          uuid        PRIMARY KEY,
    order_id    uuid        NOT NULL REFERENCES orders,
    kind        text        NOT NULL CHECK (kind IN ('reversal', 'write_off')),
    reason      text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    proposed_by text        NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by  text,
    decided_at  timestamptz,
    CONSTRAINT decided_by_another CHECK (decided_by <> proposed_by),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
-- One proposal at a time.
CREATE UNIQUE INDEX one_open_decision ON order_decisions (order_id) WHERE decided_by IS NULL;
CREATE INDEX order_decisions_of ON order_decisions (order_id, proposed_at);
CREATE INDEX entitlements_chosen ON entitlements (issued_at, id)
    WHERE state = 'issued' AND saved_service_id IS NOT NULL;
