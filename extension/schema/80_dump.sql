-- What pg_dump takes along: every table and every sequence, whole; but no mapping of a role that is gone, whose number
-- could be another role's elsewhere. The tables of 0.3 and later have this line beside them.
SELECT pg_catalog.pg_extension_config_dump('collab.epochs', '');
SELECT pg_catalog.pg_extension_config_dump('collab.aggregates', '');
SELECT pg_catalog.pg_extension_config_dump('collab.events', '');
SELECT pg_catalog.pg_extension_config_dump('collab.events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.users', '');
SELECT pg_catalog.pg_extension_config_dump('collab.users_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.role_users',
	'WHERE EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = role)');
SELECT pg_catalog.pg_extension_config_dump('collab.workspaces', '');
SELECT pg_catalog.pg_extension_config_dump('collab.members', '');
SELECT pg_catalog.pg_extension_config_dump('collab.boards', '');
SELECT pg_catalog.pg_extension_config_dump('collab.lists', '');
SELECT pg_catalog.pg_extension_config_dump('collab.tasks', '');
SELECT pg_catalog.pg_extension_config_dump('collab.task_assignees', '');
SELECT pg_catalog.pg_extension_config_dump('collab.labels', '');
SELECT pg_catalog.pg_extension_config_dump('collab.task_labels', '');
SELECT pg_catalog.pg_extension_config_dump('collab.checklists', '');
SELECT pg_catalog.pg_extension_config_dump('collab.checklist_items', '');
SELECT pg_catalog.pg_extension_config_dump('collab.comments', '');
SELECT pg_catalog.pg_extension_config_dump('collab.board_members', '');
SELECT pg_catalog.pg_extension_config_dump('collab.custom_fields', '');
SELECT pg_catalog.pg_extension_config_dump('collab.task_dependencies', '');
SELECT pg_catalog.pg_extension_config_dump('collab.attachments', '');
SELECT pg_catalog.pg_extension_config_dump('collab.invites', '');
SELECT pg_catalog.pg_extension_config_dump('collab.secrets', '');
SELECT pg_catalog.pg_extension_config_dump('collab.last_seen', '');
SELECT pg_catalog.pg_extension_config_dump('collab.uploads', '');
SELECT pg_catalog.pg_extension_config_dump('collab.purges', '');
SELECT pg_catalog.pg_extension_config_dump('collab.purges_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.feed_positions', '');
SELECT pg_catalog.pg_extension_config_dump('collab.notifications', '');
SELECT pg_catalog.pg_extension_config_dump('collab.notifications_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('collab.notification_preferences', '');
