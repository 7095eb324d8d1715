-- What the database knows and tells nobody: keys that tokens follow from. Made at their first use, dumped with the rest.
CREATE TABLE collab.secrets (
	name text PRIMARY KEY,
	value bytea NOT NULL CHECK (pg_catalog.length(value) >= 32)
);
COMMENT ON TABLE collab.secrets IS 'Keys that tokens follow from; readable by the owner alone. Whoever has them can make any invite''s token.';
COMMENT ON COLUMN collab.secrets.name IS 'What it is for: invites.';
COMMENT ON COLUMN collab.secrets.value IS 'Random bytes.';
