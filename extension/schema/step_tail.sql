-- The end of a step between versions: each role gets what its level holds now.

SELECT pg_catalog.count(collab.grant_access(r.rolname, u.level, u.user_id))
	FROM collab.role_users AS u JOIN pg_catalog.pg_roles AS r ON r.oid = u.role;

-- What is granted while an extension's script runs counts as the extension's own, and pg_dump leaves it out: the grants
-- just made are the administrator's, as those of grant_access are.
DO $$
BEGIN
	UPDATE pg_catalog.pg_init_privs AS p SET initprivs = ARRAY(SELECT item FROM pg_catalog.unnest(p.initprivs) AS item
			WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(ARRAY[item]) AS a JOIN collab.role_users AS u ON u.role = a.grantee))
		WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(p.initprivs) AS a JOIN collab.role_users AS u ON u.role = a.grantee)
			AND (p.classoid, p.objoid) IN (SELECT 'pg_catalog.pg_class'::regclass, c.oid FROM pg_catalog.pg_class AS c
					WHERE c.relnamespace = 'collab'::regnamespace
				UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, f.oid FROM pg_catalog.pg_proc AS f WHERE f.pronamespace = 'collab'::regnamespace
				UNION ALL SELECT 'pg_catalog.pg_namespace'::regclass, 'collab'::regnamespace::oid);
	-- PostgreSQL 17 and later also write down that the role stands there.
	DELETE FROM pg_catalog.pg_shdepend AS d USING collab.role_users AS u
		WHERE d.deptype = 'i' AND d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = u.role
			AND d.dbid = (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = pg_catalog.current_database());
END
$$;
