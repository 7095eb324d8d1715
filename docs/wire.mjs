// wire.mjs: what the messages of the wire hold that no table of fields says: the server's messages and the events of the log, as
// JSON Schema, and what each message of the bridge's own is for. The tests hold real messages against it. Imported by asyncapi.mjs.
import { kindSchema } from './tables.mjs';
import { object } from './shapes.mjs';

const UUID = { type: 'string', format: 'uuid' };
const TEXT = { type: 'string' };
const TIME = { type: 'string', format: 'date-time' };
const INTEGER = { type: 'integer' };
const COUNT = { type: 'integer', minimum: 0 };
const NUMBER = { type: 'number' };
const BOOLEAN = { type: 'boolean' };
const OBJECT = { type: 'object' };
const ROLE = kindSchema('ROLE');
const CATEGORY = kindSchema('CATEGORY');
const orNull = (schema) => ({ ...schema, type: [schema.type, 'null'].flat() });
const arrayOf = (items) => ({ type: 'array', items });
const maybe = (schema) => ({ optional: schema });
const shape = (name) => ({ $ref: `#/components/schemas/${name}` });
const events = arrayOf({ ...OBJECT, description: 'an event as a message of this dialect' });

// ---- from clients --------------------------------------------------------------------------------------------------

/** The bridge's own; `answer`: the types that answer it, besides ERROR. */
export const clientNotes = {
  AUTH: { answer: ['ACK'], summary: 'A new token of the same user, before the old one expires; or the first one, when none came with the request.' },
  HEARTBEAT: { answer: ['HEARTBEAT_ACK'], summary: 'A sign of life; with a board, of activity there.' },
  JOIN_BOARD: { answer: ['BOARD_STATE', 'BOARD_EVENTS'], summary: 'Joins a board: its state and everything after it; with since_version and since_event what was missed.' },
  LEAVE_BOARD: { answer: ['ACK'], summary: 'Leaves a board.' },
  JOIN_WORKSPACE: { answer: ['WORKSPACE_STATE', 'WORKSPACE_EVENTS'], summary: 'Joins a workspace: its state, then its own events and those of every board that the user may see; with since_version and boards what was missed.' },
  LEAVE_WORKSPACE: { answer: ['ACK'], summary: 'Leaves a workspace.' },
  CURSOR_MOVE: { answer: [], summary: 'Where the pointer is on a joined board; at most 20 a second leave the bridge, the newest wins.' },
  FOCUS_TASK: { answer: [], summary: 'The task that is open on a joined board, and the field of it that is being edited; null: none.' },
};

/** Reads that are answered by something else than an ACK with `result`. */
export const readAnswers = { GET_BOARD: ['BOARD_STATE'], GET_EVENTS: ['BOARD_EVENTS'] };

// ---- from the server -----------------------------------------------------------------------------------------------

const user = { user_id: INTEGER, username: TEXT, avatar: orNull(TEXT) };
const activeUser = object({ ...user, cursor_position: orNull(object({ x: NUMBER, y: NUMBER })), current_task_id: orNull(UUID),
  editing: orNull(TEXT), last_seen: TIME });
const presentMember = object({ ...user, handle: TEXT, role: ROLE, online: BOOLEAN, last_seen: orNull(TIME) });
const answered = { command: maybe(TEXT), command_id: maybe(orNull(UUID)) };
const mark = { ...TEXT, description: 'to resume after this version' };

export const serverShapes = {
  WELCOME: object({ connection_id: UUID, user: object({ ...user, handle: TEXT }), server_time: TIME, heartbeat_interval: { ...NUMBER, description: 'seconds' },
    protocol: { const: 'collab.v1' }, limits: OBJECT, unread_count: COUNT }, 'Once a token is accepted, before anything else.'),
  BOARD_STATE: object({ board: shape('Board'), version: INTEGER, event: orNull(mark), active_users: arrayOf(activeUser), reset: maybe(BOOLEAN) },
    'A board. reset: what the client had is of another history.'),
  BOARD_EVENTS: object({ board_id: UUID, from_version: INTEGER, to_version: INTEGER, event: orNull(mark), has_more: BOOLEAN, events },
    'The events after from_version, up to to_version.'),
  WORKSPACE_EVENTS: object({ workspace_id: UUID, from_version: INTEGER, to_version: INTEGER, event: orNull(mark), has_more: BOOLEAN, events },
    "The same of a workspace's own log."),
  BOARD_REMOVED: object({ board_id: UUID, workspace_id: orNull(UUID) }, 'A board of a joined workspace that the receiver sees no more.'),
  WORKSPACE_STATE: object({ workspace: shape('Workspace'), version: INTEGER, event: orNull(mark), boards: arrayOf(object({ id: UUID, name: TEXT, archived: maybe(BOOLEAN), version: INTEGER, event: orNull(mark) })),
    presence: arrayOf(presentMember), reset: maybe(BOOLEAN) }, "A workspace; each board's events start after the version given here."),
  ACK: object({ command: TEXT, command_id: maybe(orNull(UUID)), board_id: maybe(orNull(UUID)), workspace_id: maybe(orNull(UUID)), from_version: maybe(INTEGER), version: maybe(INTEGER),
    changed: { ...BOOLEAN, description: 'false: there was nothing to do, or it was a read' },
    replayed: { ...BOOLEAN, description: 'true: a resend; this is the first answer once more' },
    result: maybe({ description: 'what a read found (EXPORT_BOARD as csv: a text), ids of what a command made' }), events: maybe(events) },
  "What became of a command, in the place of its sender's own events; or the answer of a read."),
  CONFLICT_ERROR: object({ ...answered, reason: TEXT, expected_version: INTEGER, current_version: INTEGER, current: orNull(OBJECT), code: maybe(TEXT), message: maybe(TEXT), hint: maybe(TEXT) },
    'What the command names was changed since the version it gave; current is the thing as it is now.'),
  ERROR: object({ ...answered, code: TEXT, message: TEXT, hint: maybe(TEXT), retry_after_ms: maybe(COUNT) }, 'A refusal: docs/errors.md.'),
  USER_JOINED: object({ board_id: UUID, user: object(user) }, 'Once per user and board, however many tabs and bridges.'),
  USER_LEFT: object({ board_id: UUID, user_id: INTEGER }, 'The last tab is gone, on every bridge.'),
  PRESENCE: object({ board_id: maybe(UUID), workspace_id: maybe(UUID), users: { type: 'array', items: { anyOf: [activeUser, presentMember] } } },
    "Who is on a board, or a workspace's members with online and last seen."),
  CURSOR_UPDATE: object({ board_id: UUID, user_id: INTEGER, username: TEXT, x: NUMBER, y: NUMBER, task_id: maybe(UUID) }, "Somebody's pointer."),
  TASK_FOCUS: object({ board_id: UUID, task_id: orNull(UUID), user_id: INTEGER, username: TEXT, editing: orNull(TEXT) }, 'The task that somebody has open, and the field being edited; null: none any more.'),
  NOTIFICATION: object({ notification: shape('Notification'), unread_count: COUNT }, 'To every connection of the addressee, whatever it has joined.'),
  HEARTBEAT_ACK: object({ server_time: TIME }),
  SERVER_SHUTDOWN: object({ reconnect_after_ms: COUNT }, 'The bridge shuts down; come back after this time.'),
};

/** connection.disconnect, which the workspace dialect has before every close by the server. */
export const disconnectShape = object({ code: INTEGER, reason: TEXT, reconnect_after_ms: orNull(COUNT) }, 'The connection closes.');

// ---- events of the log ---------------------------------------------------------------------------------------------

const task = { task_id: UUID };
const place = { from_list_id: maybe(UUID), to_list_id: maybe(UUID), new_position: maybe(COUNT) };
const done = { ...task, completed_at: orNull(TIME), status: maybe(CATEGORY), ...place };
const checklist = { ...task, checklist_id: UUID };
const item = { ...checklist, item_id: UUID };
const person = object({ user_id: INTEGER, username: TEXT, handle: TEXT, avatar: orNull(TEXT) });
const label = object({ id: UUID, name: TEXT, color: TEXT });

const payloads = {
  WorkspaceCreated: { workspace: OBJECT },
  WorkspaceUpdated: { updates: OBJECT },
  WorkspaceDeleted: { name: TEXT },
  WorkspaceTransferred: { member_id: INTEGER, previous_owner_id: INTEGER },
  MemberAdded: { member_id: INTEGER, role: ROLE, member: person, invite_id: maybe(UUID) },
  RoleChanged: { member_id: INTEGER, role: ROLE, old_role: ROLE, owner_id: maybe(INTEGER) },
  MemberRemoved: { member_id: INTEGER, owner_id: maybe(INTEGER) },
  InviteCreated: { invite_id: UUID, invite: OBJECT },
  InviteRevoked: { invite_id: UUID },
  BoardCreated: { board: OBJECT, members_added: maybe(arrayOf(INTEGER)) },
  BoardUpdated: { updates: OBJECT, members_added: maybe(arrayOf(INTEGER)) },
  BoardArchived: {},
  BoardRestored: {},
  BoardDeleted: {},
  BoardImported: { format: kindSchema('FORMAT'), report: OBJECT },
  BoardMemberAdded: { member_id: INTEGER, member: person },
  BoardMemberRemoved: { member_id: INTEGER },
  LabelCreated: { label },
  LabelUpdated: { label_id: UUID, updates: OBJECT },
  LabelDeleted: { label_id: UUID },
  CustomFieldDefined: { field_id: UUID, field: OBJECT },
  CustomFieldUpdated: { field_id: UUID, updates: OBJECT },
  CustomFieldDeleted: { field_id: UUID },
  CustomFieldSet: { ...task, field_id: UUID, value: {} },
  ListCreated: { list: OBJECT, position: maybe(COUNT) },
  ListUpdated: { list_id: UUID, updates: OBJECT },
  ListMoved: { list_id: UUID, new_position: COUNT },
  ListArchived: { list_id: UUID },
  ListRestored: { list_id: UUID, new_position: COUNT, list: OBJECT },
  TaskCreated: { created_by: maybe(INTEGER), task: shape('Task'), list_id: UUID },
  TaskUpdated: { ...task, updates: OBJECT, ...place },
  TaskMoved: { ...task, from_list_id: UUID, to_list_id: UUID, new_position: COUNT, status: CATEGORY, completed_at: orNull(TIME) },
  TaskCompleted: done,
  TaskReopened: done,
  TaskArchived: { ...task, list_id: UUID },
  TaskRestored: { ...task, list_id: UUID, new_position: COUNT, was_deleted: maybe(BOOLEAN), completed_at: maybe(orNull(TIME)) },
  TaskDeleted: { ...task, list_id: UUID, was_archived: maybe(BOOLEAN) },
  TaskAssigned: { ...task, assignee_id: INTEGER, assignees: arrayOf(INTEGER) },
  TaskUnassigned: { ...task, assignee_id: INTEGER, assignees: arrayOf(INTEGER) },
  DependencyAdded: { ...task, blocked_by: UUID },
  DependencyRemoved: { ...task, blocked_by: UUID },
  ChecklistCreated: { ...task, checklist_id: maybe(UUID), checklist: shape('Checklist') },
  ChecklistUpdated: { ...checklist, updates: OBJECT },
  ChecklistDeleted: checklist,
  ChecklistItemAdded: { ...item, item: shape('ChecklistItem') },
  ChecklistItemUpdated: { ...item, updates: OBJECT },
  ChecklistItemChecked: { ...item, checked: BOOLEAN },
  ChecklistItemMoved: { ...item, from_checklist_id: maybe(UUID), new_position: COUNT },
  ChecklistItemDeleted: item,
  CommentAdded: { ...task, comment_id: UUID, comment: OBJECT },
  CommentUpdated: { ...task, comment_id: UUID, updates: OBJECT, edited_at: TIME },
  CommentDeleted: { ...task, comment_id: UUID },
  AttachmentAdded: { ...task, attachment_id: UUID, attachment: OBJECT },
  AttachmentRemoved: { ...task, attachment_id: UUID },
};

const common = { version: INTEGER, event: mark, user_id: INTEGER, username: TEXT, timestamp: TIME, command_id: maybe(UUID),
  imported: maybe({}), occurred_at: maybe(TIME), undo_of: maybe(INTEGER) };

/** The payload of an event by its name in the log. */
export function eventShape({ name, aggregate }) {
  if (!(name in payloads)) throw new Error(`wire.mjs does not know ${name}`);
  return object({ ...(aggregate === 'BOARD' ? { board_id: UUID } : { workspace_id: UUID }), ...common, ...payloads[name] });
}

/** Members of its own, for the tables. */
export const eventMembers = (name) => Object.entries(payloads[name]).map(([member, schema]) => (schema.optional ? `${member}⊙` : member));
