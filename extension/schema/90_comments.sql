-- What psql shows with \d+, \df+ and \dv+.

COMMENT ON SCHEMA collab IS 'Collaborative boards: the event log, the commands, the read model.';

COMMENT ON TYPE collab.workspace_role IS 'What a member may do in a workspace, in ascending order of rights.';

COMMENT ON TABLE collab.epochs IS 'Databases that this log was written in; transaction ids compare only within one epoch.';
COMMENT ON COLUMN collab.epochs.epoch IS 'Number, ascending with each restore into another database.';
COMMENT ON COLUMN collab.epochs.system_identifier IS 'Of the cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN collab.epochs.database_oid IS 'Of the database within that cluster.';
COMMENT ON COLUMN collab.epochs.started_at IS 'Time of the first append in the epoch.';

COMMENT ON TABLE collab.aggregates IS 'One row per workspace and board: the lock a command takes, and the version counter.';
COMMENT ON COLUMN collab.aggregates.id IS 'The workspace or board.';
COMMENT ON COLUMN collab.aggregates.aggregate_type IS 'workspace or board.';
COMMENT ON COLUMN collab.aggregates.workspace_id IS 'The workspace whose members may act here; its own id for a workspace.';
COMMENT ON COLUMN collab.aggregates.version IS 'Version of the newest event; versions have no gaps.';
COMMENT ON COLUMN collab.aggregates.acl_version IS 'How many of its events changed who may do what.';
COMMENT ON COLUMN collab.aggregates.event_id IS 'The newest event.';
COMMENT ON COLUMN collab.aggregates.event_at IS 'created_at of the newest event.';

COMMENT ON TABLE collab.events IS 'The truth: every change, append-only. Written by commands alone; a restore may COPY into it.';
COMMENT ON COLUMN collab.events.id IS 'Unique; not the order of commits, see epoch and xid.';
COMMENT ON COLUMN collab.events.aggregate_id IS 'The workspace or board that changed.';
COMMENT ON COLUMN collab.events.aggregate_type IS 'workspace or board.';
COMMENT ON COLUMN collab.events.event_type IS 'TaskMoved and so on; TASK_MOVED and task.moved on the wire.';
COMMENT ON COLUMN collab.events.event_data IS 'What changed. "ranks" is how the log keeps the order and never leaves the database; "occurred_at" is the original time of something imported.';
COMMENT ON COLUMN collab.events.user_id IS 'Who did it.';
COMMENT ON COLUMN collab.events.version IS 'Position in the aggregate''s stream, from 1, without gaps.';
COMMENT ON COLUMN collab.events.created_at IS 'When it was appended.';
COMMENT ON COLUMN collab.events.command_id IS 'The client''s id of the command, on the first event that the command made here.';
COMMENT ON COLUMN collab.events.command_hash IS 'SHA-256 of the command''s type and payload: the same id with other content is refused.';
COMMENT ON COLUMN collab.events.acl_version IS 'State of rights it was committed under: the board''s changes of rights plus the workspace''s.';
COMMENT ON COLUMN collab.events.schema_version IS 'Version of event_data''s form for this event_type.';
COMMENT ON COLUMN collab.events.xid IS 'The transaction; with epoch and id the order that readers of the whole log go by.';
COMMENT ON COLUMN collab.events.epoch IS 'Which database''s transaction ids xid belongs to.';
COMMENT ON SEQUENCE collab.events_id_seq IS 'Ids of events.';
COMMENT ON TRIGGER events_refuse_change ON collab.events IS 'Refuses UPDATE, DELETE and TRUNCATE for everyone.';
COMMENT ON TRIGGER events_project ON collab.events IS 'Writes the read model in the same transaction; refuses inserts that no command made.';

COMMENT ON TABLE collab.users IS 'People, known by who vouches for them and as whom.';
COMMENT ON COLUMN collab.users.id IS 'The number used everywhere else.';
COMMENT ON COLUMN collab.users.issuer IS 'iss of the token; "trello" for placeholders of imported boards, who cannot log in.';
COMMENT ON COLUMN collab.users.subject IS 'sub of the token: the issuer''s own id of the person.';
COMMENT ON COLUMN collab.users.name IS 'Shown to others; kept current from the token.';
COMMENT ON COLUMN collab.users.handle IS 'Unique short name, made from the name; what @mentions use.';
COMMENT ON COLUMN collab.users.avatar IS 'Address of a picture, or null.';
COMMENT ON COLUMN collab.users.created_at IS 'First seen.';
COMMENT ON COLUMN collab.users.updated_at IS 'Name or avatar last changed.';
COMMENT ON COLUMN collab.users.deactivated_at IS 'Since then the user cannot act; null: can.';
COMMENT ON SEQUENCE collab.users_id_seq IS 'Ids of users.';

COMMENT ON TABLE collab.role_users IS 'Which database role may do what, and as which user. Written by grant_access and revoke_access.';
COMMENT ON COLUMN collab.role_users.role IS 'The login role, or the role it has SET.';
COMMENT ON COLUMN collab.role_users.level IS 'reader, person, application, bridge or admin.';
COMMENT ON COLUMN collab.role_users.user_id IS 'The user it acts as by default.';

COMMENT ON TABLE collab.workspaces IS 'Read model: workspaces.';
COMMENT ON COLUMN collab.workspaces.id IS 'The workspace.';
COMMENT ON COLUMN collab.workspaces.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.workspaces.description IS 'Description, may be empty.';
COMMENT ON COLUMN collab.workspaces.owner_id IS 'The user who owns it.';
COMMENT ON COLUMN collab.workspaces.version IS 'Version of the newest event.';
COMMENT ON COLUMN collab.workspaces.created_at IS 'When it was created.';
COMMENT ON COLUMN collab.workspaces.updated_at IS 'When it last changed.';

COMMENT ON TABLE collab.members IS 'Read model: who belongs to a workspace, and as what.';
COMMENT ON COLUMN collab.members.workspace_id IS 'The workspace.';
COMMENT ON COLUMN collab.members.user_id IS 'The member.';
COMMENT ON COLUMN collab.members.role IS 'The member''s role.';
COMMENT ON COLUMN collab.members.created_at IS 'Member since.';

COMMENT ON TABLE collab.boards IS 'Read model: boards.';
COMMENT ON COLUMN collab.boards.id IS 'The board.';
COMMENT ON COLUMN collab.boards.workspace_id IS 'The workspace it belongs to.';
COMMENT ON COLUMN collab.boards.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.boards.description IS 'Description, may be empty.';
COMMENT ON COLUMN collab.boards.owner_id IS 'The user who created it.';
COMMENT ON COLUMN collab.boards.visibility IS 'workspace: all members see it.';
COMMENT ON COLUMN collab.boards.settings IS 'conflict_policy and what else a board can choose.';
COMMENT ON COLUMN collab.boards.version IS 'Version of the newest event.';
COMMENT ON COLUMN collab.boards.created_at IS 'When it was created.';
COMMENT ON COLUMN collab.boards.updated_at IS 'When anything on it last changed.';

COMMENT ON TABLE collab.lists IS 'Read model: lists of boards.';
COMMENT ON COLUMN collab.lists.board_id IS 'The board.';
COMMENT ON COLUMN collab.lists.id IS 'The list.';
COMMENT ON COLUMN collab.lists.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.lists.rank IS 'Order on the board; positions are counted from it.';
COMMENT ON COLUMN collab.lists.category IS 'todo, doing or done: the status of its tasks.';
COMMENT ON COLUMN collab.lists.wip_limit IS 'Most open tasks it takes; null: no limit.';
COMMENT ON COLUMN collab.lists.task_count IS 'Its tasks that are neither archived nor deleted.';
COMMENT ON COLUMN collab.lists.version IS 'Board version of the last change to the list itself.';
COMMENT ON COLUMN collab.lists.created_at IS 'When it was created.';
COMMENT ON COLUMN collab.lists.updated_at IS 'When it last changed itself.';
COMMENT ON COLUMN collab.lists.archived_at IS 'Archived since; null: not.';

COMMENT ON TABLE collab.tasks IS 'Read model: tasks. A deleted task keeps its row as a tombstone.';
COMMENT ON COLUMN collab.tasks.board_id IS 'The board.';
COMMENT ON COLUMN collab.tasks.id IS 'The task.';
COMMENT ON COLUMN collab.tasks.list_id IS 'The list it is in.';
COMMENT ON COLUMN collab.tasks.title IS 'Title, 1 to 500 characters.';
COMMENT ON COLUMN collab.tasks.description IS 'Markdown, to 64 KB.';
COMMENT ON COLUMN collab.tasks.rank IS 'Order in the list; positions are counted from it.';
COMMENT ON COLUMN collab.tasks.priority IS 'low, medium, high, urgent, or null.';
COMMENT ON COLUMN collab.tasks.start_date IS 'Start, or null.';
COMMENT ON COLUMN collab.tasks.due_date IS 'Due, or null.';
COMMENT ON COLUMN collab.tasks.completed_at IS 'Completed since; null: not completed.';
COMMENT ON COLUMN collab.tasks.config IS 'The users'' own data, an object to 64 KB.';
COMMENT ON COLUMN collab.tasks.comments_count IS 'Number of its comments.';
COMMENT ON COLUMN collab.tasks.version IS 'Board version of the last change to the task itself; conflicts go by it.';
COMMENT ON COLUMN collab.tasks.created_by IS 'Who created it.';
COMMENT ON COLUMN collab.tasks.created_at IS 'When it was created here.';
COMMENT ON COLUMN collab.tasks.updated_at IS 'When it last changed itself.';
COMMENT ON COLUMN collab.tasks.archived_at IS 'Archived since; null: not.';
COMMENT ON COLUMN collab.tasks.deleted_at IS 'Deleted since; null: not.';

COMMENT ON TABLE collab.task_assignees IS 'Read model: who a task is assigned to.';
COMMENT ON COLUMN collab.task_assignees.board_id IS 'The board.';
COMMENT ON COLUMN collab.task_assignees.task_id IS 'The task.';
COMMENT ON COLUMN collab.task_assignees.user_id IS 'The assignee.';
COMMENT ON COLUMN collab.task_assignees.ordinal IS 'Order, from 1; the first is assigned_to.';

COMMENT ON TABLE collab.labels IS 'Read model: labels of boards.';
COMMENT ON COLUMN collab.labels.board_id IS 'The board.';
COMMENT ON COLUMN collab.labels.id IS 'The label.';
COMMENT ON COLUMN collab.labels.name IS 'Name, may be empty.';
COMMENT ON COLUMN collab.labels.color IS 'Name of a colour, or none.';
COMMENT ON COLUMN collab.labels.created_at IS 'When it was created.';

COMMENT ON TABLE collab.task_labels IS 'Read model: the labels of tasks.';
COMMENT ON COLUMN collab.task_labels.board_id IS 'The board.';
COMMENT ON COLUMN collab.task_labels.task_id IS 'The task.';
COMMENT ON COLUMN collab.task_labels.label_id IS 'The label.';
COMMENT ON COLUMN collab.task_labels.ordinal IS 'Order, from 1.';

COMMENT ON TABLE collab.checklists IS 'Read model: checklists of tasks.';
COMMENT ON COLUMN collab.checklists.board_id IS 'The board.';
COMMENT ON COLUMN collab.checklists.id IS 'The checklist.';
COMMENT ON COLUMN collab.checklists.task_id IS 'The task.';
COMMENT ON COLUMN collab.checklists.name IS 'Name, 1 to 100 characters.';
COMMENT ON COLUMN collab.checklists.rank IS 'Order on the task.';
COMMENT ON COLUMN collab.checklists.created_at IS 'When it was created here.';

COMMENT ON TABLE collab.checklist_items IS 'Read model: items of checklists.';
COMMENT ON COLUMN collab.checklist_items.board_id IS 'The board.';
COMMENT ON COLUMN collab.checklist_items.id IS 'The item.';
COMMENT ON COLUMN collab.checklist_items.checklist_id IS 'The checklist.';
COMMENT ON COLUMN collab.checklist_items.text IS 'What is to be done, 1 to 500 characters.';
COMMENT ON COLUMN collab.checklist_items.rank IS 'Order in the checklist.';
COMMENT ON COLUMN collab.checklist_items.checked IS 'Whether it is done.';
COMMENT ON COLUMN collab.checklist_items.due_date IS 'Due, or null.';
COMMENT ON COLUMN collab.checklist_items.assigned_to IS 'Who does it, or null.';

COMMENT ON TABLE collab.comments IS 'Read model: comments on tasks.';
COMMENT ON COLUMN collab.comments.board_id IS 'The board.';
COMMENT ON COLUMN collab.comments.id IS 'The comment.';
COMMENT ON COLUMN collab.comments.task_id IS 'The task.';
COMMENT ON COLUMN collab.comments.user_id IS 'Who wrote it.';
COMMENT ON COLUMN collab.comments.text IS 'Markdown, to 16 KB.';
COMMENT ON COLUMN collab.comments.reply_to IS 'The comment it answers, or null.';
COMMENT ON COLUMN collab.comments.mentions IS 'The users it names with @handle.';
COMMENT ON COLUMN collab.comments.created_at IS 'When it was written here.';
COMMENT ON COLUMN collab.comments.occurred_at IS 'When it was first written, for an imported one; else created_at.';
COMMENT ON COLUMN collab.comments.edited_at IS 'When it was last edited, or null.';

COMMENT ON VIEW collab.visible_workspaces IS 'The workspaces of the session''s user, with the user''s role.';
COMMENT ON VIEW collab.visible_members IS 'The members of the workspaces of the session''s user.';
COMMENT ON VIEW collab.visible_boards IS 'The boards that the session''s user can see.';
COMMENT ON VIEW collab.visible_lists IS 'Their lists; position counts open and archived ones apart.';
COMMENT ON VIEW collab.visible_tasks IS 'Their tasks; position counts open and archived ones apart.';
COMMENT ON VIEW collab.visible_comments IS 'The comments on their tasks.';

COMMENT ON FUNCTION collab.current_user_id() IS 'The user this session acts as: collab.user_id where the role may set it, else the user the role was granted. Raises TB009 when there is none.';
COMMENT ON FUNCTION collab.execute(jsonb) IS 'Carries out one command, {"type", "id"?, "payload"}, as the session''s user. Returns the payload of ACK; raises TB001 to TB010. id is a uuid: sent again with the same content, the first result comes back and nothing is written.';
COMMENT ON FUNCTION collab.execute_batch(bigint[], uuid[], text[]) IS 'For bridges: carries out up to 60 commands of the users named, each under the command id given, in one transaction. One row of kind ack, conflict or error per command (body: that message''s payload, an ack''s without "events"), followed by its event rows (body: the message). A refused command leaves the others alone; any other error fails all.';
COMMENT ON FUNCTION collab.run_command(text, jsonb, uuid, int) IS 'What the typed functions call: leaves out null fields, adds version and id, executes.';
COMMENT ON FUNCTION collab.create_workspace(text, text, uuid) IS 'Creates a workspace that the session''s user owns; result.workspace_id is its id.';
COMMENT ON FUNCTION collab.add_member(uuid, bigint, collab.workspace_role, uuid) IS 'Adds a user to a workspace. Needs admin; only an owner gives admin or owner.';
COMMENT ON FUNCTION collab.create_board(uuid, text, text, uuid) IS 'Creates a board with the lists To do, In progress and Done; result.board_id is its id.';
COMMENT ON FUNCTION collab.import_trello(uuid, jsonb, uuid) IS 'Makes a board of a Trello board export. Returns the report: imported (counts), unmapped (what has no place here), notes. A malformed export changes nothing and says where it is wrong.';
COMMENT ON FUNCTION collab.create_list(uuid, text, int, text, int, uuid) IS 'Creates a list at a position from 0 (default: the end), with a category (todo, doing, done; default todo) and a limit of open tasks.';
COMMENT ON FUNCTION collab.move_list(uuid, int, uuid, int) IS 'Moves a list to a position from 0.';
COMMENT ON FUNCTION collab.create_task(uuid, uuid, text, text, int, text, text, text, text[], bigint[], jsonb, uuid) IS 'Creates a task at a position from 0 (default: the end). Dates are RFC 3339; labels are ids or names; assignees are members. result.task_id is its id.';
COMMENT ON FUNCTION collab.update_task(uuid, jsonb, uuid, int) IS 'Changes a task''s fields: title, description, priority, start_date, due_date, assigned_to, assignees, labels, status, config (a merge patch). version: refused with TB001 if the task changed since.';
COMMENT ON FUNCTION collab.move_task(uuid, uuid, int, uuid, uuid, uuid, int) IS 'Moves a task into a list: to a position from 0, before or after another task, or to the end. version: refused with TB001 if the task changed since.';
COMMENT ON FUNCTION collab.delete_task(uuid, uuid, int) IS 'Deletes a task. version: refused with TB001 if the task changed since.';
COMMENT ON FUNCTION collab.board_state(uuid, text) IS 'A board as one document, with its version and the mark to resume from. detail: full, or cards (without descriptions, config, custom fields and checklists).';
COMMENT ON FUNCTION collab.events_after(uuid, int, int) IS 'A board''s events after a version, oldest first, at most max_events (1 to 10000).';
COMMENT ON FUNCTION collab.my_workspaces() IS 'The workspaces of the session''s user, each with the boards he can see.';
COMMENT ON FUNCTION collab.upsert_user(text, text, text, text) IS 'The user of an issuer and subject; made at first sight, name and avatar kept current. No row for a deactivated user.';
COMMENT ON FUNCTION collab.put_user(text, text, text, text, text) IS 'What upsert_user and imports call.';
COMMENT ON FUNCTION collab.handle_from_name(text) IS 'A handle that is not taken, made from a name.';
COMMENT ON FUNCTION collab.room_state(bigint, uuid, text) IS 'For bridges: a board''s document for a user; code not_found when he may not see it.';
COMMENT ON FUNCTION collab.room_resume(bigint, uuid, int, text) IS 'For bridges: whether a client that saw a version, and its event mark, can go on from there.';
COMMENT ON FUNCTION collab.room_events(uuid, int, int) IS 'For bridges: an aggregate''s events after a version as messages of the wire.';
COMMENT ON FUNCTION collab.room_heads(uuid[]) IS 'For bridges: newest version, event mark and rights version of aggregates.';
COMMENT ON FUNCTION collab.room_readers(uuid) IS 'For bridges: the users who may see a board, and the rights version that says so.';
COMMENT ON FUNCTION collab.user_workspaces(bigint) IS 'For bridges: a user''s workspaces, each with the boards he can see, as JSON.';
COMMENT ON FUNCTION collab.role_in(bigint, uuid) IS 'A user''s role in a workspace; null: none.';
COMMENT ON FUNCTION collab.can_read_board(bigint, uuid) IS 'Whether a user may see a board.';
COMMENT ON FUNCTION collab.require_board(uuid) IS 'The board, when the session''s user may see it; raises TB002 otherwise.';
COMMENT ON FUNCTION collab.board_document(uuid, text) IS 'A board as JSON text, for anyone who calls it: the callers check rights.';
COMMENT ON FUNCTION collab.event_body(uuid, int, bigint, timestamptz, bigint, text, text, jsonb, uuid) IS 'An event as a message of the wire''s board dialect.';
COMMENT ON FUNCTION collab.event_mark(bigint, timestamptz) IS 'The mark a client resumes from: an event of this history and no other.';
COMMENT ON FUNCTION collab.json_merge_patch(jsonb, jsonb) IS 'JSON Merge Patch, RFC 7396.';
COMMENT ON FUNCTION collab.rebuild(uuid) IS 'Makes a board''s or workspace''s read model again from its events; returns the version it has then.';
COMMENT ON FUNCTION collab.rebuild_all() IS 'Rebuilds every board and workspace; returns how many. Each stays locked to the end of the transaction: on a busy server call collab.rebuild for one after the other.';
COMMENT ON FUNCTION collab.verify(uuid) IS 'Compares the read model with one rebuilt from the events: one row per board or workspace that differs, none when all is well. Changes nothing. Null: all.';
COMMENT ON FUNCTION collab.verify_aggregate(uuid) IS 'The first difference between one aggregate''s read model and its events, or null.';
COMMENT ON FUNCTION collab.grant_access(name, text, bigint) IS 'Gives a database role a level: reader (the read functions), person (commands too), both as the user given; application (may also SET collab.user_id); bridge; admin (rebuild, verify). Replaces what it had.';
COMMENT ON FUNCTION collab.revoke_access(name) IS 'Takes all of a database role''s rights on collab.';
COMMENT ON FUNCTION collab.access_objects(text) IS 'What a level of grant_access may call and read.';
COMMENT ON FUNCTION collab.events_guard() IS 'Trigger: refuses changes of events.';
COMMENT ON FUNCTION collab.events_project() IS 'Trigger: projects an event, or lets a restore''s COPY through.';
