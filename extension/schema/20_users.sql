-- Who acts: users, and which database role acts as whom. Operational tables: written directly, never rebuilt.

CREATE TYPE collab.workspace_role AS ENUM ('viewer', 'member', 'admin', 'owner');

CREATE SEQUENCE collab.users_id_seq;

CREATE TABLE collab.users (
	id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('collab.users_id_seq')
		CHECK (id BETWEEN 1 AND 9007199254740991),
	issuer text NOT NULL CHECK (pg_catalog.length(issuer) BETWEEN 1 AND 500),
	subject text NOT NULL CHECK (pg_catalog.length(subject) BETWEEN 1 AND 500),
	name text NOT NULL CHECK (pg_catalog.length(name) BETWEEN 1 AND 200),
	handle text COLLATE "C" NOT NULL UNIQUE CHECK (handle ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	avatar text CHECK (pg_catalog.length(avatar) <= 2000),
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	updated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	deactivated_at timestamptz,
	UNIQUE (issuer, subject)
);
ALTER SEQUENCE collab.users_id_seq OWNED BY collab.users.id;

CREATE TABLE collab.role_users (
	role regrole PRIMARY KEY,
	level text NOT NULL CHECK (level IN ('reader', 'person', 'application', 'bridge', 'consumer', 'admin')),
	user_id bigint
);
