-- Boards: who is on them, and what is in their archive.

CREATE VIEW collab.visible_board_members WITH (security_barrier) AS
	SELECT bm.board_id, bm.user_id, u.name AS username, u.handle, u.avatar, bm.created_at
	FROM collab.board_members bm JOIN collab.users u ON u.id = bm.user_id
		JOIN collab.board_readers me ON me.board_id = bm.board_id
	WHERE me.user_id = (SELECT collab.current_user_id());
COMMENT ON VIEW collab.visible_board_members IS 'The members of the boards that the session''s user can see: of a private board they, owners and admins see it.';

-- A task of an archived list is there with its list, not for itself, unless it was archived itself.
CREATE FUNCTION collab.archived(board_id uuid) RETURNS jsonb
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH document AS MATERIALIZED (
		SELECT collab.board_document(collab.require_board(archived.board_id), 'full', true)::jsonb AS board
	), lists AS (
		SELECT list.value, list.ordinality FROM document, jsonb_array_elements(board->'lists') WITH ORDINALITY AS list
	)
	SELECT jsonb_build_object(
		'lists', (SELECT coalesce(jsonb_agg((l.value - 'tasks' - 'position') || jsonb_build_object('task_count',
				(SELECT count(*) FROM jsonb_array_elements(l.value->'tasks') AS t WHERE NOT t ? 'archived_at'))
				ORDER BY (l.value->>'archived_at')::timestamptz DESC, l.ordinality), '[]')
			FROM lists l WHERE l.value ? 'archived_at'),
		'tasks', (SELECT coalesce(jsonb_agg(t.value - 'position' ORDER BY (t.value->>'archived_at')::timestamptz DESC, t.value->>'id'), '[]')
			FROM lists l, jsonb_array_elements(l.value->'tasks') AS t WHERE t.value ? 'archived_at'))
$$;
COMMENT ON FUNCTION collab.archived IS 'A board''s archive: its archived lists, each with how many tasks come back with it, and its archived tasks; the newest first.';
