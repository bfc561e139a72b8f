-- Since when nobody who applies gets a place, as benefits says it.
ALTER TABLE measures ADD COLUMN used_up_at timestamptz;
