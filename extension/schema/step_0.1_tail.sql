-- The step from 0.1 to 0.2, last part: what the log of 0.1 means in 0.2, and who may call what.

SELECT pg_catalog.count(collab.rebuild_all());

SELECT pg_catalog.count(collab.make_personal_workspace(u.id)) FROM collab.users AS u WHERE u.issuer <> 'trello';

SELECT pg_catalog.count(collab.grant_access(r.rolname, u.level, u.user_id))
	FROM collab.role_users AS u JOIN pg_catalog.pg_roles AS r ON r.oid = u.role;
