-- Residents may want to be left alone by mail for some hours of the day, on Japan's clock.
ALTER TABLE residents
    ADD COLUMN quiet_from  time,
    ADD COLUMN quiet_until time,
    ADD CONSTRAINT quiet_from_until CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    ADD CONSTRAINT quiet_for_a_while CHECK (quiet_from <> quiet_until);
