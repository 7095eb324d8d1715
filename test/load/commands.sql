-- commands.sql: 200 boards to create tasks on, and the table that the peer inserts into: as collab.events, without what
-- makes it one.
CREATE TABLE bench.targets (n int PRIMARY KEY, board_id uuid, list_id uuid);
DO $$
DECLARE
	team uuid := (SELECT id FROM collab.workspaces WHERE name = 'Bench');
	board uuid;
BEGIN
	FOR n IN 1..200 LOOP
		board := (collab.create_board(team, 'Target ' || n)->'result'->>'board_id')::uuid;
		INSERT INTO bench.targets VALUES (n, board, (SELECT id FROM collab.lists WHERE board_id = board ORDER BY rank LIMIT 1));
	END LOOP;
END
$$;
CREATE TABLE bench.bare (LIKE collab.events INCLUDING DEFAULTS INCLUDING INDEXES);
-- many clients insert into one board's stream at once here: nothing gives them versions
ALTER TABLE bench.bare DROP CONSTRAINT bare_pkey;
CREATE UNIQUE INDEX ON bench.bare (aggregate_id, id);
CREATE TABLE bench.sample_event AS
	SELECT collab.create_task(board_id, list_id, 'Measured') AS ack, board_id FROM bench.targets WHERE n = 1;
CREATE TABLE bench.sample AS SELECT e.* FROM collab.events e JOIN bench.sample_event s ON e.aggregate_id = s.board_id ORDER BY e.version DESC LIMIT 1;
INSERT INTO bench.figures (figure, must) VALUES ('CREATE_TASK, 8 clients, per second', NULL);
VACUUM ANALYZE;
