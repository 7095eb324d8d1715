-- What a board's events say about its flow. The definitions are in docs/analytics.md. Days are of UTC; a time is when it
-- really was: for what was imported, its original time (occurred_at).

-- Every change of where a task is: its state from `at` on, until `until` (null: still).
CREATE FUNCTION collab.task_states(board_id uuid)
	RETURNS TABLE (task_id uuid, created timestamptz, at timestamptz, until timestamptz, list_id uuid, completed timestamptz, presence text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH moments AS (
		SELECT e.version, coalesce(e.event_data->>'task_id', e.event_data->'task'->>'id')::uuid AS task_id,
			coalesce((e.event_data->>'occurred_at')::timestamptz, e.created_at) AS at,
			coalesce(e.event_data->>'to_list_id', e.event_data->'task'->>'list_id')::uuid AS list_id,
			CASE e.event_type
				WHEN 'TaskUpdated' THEN e.event_data->'updates' ? 'completed_at'
				WHEN 'TaskArchived' THEN false WHEN 'TaskRestored' THEN e.event_data ? 'completed_at' WHEN 'TaskDeleted' THEN false
				ELSE true END AS says_completed,
			coalesce(e.event_data->'task'->>'completed_at', e.event_data->'updates'->>'completed_at', e.event_data->>'completed_at')::timestamptz AS completed,
			CASE e.event_type WHEN 'TaskCreated' THEN 'open' WHEN 'TaskRestored' THEN 'open' WHEN 'TaskArchived' THEN 'archived'
				WHEN 'TaskDeleted' THEN 'deleted' END AS presence
		FROM collab.events e
		WHERE e.aggregate_id = task_states.board_id AND e.event_type IN ('TaskCreated', 'TaskMoved', 'TaskCompleted', 'TaskReopened',
			'TaskArchived', 'TaskRestored', 'TaskDeleted')
			OR e.aggregate_id = task_states.board_id AND e.event_type = 'TaskUpdated'
				AND (e.event_data ? 'to_list_id' OR e.event_data->'updates' ? 'completed_at')
	), groups AS (
		SELECT m.*, min(m.at) OVER task AS created, max(m.at) OVER task AS since, count(m.list_id) OVER task AS lists,
			count(*) FILTER (WHERE m.says_completed) OVER task AS completions, count(m.presence) OVER task AS presences
		FROM moments m WINDOW task AS (PARTITION BY m.task_id ORDER BY m.version)
	)
	SELECT g.task_id, first_value(g.created) OVER task, g.since, lead(g.since) OVER task,
		first_value(g.list_id) OVER (PARTITION BY g.task_id, g.lists ORDER BY g.version),
		first_value(g.completed) OVER (PARTITION BY g.task_id, g.completions ORDER BY g.version),
		first_value(g.presence) OVER (PARTITION BY g.task_id, g.presences ORDER BY g.version)
	FROM groups g WINDOW task AS (PARTITION BY g.task_id ORDER BY g.version)
$$;
COMMENT ON FUNCTION collab.task_states IS 'Each task''s states by its events: in which list, since when completed, open or archived or deleted, from when until when.';

-- One row per task that is not deleted.
CREATE FUNCTION collab.task_flow(board_id uuid)
	RETURNS TABLE (task_id uuid, created timestamptz, started timestamptz, completed timestamptz)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT s.task_id, min(s.created), min(s.at) FILTER (WHERE l.category = 'doing'), max(s.completed) FILTER (WHERE s.until IS NULL)
	FROM collab.task_states(task_flow.board_id) AS s
		LEFT JOIN collab.lists l ON l.board_id = task_flow.board_id AND l.id = s.list_id
	GROUP BY s.task_id HAVING bool_and(s.presence <> 'deleted')
$$;
COMMENT ON FUNCTION collab.task_flow IS 'When each task was created, first came to a list of the category doing, and was completed (null: it is open).';

-- The days of a report: up to a day (today), from a day (30 days of them). Checks that the actor sees the board.
CREATE FUNCTION collab.report_days(board_id uuid, from_day date, to_day date) RETURNS daterange
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	last_day date := coalesce(to_day, (now() AT TIME ZONE 'UTC')::date);
	first_day date := coalesce(from_day, greatest(last_day, '0001-01-30') - 29);
BEGIN
	PERFORM collab.require_board(board_id);
	IF first_day < '0001-01-01' OR last_day > '9999-12-31' THEN
		RAISE EXCEPTION 'from_day and to_day must be in the years 1 to 9999' USING ERRCODE = 'TB004';
	END IF;
	IF first_day > last_day OR last_day - first_day > 1100 THEN
		RAISE EXCEPTION 'from_day must not be after to_day, nor more than 1100 days before it' USING ERRCODE = 'TB004';
	END IF;
	RETURN daterange(first_day, last_day, '[]');
END
$$;
COMMENT ON FUNCTION collab.report_days IS 'The days of a report, checked; raises TB002 when the session''s user does not see the board.';

CREATE FUNCTION collab.day_start(day date) RETURNS timestamptz
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT day::timestamp AT TIME ZONE 'UTC'
$$;
COMMENT ON FUNCTION collab.day_start IS 'Midnight of a day, UTC.';

CREATE FUNCTION collab.throughput(board_id uuid, unit text DEFAULT 'day', from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (period date, completed int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	IF unit IS NULL OR unit NOT IN ('day', 'week') THEN
		RAISE EXCEPTION 'unit must be day or week' USING ERRCODE = 'TB004';
	END IF;
	RETURN QUERY
		SELECT p.day::date, count(f.task_id)::int
		FROM generate_series(date_trunc(unit, lower(days)::timestamp), upper(days)::timestamp - interval '1 day',
				('1 ' || unit)::interval) AS p (day)
			LEFT JOIN collab.task_flow(throughput.board_id) AS f
				ON f.completed >= greatest(collab.day_start(p.day::date), collab.day_start(lower(days)))
				AND f.completed < least(collab.day_start((p.day + ('1 ' || unit)::interval)::date), collab.day_start(upper(days)))
		GROUP BY p.day ORDER BY p.day;
END
$$;
COMMENT ON FUNCTION collab.throughput IS 'How many tasks were completed each day or week.';

CREATE FUNCTION collab.flow_times(board_id uuid, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (measure text, tasks int, p50 interval, p85 interval, p95 interval)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		WITH durations AS (
			SELECT m.measure, m.duration FROM collab.task_flow(flow_times.board_id) AS f,
				LATERAL (VALUES ('lead_time', f.completed - f.created), ('cycle_time', f.completed - f.started)) AS m (measure, duration)
			WHERE f.completed >= collab.day_start(lower(days)) AND f.completed < collab.day_start(upper(days)) AND m.duration >= '0'
		)
		SELECT n.measure, count(d.duration)::int, percentile_cont(0.5) WITHIN GROUP (ORDER BY d.duration),
			percentile_cont(0.85) WITHIN GROUP (ORDER BY d.duration), percentile_cont(0.95) WITHIN GROUP (ORDER BY d.duration)
		FROM (VALUES (1, 'lead_time'), (2, 'cycle_time')) AS n (n, measure) LEFT JOIN durations d ON d.measure = n.measure
		GROUP BY n.n, n.measure ORDER BY n.n;
END
$$;
COMMENT ON FUNCTION collab.flow_times IS 'Lead time and cycle time of the tasks completed in the period: how long half, 85 and 95 of 100 took at most.';

CREATE FUNCTION collab.cumulative_flow(board_id uuid, by_list boolean DEFAULT false, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (day date, category text, list_id uuid, list_name text, tasks int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		WITH states AS MATERIALIZED (
			SELECT * FROM collab.task_states(cumulative_flow.board_id) AS s WHERE s.presence = 'open'
		), lists AS (
			SELECT l.id, l.name, l.category, row_number() OVER (ORDER BY l.rank, l.id) AS n FROM collab.lists l WHERE l.board_id = cumulative_flow.board_id
		), bands AS (
			SELECT c.n, c.category, NULL::uuid AS id, NULL::text AS name FROM (VALUES (1, 'todo'), (2, 'doing'), (3, 'done')) AS c (n, category)
			WHERE NOT by_list
			UNION ALL SELECT l.n, l.category, l.id, l.name FROM lists l WHERE by_list
		), counted AS (
			SELECT d.day, CASE WHEN by_list THEN l.id END AS id,
				CASE WHEN l.category = 'done' AND NOT by_list AND s.completed >= collab.day_start(d.day::date + 1) THEN 'todo' ELSE l.category END AS category,
				count(*) AS tasks
			FROM generate_series(lower(days)::timestamp, upper(days)::timestamp - interval '1 day', '1 day') AS d (day)
				JOIN states s ON s.at < collab.day_start(d.day::date + 1) AND (s.until IS NULL OR s.until >= collab.day_start(d.day::date + 1))
				JOIN lists l ON l.id = s.list_id
			GROUP BY 1, 2, 3
		)
		SELECT d.day::date, b.category, b.id, b.name, coalesce(c.tasks, 0)::int
		FROM generate_series(lower(days)::timestamp, upper(days)::timestamp - interval '1 day', '1 day') AS d (day) CROSS JOIN bands b
			LEFT JOIN counted c ON c.day = d.day AND c.id IS NOT DISTINCT FROM b.id AND c.category = b.category
		ORDER BY d.day, b.n;
END
$$;
COMMENT ON FUNCTION collab.cumulative_flow IS 'How many tasks were in each category, or each list, at the end of each day.';

CREATE FUNCTION collab.burndown(board_id uuid, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (day date, open_tasks int, remaining int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		SELECT d.day::date, count(s.task_id)::int, (count(s.task_id) FILTER (WHERE s.created < collab.day_start(lower(days))))::int
		FROM generate_series(lower(days)::timestamp, upper(days)::timestamp - interval '1 day', '1 day') AS d (day)
			LEFT JOIN (SELECT * FROM collab.task_states(burndown.board_id) AS x WHERE x.presence = 'open') AS s
				ON s.at < collab.day_start(d.day::date + 1) AND (s.until IS NULL OR s.until >= collab.day_start(d.day::date + 1))
				AND (s.completed IS NULL OR s.completed >= collab.day_start(d.day::date + 1))
		GROUP BY d.day ORDER BY d.day;
END
$$;
COMMENT ON FUNCTION collab.burndown IS 'How many tasks were open at the end of each day; remaining: of those that were there when the period began.';

CREATE FUNCTION collab.workload(board_id uuid, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (user_id bigint, username text, open_tasks int, overdue int, completed int)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	days daterange := collab.report_days(board_id, from_day, to_day);
BEGIN
	RETURN QUERY
		WITH people AS (
			SELECT r.user_id FROM collab.board_readers r WHERE r.board_id = workload.board_id
			UNION SELECT a.user_id FROM collab.task_assignees a JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
			WHERE a.board_id = workload.board_id AND t.deleted_at IS NULL
		), assigned AS (
			SELECT a.user_id, t.due_date, t.completed_at, t.archived_at IS NULL AND l.archived_at IS NULL AS is_shown
			FROM collab.task_assignees a JOIN collab.tasks t ON t.board_id = a.board_id AND t.id = a.task_id
				JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
			WHERE a.board_id = workload.board_id AND t.deleted_at IS NULL
		)
		SELECT p.user_id, u.name, (count(*) FILTER (WHERE a.is_shown AND a.completed_at IS NULL))::int,
			(count(*) FILTER (WHERE a.is_shown AND a.completed_at IS NULL AND a.due_date < now()))::int,
			(count(*) FILTER (WHERE a.completed_at >= collab.day_start(lower(days)) AND a.completed_at < collab.day_start(upper(days))))::int
		FROM people p JOIN collab.users u ON u.id = p.user_id LEFT JOIN assigned a ON a.user_id = p.user_id
		GROUP BY p.user_id, u.name ORDER BY 3 DESC, p.user_id;
END
$$;
COMMENT ON FUNCTION collab.workload IS 'What each person of the board has: tasks that are open, overdue, and completed in the period.';
