-- A resident looks at the accounts tied to them.
CREATE INDEX linked_accounts_resident ON linked_accounts (resident_id);
