-- database.sql: the extension and the bridge's role in the demo's database; run at every start.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS collab;
ALTER EXTENSION collab UPDATE;

SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'collab_bridge') AS no_bridge \gset
\if :no_bridge
CREATE ROLE collab_bridge LOGIN;
\endif
SELECT collab.grant_access('collab_bridge', 'bridge') \g /dev/null
