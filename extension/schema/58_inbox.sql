-- Notifications on their way to people: what a bridge asks for the users who are connected to it.

-- For each user what was not delivered yet and has an id above `floors` (at most 50, oldest first), and of `notification_ids`
-- what is theirs and new: announcements can be forged, so an old one names nothing. One row without id when there is none.
CREATE OR REPLACE FUNCTION collab.inbox(user_ids bigint[], floors bigint[], notification_ids bigint[])
	RETURNS TABLE (user_id bigint, unread_count int, newest bigint, id bigint, body text)
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT u.id, collab.unread_count(u.id),
		(SELECT coalesce(max(o.id), 0) FROM collab.notifications o WHERE o.user_id = u.id), wanted.id, n.body
	FROM unnest(user_ids, floors) AS u (id, floor)
		LEFT JOIN LATERAL (
			(SELECT o.id FROM collab.notifications o
				WHERE o.user_id = u.id AND o.delivered_at IS NULL AND o.id > u.floor ORDER BY o.id LIMIT 50)
			UNION
			SELECT o.id FROM collab.notifications o
				WHERE o.user_id = u.id AND o.id = ANY (inbox.notification_ids)
					AND coalesce(o.delivered_at > clock_timestamp() - interval '1 minute', true)) AS wanted ON true
		LEFT JOIN LATERAL collab.user_notifications(u.id, false, wanted.id + 1, 1) AS n ON wanted.id IS NOT NULL
	ORDER BY u.id, wanted.id
$$;
COMMENT ON FUNCTION collab.inbox IS 'For bridges: users'' notifications that are to be delivered, and their number of unread ones; newest is the highest id any of theirs has.';

CREATE OR REPLACE FUNCTION collab.inbox_delivered(notification_ids bigint[]) RETURNS int
	LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	marked int;
BEGIN
	UPDATE collab.notifications n SET delivered_at = clock_timestamp()
		WHERE n.id IN (SELECT o.id FROM collab.notifications o
			WHERE o.id = ANY (notification_ids) AND o.delivered_at IS NULL ORDER BY o.id FOR NO KEY UPDATE);
	GET DIAGNOSTICS marked = ROW_COUNT;
	RETURN marked;
END
$$;
COMMENT ON FUNCTION collab.inbox_delivered IS 'For bridges: notes that notifications reached their users, whoever these are; returns how many were not marked yet.';
