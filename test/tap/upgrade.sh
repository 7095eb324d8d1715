#!/usr/bin/env bash
# upgrade.sh: a database of 0.1, filled by 0.1, becomes one of 0.2 and then of the current version by ALTER EXTENSION collab
# UPDATE, and so does one that began with 0.2: the catalog is that of a fresh installation, its log is untouched, its read model is what the log means now, everybody has a
# personal workspace, roles may call what their level may call now, and commands go on where they were.
# shellcheck source=test/tap/tap.bash
source "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
export PGOPTIONS='-c client_min_messages=warning'

OLD=tap_upgrade
SECOND=tap_upgrade_second
FRESH=tap_upgrade_fresh
ROLES=(upgrade_reader upgrade_person upgrade_application upgrade_bridge upgrade_admin)
for role in "${ROLES[@]}"; do sql postgres "DROP ROLE IF EXISTS $role" "CREATE ROLE $role"; done

new_database $OLD
sql $OLD "CREATE EXTENSION collab VERSION '0.1'"
sql_script $OLD -o /dev/null <test/fixtures/collab-0.1.sql
log() { sql $OLD "SELECT count(*), md5(string_agg(e::text, chr(10) ORDER BY aggregate_id, version)) FROM collab.events AS e WHERE id <= $last"; }
last=$(sql $OLD 'SELECT max(id) FROM collab.events')
users() { sql $OLD "SELECT count(*), md5(string_agg(u::text, chr(10) ORDER BY id)) FROM collab.users AS u"; }
before_log=$(log) before_users=$(users)
# What a person saw of the boards: every later form has at least this. (Since when an imported one is archived is told better now.)
seen() {
  sql $OLD "SELECT b.id, b.name, b.description, b.owner_id, b.visibility, b.created_at, b.updated_at, b.version FROM collab.boards b WHERE id = ANY (ARRAY[$boards]) ORDER BY 1" \
    "SELECT l.board_id, l.id, l.name, l.rank, l.category, l.wip_limit, l.task_count, l.version, l.archived_at IS NULL FROM collab.lists l WHERE board_id = ANY (ARRAY[$boards]) ORDER BY 1, 2" \
    "SELECT t.board_id, t.id, t.list_id, t.title, t.description, t.rank, t.priority, t.start_date, t.due_date, t.completed_at, t.config, t.comments_count, t.version, t.created_by, t.archived_at IS NULL, t.deleted_at
      FROM collab.tasks t WHERE board_id = ANY (ARRAY[$boards]) ORDER BY 1, 2" \
    "SELECT * FROM collab.task_assignees ORDER BY 1, 2, 3" "SELECT * FROM collab.task_labels ORDER BY 1, 2, 3" "SELECT board_id, id, name, color FROM collab.labels ORDER BY 1, 2" \
    "SELECT board_id, id, task_id, name, rank FROM collab.checklists ORDER BY 1, 2" "SELECT board_id, id, checklist_id, text, rank, checked, due_date, assigned_to FROM collab.checklist_items ORDER BY 1, 2" \
    "SELECT board_id, id, task_id, user_id, text, reply_to, mentions, created_at, occurred_at FROM collab.comments ORDER BY 1, 2"
}
boards=$(sql $OLD "SELECT string_agg(quote_literal(id) || '::uuid', ',') FROM collab.boards")
before_seen=$(seen)
is "$(sql $OLD "SELECT extversion FROM pg_extension WHERE extname = 'collab'")" 0.1 'the database is of 0.1'
is "$(($(wc -l <<<"$before_seen") > 200))" 1 '… with something to lose'

status=0
sql $OLD "ALTER EXTENSION collab UPDATE TO '0.2'" 'ALTER EXTENSION collab UPDATE' >"$SCRATCH/out" 2>&1 || status=$?
is "$status" 0 'it is updated, to 0.2 and from there'
if ((status != 0)); then
  sed 's/^/#   /' "$SCRATCH/out" | head -20
  plan_done
  exit
fi
is "$(sql $OLD "SELECT extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'collab') FROM pg_extension WHERE extname = 'collab'")" t '… to the current version'

# ---- the catalog ---------------------------------------------------------------------------------------------------

new_database $FRESH
sql_script $FRESH -o /dev/null <<'SQL'
CREATE EXTENSION collab;
SELECT collab.upsert_user('https://login.example', lower(n), n) FROM unnest(ARRAY['Alice', 'Bob', 'Carol', 'Vera', 'Oscar']) AS n;
SELECT collab.grant_access('upgrade_person', 'person', 2), collab.grant_access('upgrade_reader', 'reader', 3), collab.grant_access('upgrade_bridge', 'bridge'),
	collab.grant_access('upgrade_admin', 'admin'), collab.grant_access('upgrade_application', 'application');
SQL

# Installed as 0.2: its own library would have made the users.
new_database $SECOND
sql_script $SECOND -o /dev/null <<'SQL'
CREATE EXTENSION collab VERSION '0.2';
INSERT INTO collab.users (issuer, subject, name, handle) SELECT 'https://login.example', lower(n), n, lower(n) FROM unnest(ARRAY['Alice', 'Bob', 'Carol', 'Vera', 'Oscar']) AS n;
SELECT collab.grant_access('upgrade_person', 'person', 2), collab.grant_access('upgrade_reader', 'reader', 3), collab.grant_access('upgrade_bridge', 'bridge'),
	collab.grant_access('upgrade_admin', 'admin'), collab.grant_access('upgrade_application', 'application');
SQL
is "$(sql $SECOND 'ALTER EXTENSION collab UPDATE' 2>&1)" '' 'one installed as 0.2 is updated'
for role in "${ROLES[@]}"; do
  is "$(sql $SECOND "SELECT count(*) FROM collab.access_objects('${role#upgrade_}') AS o WHERE NOT CASE o.object_type WHEN 'TABLE' THEN has_table_privilege('$role', o.object_name, 'SELECT')
    ELSE has_function_privilege('$role', o.object_name, 'EXECUTE') END")" 0 "… and $role may call all that its level may call now"
done

# catalog DATABASE: one line per fact.
catalog() {
  sql_script "$1" <<'SQL'
SET search_path = pg_catalog;
CREATE FUNCTION pg_temp.acl(acl aclitem[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC') || ':' || a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY a.grantee::regrole::text, a.privilege_type) FROM aclexplode(acl) AS a
$$;
SELECT 'relation ' || c.relname, c.relkind, c.relowner::regrole, c.relpersistence, coalesce(array_to_string(c.reloptions, ' '), '-'), coalesce(pg_temp.acl(c.relacl), '-'), replace(coalesce(obj_description(c.oid, 'pg_class'), '-'), E'\n', ' ')
	FROM pg_class c WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind IN ('r', 'v', 'S', 'm', 'p') ORDER BY c.relname;
SELECT 'column ' || c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity, a.attstorage, a.attcollation::regcollation,
	coalesce(pg_get_expr(d.adbin, d.adrelid), '-'), replace(coalesce(col_description(c.oid, a.attnum), '-'), E'\n', ' ')
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY c.relname, a.attnum;
SELECT 'constraint ' || conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'collab'::regnamespace ORDER BY 1, 2;
SELECT 'index ' || indexrelid::regclass, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'collab'::regnamespace) ORDER BY 1;
SELECT 'trigger ' || tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'collab'::regnamespace) AND NOT tgisinternal ORDER BY 1;
SELECT 'sequence ' || seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle, (SELECT refobjid::regclass || '.' || refobjsubid FROM pg_depend WHERE objid = seqrelid AND deptype = 'a')
	FROM pg_sequence WHERE seqrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'collab'::regnamespace) ORDER BY 1;
SELECT 'function ' || p.oid::regprocedure, p.proowner::regrole, coalesce(pg_temp.acl(p.proacl), '-'), replace(coalesce(obj_description(p.oid, 'pg_proc'), '-'), E'\n', ' '),
	replace(pg_get_functiondef(p.oid), E'\n', ' ') FROM pg_proc p WHERE p.pronamespace = 'collab'::regnamespace ORDER BY 1;
SELECT 'view ' || c.relname, replace(pg_get_viewdef(c.oid), E'\n', ' ') FROM pg_class c WHERE c.relnamespace = 'collab'::regnamespace AND c.relkind = 'v' ORDER BY 1;
SELECT 'type ' || t.typname, t.typowner::regrole, coalesce(pg_temp.acl(t.typacl), '-'), coalesce(obj_description(t.oid, 'pg_type'), '-'), array_to_string(ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder), ' ')
	FROM pg_type t WHERE t.typnamespace = 'collab'::regnamespace AND t.typtype IN ('e', 'd') ORDER BY 1;
SELECT 'schema', nspowner::regrole, pg_temp.acl(nspacl), obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'collab';
SELECT 'member ' || d.classid::regclass, pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'collab' WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' ORDER BY 1, 2;
SELECT 'dumped ' || c.config::regclass, c.condition FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS c (config, condition) WHERE e.extname = 'collab' ORDER BY 1;
SELECT 'init ' || pg_describe_object(classoid, objoid, objsubid), a.grantee::regrole, a.privilege_type FROM pg_init_privs, aclexplode(initprivs) AS a WHERE a.grantee NOT IN ('collab_owner'::regrole, 'postgres'::regrole) AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'collab'::regnamespace UNION SELECT oid FROM pg_proc WHERE pronamespace = 'collab'::regnamespace UNION SELECT 'collab'::regnamespace) ORDER BY 1, 2, 3;
SQL
}
catalog $FRESH | sort >"$SCRATCH/fresh"
catalog $OLD | sort >"$SCRATCH/updated"
catalog $SECOND | sort >"$SCRATCH/second"
is "$(($(wc -l <"$SCRATCH/fresh") > 500))" 1 'a fresh catalog has its facts'
for kind in relation column constraint index trigger sequence function view type schema member dumped init; do
  is "$(diff <(grep "^$kind\b" "$SCRATCH/fresh") <(grep "^$kind\b" "$SCRATCH/updated") | cut -c1-300 | head -20)" '' "the updated database has the fresh one's: $kind"
  is "$(diff <(grep "^$kind\b" "$SCRATCH/fresh") <(grep "^$kind\b" "$SCRATCH/second") | cut -c1-300 | head -20)" '' "… and so has the one that began with 0.2"
done

# ---- the data ------------------------------------------------------------------------------------------------------

is "$(log)" "$before_log" 'the log of before is as it was'
is "$(users)" "$before_users" 'so are the users'
is "$(diff <(echo "$before_seen") <(seen) | head -10)" '' 'what was seen of boards, lists, tasks and what is on them is as it was'
is "$(sql $OLD 'SELECT differing_id, left(difference, 200) FROM collab.verify()')" '' 'verify finds nothing'
is "$(sql $OLD "SELECT count(*) FROM collab.users u WHERE issuer <> 'trello' AND deactivated_at IS NULL AND 1 <> (SELECT count(*) FROM collab.workspaces w JOIN collab.members m ON m.workspace_id = w.id
  WHERE w.personal AND w.owner_id = u.id AND m.user_id = u.id AND m.role = 'owner' AND EXISTS (SELECT FROM collab.boards b WHERE b.id = w.default_board_id AND b.workspace_id = w.id))")" 0 \
  'everybody has one personal workspace, with its board'
is "$(sql $OLD "SELECT count(*) FROM collab.users u WHERE deactivated_at IS NOT NULL AND EXISTS (SELECT FROM collab.workspaces w WHERE w.personal AND w.owner_id = u.id)")" 0 'but one who is deactivated'
is "$(sql $OLD 'UPDATE collab.users SET deactivated_at = NULL WHERE id = 4' "SELECT user_id FROM collab.upsert_user('https://login.example', 'vera')" \
  'SELECT count(*) FROM collab.workspaces WHERE personal AND owner_id = 4' "SELECT user_id FROM collab.upsert_user('https://login.example', 'vera')" 'SELECT count(*) FROM collab.workspaces WHERE personal AND owner_id = 4')" \
  $'4\n1\n4\n1' '… who gets it, once, on coming back'
is "$(sql $OLD "SELECT count(*) FROM collab.workspaces w JOIN collab.users u ON u.id = w.owner_id WHERE u.issuer = 'trello'")" 0 'placeholders of an import have none'
is "$(sql $OLD "SELECT string_agg(role || ' ' || level, ', ' ORDER BY role::text) FROM collab.role_users")" \
  'upgrade_admin admin, upgrade_application application, upgrade_bridge bridge, upgrade_person person, upgrade_reader reader' 'roles keep their levels'
for role in "${ROLES[@]}"; do
  is "$(sql $OLD "SELECT count(*) FROM collab.access_objects('${role#upgrade_}') AS o WHERE NOT CASE o.object_type WHEN 'TABLE' THEN has_table_privilege('$role', o.object_name, 'SELECT')
    ELSE has_function_privilege('$role', o.object_name, 'EXECUTE') END")" 0 "$role may call all that its level may call now"
done

# ---- and on it goes ------------------------------------------------------------------------------------------------

export PGOPTIONS="$PGOPTIONS -c collab.user_id=1"
plan="(SELECT id FROM collab.boards WHERE name = 'Plan')"
task="(SELECT id FROM collab.tasks WHERE title = 'Task 25')"
list() { printf "(SELECT id FROM collab.lists WHERE name = '%s' AND board_id = %s)" "$1" "$plan"; }
is "$(sql $OLD "SELECT a->>'changed', a->>'replayed' FROM collab.create_list($plan, 'Ideas', 0, 'todo', 90, 'c0000000-0000-4000-8000-000000000003') AS a")" 'true|true' 'a command of before is known'
is "$(sql $OLD "SELECT (collab.move_task($task, $(list Done), 0)->>'version')::int = version + 1 FROM collab.boards WHERE id = $plan")" t 'a task of before can be moved, under the next version'
is "$(sql $OLD "SELECT collab.update_task($task, '{\"title\": \"Renamed\"}')->'changed'")" true '… and renamed'
is "$(sql $OLD "SELECT (collab.create_task(title => 'Mine')->'changed'), (SELECT w.personal FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id JOIN collab.workspaces w ON w.id = b.workspace_id WHERE t.title = 'Mine')")" 'true|' \
  'a task without a place goes'
is "$(sql $OLD "SELECT w.personal, w.owner_id FROM collab.tasks t JOIN collab.boards b ON b.id = t.board_id JOIN collab.workspaces w ON w.id = b.workspace_id WHERE t.title = 'Mine'")" 't|1' '… to the personal workspace'
is "$(sql $OLD "SELECT (collab.create_task(workspace_id => w.id, title => 'Somewhere')->'board_id')::text = to_json((SELECT id FROM collab.boards b WHERE b.workspace_id = w.id AND b.deleted_at IS NULL ORDER BY created_at, id LIMIT 1))::text
  FROM collab.workspaces w WHERE name = 'Team'")" t 'one that names only a workspace of before goes to its first board'
is "$(PGOPTIONS='' sql $OLD 'SET ROLE upgrade_person' "SELECT jsonb_array_length(collab.board_state((SELECT id FROM collab.visible_boards WHERE name = 'Plan'))->'board'->'lists') > 4")" t 'a role of before reads as its user'
is "$(sql $OLD 'SELECT count(*) FROM collab.verify()' 'SELECT collab.rebuild_all() > 0' 'SELECT count(*) FROM collab.verify()')" $'0\nt\n0' 'verify finds nothing after all that'
"$PGBIN/pg_dump" -Fc -f "$SCRATCH/dump" $OLD
new_database tap_upgrade_restored
"$PGBIN/pg_restore" --exit-on-error -d tap_upgrade_restored "$SCRATCH/dump"
is "$(sql tap_upgrade_restored 'SELECT count(*) FROM collab.verify()' "SELECT count(*) = (SELECT count(*) FROM collab.events) FROM collab.events WHERE id > 0")" $'0\nt' 'it can be dumped and restored'
for role in "${ROLES[@]}"; do
  is "$(sql tap_upgrade_restored "SELECT count(*) FROM collab.access_objects('${role#upgrade_}') AS o WHERE NOT CASE o.object_type WHEN 'TABLE' THEN has_table_privilege('$role', o.object_name, 'SELECT')
    ELSE has_function_privilege('$role', o.object_name, 'EXECUTE') END")" 0 "… and $role has all its rights there"
done
sql $OLD "SELECT collab.revoke_access(rolname) FROM pg_roles WHERE rolname LIKE 'upgrade\\_%'" >/dev/null
sql tap_upgrade_restored "SELECT collab.revoke_access(rolname) FROM pg_roles WHERE rolname LIKE 'upgrade\\_%'" >/dev/null
sql $FRESH "SELECT collab.revoke_access(rolname) FROM pg_roles WHERE rolname LIKE 'upgrade\\_%'" >/dev/null
sql $SECOND "SELECT collab.revoke_access(rolname) FROM pg_roles WHERE rolname LIKE 'upgrade\\_%'" >/dev/null
is "$(sql postgres "DROP ROLE $(IFS=, && echo "${ROLES[*]}")" 2>&1)" '' 'without their rights the roles can be dropped'

sql postgres "DROP DATABASE $OLD" "DROP DATABASE $FRESH" "DROP DATABASE $SECOND" 'DROP DATABASE tap_upgrade_restored'
plan_done
