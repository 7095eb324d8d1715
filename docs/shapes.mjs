// shapes.mjs: the documents that the database answers with, as JSON Schema: what no table of fields says. The tests hold every
// answer of the REST door against them. Imported by openapi.mjs.
import { kindSchema } from './tables.mjs';

const UUID = { type: 'string', format: 'uuid' };
const TEXT = { type: 'string' };
const TIME = { type: 'string', format: 'date-time' };
const INTEGER = { type: 'integer' };
const COUNT = { type: 'integer', minimum: 0 };
const BOOLEAN = { type: 'boolean' };
const orNull = (schema) => ({ ...schema, type: [schema.type, 'null'].flat(), ...(schema.enum ? { enum: [...schema.enum, null] } : {}) });
const arrayOf = (items) => ({ type: 'array', items });

/** A member of that name need not be there. */
const maybe = (schema) => ({ optional: schema });
const shape = (name) => ({ $ref: `#/components/schemas/${name}` });

/** All members are there but those that are maybe(); there may be more. */
export function object(members, description) {
  const required = Object.keys(members).filter((name) => !members[name].optional);
  return {
    type: 'object',
    ...(description ? { description } : {}),
    properties: Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, schema.optional ?? schema])),
    required,
  };
}

const { enum: PRIORITIES } = kindSchema('PRIORITY');
const CATEGORY = kindSchema('CATEGORY');
const ROLE = kindSchema('ROLE');

const card = {
  id: UUID, board_id: UUID, list_id: UUID, title: TEXT, assigned_to: orNull(INTEGER), assignees: arrayOf(INTEGER),
  priority: { type: ['string', 'null'], enum: [...PRIORITIES, null] }, start_date: orNull(TIME), due_date: orNull(TIME),
  status: CATEGORY, completed_at: orNull(TIME), position: maybe(orNull(COUNT)), labels: arrayOf(shape('Label')),
  cover: orNull({ type: 'object' }), checklist_counts: object({ total: COUNT, checked: COUNT }), comments_count: COUNT,
  attachments_count: COUNT, blocked_by: arrayOf(UUID), version: INTEGER, created_at: TIME, updated_at: TIME,
  archived_at: maybe(orNull(TIME)),
};

const list = {
  id: UUID, name: TEXT, position: maybe(orNull(COUNT)), category: CATEGORY, wip_limit: orNull(INTEGER), version: INTEGER,
  archived_at: maybe(orNull(TIME)),
};

const place = { board_name: TEXT, list_name: TEXT };
const person = { user_id: INTEGER, username: TEXT, handle: TEXT, avatar: orNull(TEXT) };

export const shapes = {
  Label: object({ id: UUID, name: TEXT, color: TEXT }),
  Person: object(person),
  Member: object({ ...person, role: ROLE, online: BOOLEAN, last_seen: orNull(TIME) }),
  CustomField: object({ id: UUID, name: TEXT, kind: kindSchema('KIND'), options: arrayOf(TEXT) }),
  Checklist: object({ id: UUID, name: TEXT, position: COUNT, items: arrayOf(shape('ChecklistItem')) }),
  ChecklistItem: object({ id: UUID, text: TEXT, checked: BOOLEAN, due_date: orNull(TIME), assigned_to: orNull(INTEGER), position: COUNT }),
  Task: object({ ...card, description: maybe(TEXT), config: maybe({ type: 'object' }), custom_fields: maybe({ type: 'object' }),
    checklists: maybe(arrayOf(shape('Checklist'))) },
  'A task. Of the detail cards without description, config, custom_fields and checklists; archived_at is there when archived ones are among them.'),
  TaskInList: object({ ...card, ...place, headline: maybe(orNull(TEXT)), my_items: maybe(arrayOf({ type: 'object' })) },
    'A task found: of the detail cards, with the names of its board and list; headline, where the words stand, between **.'),
  Neighbour: object({ id: UUID, title: TEXT, list_id: UUID, status: CATEGORY, completed_at: orNull(TIME), archived_at: orNull(TIME) }),
  List: object({ ...list, tasks: maybe(arrayOf(shape('Task'))), task_count: maybe(COUNT), board_id: maybe(UUID) }),
  Board: object({ id: UUID, workspace_id: UUID, name: TEXT, description: TEXT, owner_id: INTEGER, visibility: kindSchema('VISIBILITY'),
    settings: { type: 'object' }, members: arrayOf(INTEGER), people: arrayOf(shape('Person')), labels: arrayOf(shape('Label')),
    custom_fields: arrayOf(shape('CustomField')), lists: arrayOf(shape('List')), version: INTEGER, updated_at: TIME, archived_at: orNull(TIME) }),
  BoardSummary: object({ id: UUID, name: TEXT, version: INTEGER, updated_at: TIME }),
  Workspace: object({ id: UUID, name: TEXT, description: TEXT, personal: BOOLEAN, default_board_id: orNull(UUID), version: INTEGER,
    owner_id: maybe(INTEGER), members: maybe(arrayOf(shape('Member'))), role: maybe(ROLE), boards: maybe(arrayOf(shape('BoardSummary'))) }),
  Invite: object({ id: UUID, role: ROLE, expires_at: orNull(TIME), max_uses: orNull(INTEGER), uses: COUNT, created_by: INTEGER, created_at: TIME,
    revoked_at: orNull(TIME) }),
  Comment: object({ id: UUID, task_id: UUID, user_id: INTEGER, username: TEXT, text: TEXT, reply_to: orNull(UUID), mentions: arrayOf(INTEGER),
    created_at: TIME, edited_at: orNull(TIME), occurred_at: maybe(TIME), version: INTEGER }),
  Attachment: object({ id: UUID, name: TEXT, url: orNull(TEXT), content_type: orNull(TEXT), size: orNull(COUNT), user_id: maybe(orNull(INTEGER)),
    username: maybe(orNull(TEXT)), created_at: TIME, version: INTEGER }),
  Notification: object({ id: INTEGER, type: TEXT, workspace_id: UUID, board_id: orNull(UUID), task_id: orNull(UUID), comment_id: orNull(UUID),
    actor_id: orNull(INTEGER), text: TEXT, created_at: TIME, delivered_at: orNull(TIME), read_at: orNull(TIME) }),
  Entry: object({ id: maybe(INTEGER), board_id: maybe(UUID), board_name: maybe(TEXT), version: INTEGER, created_at: TIME, user_id: maybe(orNull(INTEGER)), username: orNull(TEXT),
    task_id: orNull(UUID), sentence: TEXT }, 'What happened, in a sentence; across boards with the name of each.'),
  Event: object({ type: TEXT, payload: { type: 'object' } }, 'A message of the wire: docs/events.md.'),
  Ack: object({ command: TEXT, command_id: orNull(UUID), board_id: maybe(UUID), workspace_id: maybe(UUID), from_version: maybe(INTEGER), version: maybe(INTEGER),
    changed: { ...BOOLEAN, description: 'false: there was nothing to do' }, replayed: { ...BOOLEAN, description: 'true: a resend; this is the first answer once more' },
    result: maybe({ type: 'object', description: 'ids of what was made, and what else the command tells' }), events: arrayOf(shape('Event')) },
  'What the command did. Its events have consecutive versions.'),
  Problem: object({ type: TEXT, title: TEXT, status: INTEGER, code: TEXT, detail: orNull(TEXT), hint: maybe(TEXT), command: maybe(orNull(TEXT)),
    command_id: maybe(orNull(UUID)), retry_after_ms: maybe(COUNT) }, 'RFC 9457. docs/errors.md says what each code means.'),
  Conflict: object({ type: TEXT, title: TEXT, status: INTEGER, code: { const: 'version_conflict' }, detail: TEXT, command: TEXT, command_id: orNull(UUID),
    expected_version: { ...INTEGER, description: 'what If-Match said' }, current_version: { ...INTEGER, description: "the board's now" },
    current: { type: ['object', 'null'], description: 'the thing as it is now; its version is that of its last change' } }),
};

const VERSIONED = { version: INTEGER, event: { ...TEXT, description: 'mark of the version, to resume from' } };
const NEXT = { next_cursor: { type: ['string', 'null'], description: 'cursor of the next page; null on the last one' } };

/** What the members of reads' results are (reads.def names them). */
export const results = {
  user_id: INTEGER, username: TEXT, handle: TEXT, avatar: orNull(TEXT), unread_count: COUNT, personal_workspace_id: orNull(UUID),
  workspaces: arrayOf(shape('Workspace')), workspace: shape('Workspace'), members: arrayOf(shape('Member')), invites: arrayOf(shape('Invite')),
  boards: arrayOf(shape('BoardSummary')), board: shape('Board'), list: shape('List'), labels: arrayOf(shape('Label')),
  lists: arrayOf(shape('List')), task: shape('Task'), comments: arrayOf(shape('Comment')), more_comments: BOOLEAN,
  attachments: arrayOf(shape('Attachment')), attachment: shape('Attachment'), blocked_by: arrayOf(shape('Neighbour')), blocking: arrayOf(shape('Neighbour')),
  notifications: arrayOf(shape('Notification')), preferences: { type: 'object', additionalProperties: BOOLEAN }, results: arrayOf(shape('TaskInList')),
  entries: arrayOf(shape('Entry')), report: TEXT, rows: arrayOf({ type: 'object' }), board_id: UUID, from_version: INTEGER, to_version: INTEGER,
  has_more: BOOLEAN, events: arrayOf(shape('Event')), ...VERSIONED, ...NEXT,
};

/** `tasks` are found ones, or those of a board's archive. */
export const resultSchema = (read, member) => {
  if (member === 'tasks') return arrayOf(shape(read.about === 'ACTOR' ? 'TaskInList' : 'Task'));
  if (!(member in results)) throw new Error(`shapes.mjs does not know ${member} of ${read.name}`);
  return results[member];
};
