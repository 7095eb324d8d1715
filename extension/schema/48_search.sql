-- Finding tasks: by words, by filters, one's own.
--
-- A search is put together from fixed pieces of SQL; what the user gave comes in as parameters only.

COMMENT ON COLUMN collab.comments.search IS 'Words of the text, for collab.search.';

CREATE INDEX tasks_search_idx ON collab.tasks USING gin (search) WHERE deleted_at IS NULL;
CREATE INDEX comments_search_idx ON collab.comments USING gin (search) WHERE deleted_at IS NULL;
CREATE INDEX tasks_due_idx ON collab.tasks (board_id, due_date) WHERE due_date IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX task_labels_label_idx ON collab.task_labels (board_id, label_id);
CREATE INDEX tasks_fields_idx ON collab.tasks USING gin (custom_fields jsonb_path_ops) WHERE custom_fields <> '{}';
CREATE INDEX checklist_items_assigned_idx ON collab.checklist_items (assigned_to) WHERE assigned_to IS NOT NULL;

CREATE FUNCTION collab.search_words(query text) RETURNS tsquery[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(array_agg((format('''%s'':*', replace(replace(word, '\', '\\'), '''', '''''')))::tsquery), '{}')
	FROM unnest(tsvector_to_array(to_tsvector('simple', query))) AS word
$$;
COMMENT ON FUNCTION collab.search_words IS 'The words of a search, each as the beginning of a word.';

-- A value of a filter, checked; raises TB004 naming the filter.
CREATE FUNCTION collab.check_filter(name text, is_valid boolean, wanted text) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF is_valid IS NOT TRUE THEN
		RAISE EXCEPTION 'filter "%" must be %', name, wanted USING ERRCODE = 'TB004';
	END IF;
END
$$;
COMMENT ON FUNCTION collab.check_filter IS 'Raises TB004 for a filter''s malformed value.';

CREATE FUNCTION collab.is_uuid(value jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT jsonb_typeof(value) = 'string' AND value #>> '{}' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
$$;
COMMENT ON FUNCTION collab.is_uuid IS 'Whether a JSON value is a uuid in its usual form.';

CREATE FUNCTION collab.is_user(value jsonb) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT value = '"me"' OR (jsonb_typeof(value) = 'number' AND value #>> '{}' ~ '^[1-9][0-9]{0,15}$')
$$;
COMMENT ON FUNCTION collab.is_user IS 'Whether a JSON value is a user''s id, or "me".';

-- A time as the filters take it: RFC 3339, or a date alone; null for anything else.
CREATE FUNCTION collab.filter_time(value jsonb) RETURNS timestamptz
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'collab_filter_time';
COMMENT ON FUNCTION collab.filter_time IS 'A JSON string as a time, a date alone as its midnight in UTC; null for anything else.';

CREATE FUNCTION collab.check_filters(filters jsonb) RETURNS void
	LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	name text;
	value jsonb;
BEGIN
	IF filters IS NULL OR jsonb_typeof(filters) <> 'object' THEN
		RAISE EXCEPTION 'filters must be an object' USING ERRCODE = 'TB004';
	END IF;
	IF length(filters::text) > 16384 THEN
		RAISE EXCEPTION 'filters must have at most 16384 bytes' USING ERRCODE = 'TB004';
	END IF;
	FOR name, value IN SELECT f.key, f.value FROM jsonb_each(filters) AS f LOOP
		CASE name
			WHEN 'assignee' THEN
				PERFORM collab.check_filter(name, value IN ('"none"') OR collab.is_user(value), 'a user''s id, "me" or "none"');
			WHEN 'created_by' THEN
				PERFORM collab.check_filter(name, collab.is_user(value), 'a user''s id or "me"');
			WHEN 'label' THEN
				PERFORM collab.check_filter(name, jsonb_typeof(value) = 'string' AND length(value #>> '{}') BETWEEN 1 AND 100, 'a label''s name or id');
			WHEN 'list_id' THEN
				PERFORM collab.check_filter(name, collab.is_uuid(value), 'a list''s id');
			WHEN 'priority' THEN
				PERFORM collab.check_filter(name, value IN ('"low"', '"medium"', '"high"', '"urgent"', '"none"'), 'low, medium, high, urgent or none');
			WHEN 'status' THEN
				PERFORM collab.check_filter(name, value IN ('"todo"', '"doing"', '"done"'), 'todo, doing or done');
			WHEN 'completed', 'archived' THEN
				PERFORM collab.check_filter(name, jsonb_typeof(value) = 'boolean', 'true or false');
			WHEN 'due' THEN
				PERFORM collab.check_filter(name, CASE jsonb_typeof(value)
					WHEN 'string' THEN value IN ('"overdue"', '"today"', '"week"', '"none"')
					WHEN 'object' THEN value <> '{}' AND value - ARRAY['before', 'after'] = '{}'
						AND (NOT value ? 'before' OR collab.filter_time(value->'before') IS NOT NULL)
						AND (NOT value ? 'after' OR collab.filter_time(value->'after') IS NOT NULL) END,
					'overdue, today, week, none, or an object with before and after as times');
			WHEN 'custom_fields' THEN
				PERFORM collab.check_filter(name, jsonb_typeof(value) = 'object'
					AND NOT EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value END) AS f
						WHERE NOT collab.is_uuid(to_jsonb(f.key)) OR jsonb_typeof(f.value) NOT IN ('string', 'number', 'boolean')),
					'an object of field ids with a text, number or boolean each');
			ELSE
				RAISE EXCEPTION 'unknown filter "%"', name USING ERRCODE = 'TB004',
					HINT = 'There are assignee, label, priority, list_id, status, due, completed, archived, created_by and custom_fields.';
		END CASE;
	END LOOP;
END
$$;
COMMENT ON FUNCTION collab.check_filters IS 'Raises TB004 for an unknown filter or a malformed value, naming it.';

-- $1 boards, $2 words, $3 all of them as one query, $4 filters, $5 the actor, $6 how many, $7 $8 $9 the last result's
-- rank, time and id, or nulls
CREATE FUNCTION collab.search_statement(has_words boolean, filters jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN has_words THEN
			'WITH hits AS MATERIALIZED (SELECT h.board_id, h.id FROM ('
			'SELECT w.n, t.board_id, t.id FROM unnest($2) WITH ORDINALITY AS w (word, n) JOIN collab.tasks t ON t.search @@ w.word'
			' WHERE t.board_id = ANY ($1) AND t.deleted_at IS NULL'
			' UNION SELECT w.n, c.board_id, c.task_id FROM unnest($2) WITH ORDINALITY AS w (word, n) JOIN collab.comments c ON c.search @@ w.word'
			' WHERE c.board_id = ANY ($1) AND c.deleted_at IS NULL) AS h GROUP BY h.board_id, h.id HAVING count(*) = cardinality($2))'
			' SELECT f.* FROM (SELECT t.board_id, t.id, t.created_at,'
			' ts_rank(t.search, $3) + ts_rank(to_tsvector(''simple'', t.title), $3) AS rank'
			' FROM hits h JOIN collab.tasks t ON t.board_id = h.board_id AND t.id = h.id'
		ELSE
			' SELECT f.* FROM (SELECT t.board_id, t.id, t.created_at, 0::real AS rank FROM collab.tasks t'
		END
		|| ' JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id'
		|| ' WHERE t.board_id = ANY ($1) AND t.deleted_at IS NULL'
		|| CASE WHEN filters->'archived' = 'true' THEN ' AND (t.archived_at IS NOT NULL OR l.archived_at IS NOT NULL)'
			ELSE ' AND t.archived_at IS NULL AND l.archived_at IS NULL' END
		|| CASE WHEN filters->'assignee' = '"none"' THEN
				' AND NOT EXISTS (SELECT FROM collab.task_assignees a WHERE a.board_id = t.board_id AND a.task_id = t.id)'
			WHEN filters ? 'assignee' THEN
				' AND EXISTS (SELECT FROM collab.task_assignees a WHERE a.board_id = t.board_id AND a.task_id = t.id'
				' AND a.user_id = CASE $4->>''assignee'' WHEN ''me'' THEN $5 ELSE ($4->>''assignee'')::bigint END)'
			ELSE '' END
		|| CASE WHEN filters ? 'created_by' THEN
				' AND t.created_by = CASE $4->>''created_by'' WHEN ''me'' THEN $5 ELSE ($4->>''created_by'')::bigint END' ELSE '' END
		|| CASE WHEN filters ? 'label' THEN
				' AND EXISTS (SELECT FROM collab.task_labels tl JOIN collab.labels n ON n.board_id = tl.board_id AND n.id = tl.label_id'
				' WHERE tl.board_id = t.board_id AND tl.task_id = t.id AND n.deleted_at IS NULL AND '
				|| CASE WHEN collab.is_uuid(filters->'label') THEN 'n.id = ($4->>''label'')::uuid)' ELSE 'n.name = $4->>''label'')' END
			ELSE '' END
		|| CASE WHEN filters ? 'list_id' THEN ' AND t.list_id = ($4->>''list_id'')::uuid' ELSE '' END
		|| CASE WHEN filters->'priority' = '"none"' THEN ' AND t.priority IS NULL'
			WHEN filters ? 'priority' THEN ' AND t.priority = $4->>''priority''' ELSE '' END
		|| CASE WHEN filters ? 'status' THEN ' AND l.category = $4->>''status''' ELSE '' END
		|| CASE WHEN filters ? 'completed' THEN ' AND (t.completed_at IS NOT NULL) = ($4->>''completed'')::boolean' ELSE '' END
		|| CASE filters->>'due'
			WHEN 'overdue' THEN ' AND t.due_date < now() AND t.completed_at IS NULL'
			WHEN 'today' THEN ' AND t.due_date >= date_trunc(''day'', now(), ''UTC'') AND t.due_date < date_trunc(''day'', now(), ''UTC'') + interval ''1 day'''
			WHEN 'week' THEN ' AND t.due_date >= date_trunc(''day'', now(), ''UTC'') AND t.due_date < date_trunc(''day'', now(), ''UTC'') + interval ''7 days'''
			WHEN 'none' THEN ' AND t.due_date IS NULL'
			ELSE CASE WHEN filters->'due' ? 'before' THEN ' AND t.due_date < collab.filter_time($4->''due''->''before'')' ELSE '' END
				|| CASE WHEN filters->'due' ? 'after' THEN ' AND t.due_date >= collab.filter_time($4->''due''->''after'')' ELSE '' END
			END
		|| CASE WHEN filters ? 'custom_fields' AND filters->'custom_fields' <> '{}' THEN
				' AND t.custom_fields <> ''{}'' AND t.custom_fields @> ($4->''custom_fields'') AND NOT EXISTS (SELECT FROM collab.custom_fields d'
				' WHERE d.board_id = t.board_id AND d.deleted_at IS NOT NULL AND $4->''custom_fields'' ? d.id::text)'
			ELSE '' END
		|| ') AS f WHERE $7 IS NULL OR (f.rank, f.created_at, f.id) < ($7, $8, $9)'
		|| ' ORDER BY f.rank DESC, f.created_at DESC, f.id DESC LIMIT $6'
$$;
COMMENT ON FUNCTION collab.search_statement IS 'The SQL of a search, of fixed pieces: which of them depends on the filters, what is in them comes as parameters.';

CREATE FUNCTION collab.search_result(task_id uuid, words tsquery) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT collab.task_document(t.id, 'cards')::jsonb || jsonb_build_object('board_name', b.name, 'list_name', l.name, 'headline',
		CASE WHEN words IS NULL THEN NULL ELSE ts_headline('simple',
			CASE WHEN t.search @@ words THEN t.title || CASE t.description WHEN '' THEN '' ELSE ' – ' || t.description END
			ELSE (SELECT c.text FROM collab.comments c WHERE c.board_id = t.board_id AND c.task_id = t.id AND c.deleted_at IS NULL
				AND c.search @@ words ORDER BY c.occurred_at DESC, c.id DESC LIMIT 1) END,
			words, 'StartSel=**, StopSel=**, MinWords=5, MaxWords=25') END)
	FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
	WHERE t.id = search_result.task_id
$$;
COMMENT ON FUNCTION collab.search_result IS 'A task as search and my_tasks show it; for those.';

CREATE FUNCTION collab.search(query text DEFAULT NULL, board_id uuid DEFAULT NULL, workspace_id uuid DEFAULT NULL, filters jsonb DEFAULT '{}',
		max_results int DEFAULT 50, after text DEFAULT NULL) RETURNS jsonb
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS $$
DECLARE
	actor bigint := collab.current_user_id();
	has_words boolean := coalesce(query, '') ~ '\S';
	words tsquery[];
	any_word tsquery;
	mark text[] := regexp_match(after, '^([0-9.e+-]{1,20})_(-?[0-9]{1,18})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$');
	boards uuid[];
	hit record;
	results jsonb := '[]';
	next text;
BEGIN
	PERFORM collab.check_filters(filters);
	IF length(query) > 500 THEN
		RAISE EXCEPTION 'query must have at most 500 characters' USING ERRCODE = 'TB004';
	END IF;
	words := collab.search_words(coalesce(query, ''));
	any_word := nullif(array_to_string(words::text[], ' | '), '')::tsquery;
	PERFORM collab.require_page('max_results', max_results, 200);
	-- below that a rank is no real any more
	IF after IS NOT NULL AND (CASE WHEN mark[1] ~ '^[0-9]{1,2}(\.[0-9]+)?(e-[0-3]?[0-9])?$'
			THEN mark[1]::numeric > 0 AND mark[1]::numeric < 1e-37 ELSE true END) THEN
		RAISE EXCEPTION 'after must be what the search before gave as next' USING ERRCODE = 'TB004';
	END IF;
	IF board_id IS NOT NULL THEN
		PERFORM collab.require_board(board_id);
	END IF;
	IF workspace_id IS NOT NULL AND collab.role_in(actor, workspace_id) IS NULL THEN
		RAISE EXCEPTION 'workspace not found or access denied' USING ERRCODE = 'TB002';
	END IF;
	boards := ARRAY(SELECT r.board_id FROM collab.board_readers r JOIN collab.boards b ON b.id = r.board_id
		WHERE r.user_id = actor AND (search.board_id IS NULL OR r.board_id = search.board_id)
			AND (search.workspace_id IS NULL OR r.workspace_id = search.workspace_id)
			AND (b.archived_at IS NULL OR r.board_id = search.board_id));
	IF NOT has_words OR any_word IS NOT NULL THEN
		FOR hit IN EXECUTE collab.search_statement(has_words, filters) USING boards, words, any_word, filters, actor, max_results + 1,
			mark[1]::real, timestamptz '2000-01-01 00:00:00+00' + mark[2]::bigint * interval '1 microsecond', mark[3]::uuid
		LOOP
			IF jsonb_array_length(results) = max_results THEN
				RETURN jsonb_build_object('results', results, 'next', next);
			END IF;
			results := results || collab.search_result(hit.id, any_word);
			next := hit.rank || '_' || (extract(epoch FROM hit.created_at - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint || '_' || hit.id;
		END LOOP;
	END IF;
	RETURN jsonb_build_object('results', results, 'next', NULL);
END
$$;
COMMENT ON FUNCTION collab.search IS 'Tasks of the boards that the session''s user sees: with all the words of query in title, description or comments (each as the beginning of a word), and all the filters. Best first, then newest. result.next is the next page''s after.';

CREATE FUNCTION collab.my_tasks(include_completed boolean DEFAULT false) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH mine AS (
		SELECT a.board_id, a.task_id AS id FROM collab.task_assignees a WHERE a.user_id = (SELECT collab.current_user_id())
		UNION
		SELECT i.board_id, i.task_id FROM collab.checklist_items i
			JOIN collab.checklists c ON c.board_id = i.board_id AND c.id = i.checklist_id AND c.deleted_at IS NULL
		WHERE i.assigned_to = (SELECT collab.current_user_id()) AND i.deleted_at IS NULL AND (include_completed OR NOT i.checked)
	), found AS (
		SELECT t.board_id, t.id, t.due_date, t.created_at, (SELECT jsonb_agg(jsonb_build_object('id', i.id, 'checklist_id', i.checklist_id,
				'text', i.text, 'checked', i.checked, 'due_date', collab.time_text(i.due_date)) ORDER BY i.due_date, i.rank, i.id)
			FROM collab.checklist_items i JOIN collab.checklists c ON c.board_id = i.board_id AND c.id = i.checklist_id AND c.deleted_at IS NULL
			WHERE i.board_id = t.board_id AND i.task_id = t.id AND i.assigned_to = (SELECT collab.current_user_id()) AND i.deleted_at IS NULL
				AND (include_completed OR NOT i.checked)) AS items
		FROM mine m JOIN collab.tasks t ON t.board_id = m.board_id AND t.id = m.id
			JOIN collab.lists l ON l.board_id = t.board_id AND l.id = t.list_id
			JOIN collab.board_readers r ON r.board_id = t.board_id AND r.user_id = (SELECT collab.current_user_id())
			JOIN collab.boards b ON b.id = t.board_id
		WHERE t.deleted_at IS NULL AND t.archived_at IS NULL AND l.archived_at IS NULL AND b.archived_at IS NULL
			AND (include_completed OR t.completed_at IS NULL)
	)
	SELECT coalesce(jsonb_agg(collab.search_result(f.id, NULL) - 'headline' || jsonb_build_object('my_items', coalesce(f.items, '[]'))
		ORDER BY least(f.due_date, (SELECT min((i->>'due_date')::timestamptz) FROM jsonb_array_elements(f.items) AS i)) NULLS LAST,
			f.created_at, f.id), '[]')
	FROM found f
$$;
COMMENT ON FUNCTION collab.my_tasks IS 'What is assigned to the session''s user on all boards, tasks and checklist items (my_items), soonest due first.';
