-- Sessions and machine clients that ended: their tokens are refused until they would have expired anyway.
CREATE TABLE refused (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refused_at ON refused (at);
