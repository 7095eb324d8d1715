-- The step from 0.2 to 0.3, first part: what 0.2 has and 0.3 has otherwise. The typed functions, the fragments 57 to 59, the
-- levels and the owners follow, as they stand in the whole script.
\echo Use "ALTER EXTENSION collab UPDATE TO '0.3'" to load this file. \quit
