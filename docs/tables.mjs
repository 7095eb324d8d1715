// tables.mjs: the tables that code and documents are made from, as objects: commands.def, updates.def, reads.def,
// support_field.h's kinds, routes.def, codes.def, messages.def, event_types.def. Imported by what makes documents of them
// (openapi.mjs, asyncapi.mjs).
//
//   commands   [{name, aggregate, role, entity, fields, summary}]        updates   {task: fields, …}
//   reads      [{name, about, role, fields, result: [member], summary}]
//   fields     [{name, kind, isRequired, isNullable}]
//   routes     [{method, path, answer, type, body, status, location, summary}]
//   queryNames [{type, parameter, field}]   timely [type]                              refusals  [{code, status}]
//   clientTypes, serverTypes  [name]                                     events     [{name, aggregate}]
//   workspaceNames {type: name}   renamedFields {type: {member: name}}   messageFields {id: …}   messageUses [{type, id, isRequired}]
//   kindSchema(kind), fieldSchema(field): JSON Schema 2020-12
import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** The calls of `macro` in a table: each an array of its arguments, texts joined and without their quotes. */
function entries(path, macro) {
  const text = read(path).replace(/"(?:\\.|[^"\\])*"|\/\*[^]*?\*\/|^#.*(?:\\\n.*)*$/gm, (found) => (found[0] === '"' ? found : ' '));
  const found = [];
  for (const start of text.matchAll(new RegExp(`^${macro}\\(`, 'gm'))) {
    const args = [''];
    let depth = 1;
    for (let at = start.index + start[0].length; depth > 0; at++) {
      const string = text[at] === '"' && /^"(?:\\.|[^"\\])*"/.exec(text.slice(at))[0];
      if (string) {
        args[args.length - 1] += string;
        at += string.length - 1;
        continue;
      }
      if (text[at] === '(') depth++;
      if (text[at] === ')') depth--;
      if (text[at] === ',' && depth === 1) args.push('');
      else if (depth > 0) args[args.length - 1] += text[at];
    }
    found.push(args.map((arg) => (arg.trim()[0] === '"' ? arg.match(/"(?:\\.|[^"\\])*"/g).map((part) => JSON.parse(part)).join('') : arg.trim())));
  }
  return found;
}

const fieldsOf = (text) => [...text.matchAll(/FIELD\((\w+), *(\w+), *(\w+)\)/g)].map(([, name, kind, presence]) => ({
  name, kind, isRequired: presence === 'REQUIRED', isNullable: presence === 'NULLABLE',
}));

export const commands = entries('extension/command/commands.def', 'COMMAND').map(([name, , aggregate, role, entity, fields, summary]) => ({
  name, aggregate, role: role.toLowerCase(), entity, fields: fieldsOf(fields), summary,
}));

export const updates = Object.fromEntries(entries('extension/command/updates.def', 'UPDATES').map(([noun, fields]) => [noun, fieldsOf(fields)]));

export const reads = entries('extension/read/reads.def', 'READ').map(([name, , about, role, fields, result, summary]) => ({
  name, about, role: role.toLowerCase(), fields: fieldsOf(fields), result: result.startsWith('(') ? [] : result.split(/, */), summary,
}));

export const routes = entries('bridge/door/routes.def', 'ROUTE').map(([method, path, answer, type, body, status, location, summary]) => ({
  method, path, answer, type: type === 'NONE' ? null : type, body, status: Number(status), location, summary,
}));

export const queryNames = entries('bridge/door/routes.def', 'QUERY').map(([type, parameter, field]) => ({ type, parameter, field }));

export const timely = entries('bridge/door/routes.def', 'TIMELY').map(([type]) => type);

export const refusals = entries('bridge/proto/codes.def', 'REFUSAL').map(([, code, status]) => ({ code, status: Number(status) }));

/** The comment beside a kind in support_field.h: what a value of it is, in words. */
export const kindText = Object.fromEntries([...read('extension/support/support_field.h').split('} FieldKind;')[0].matchAll(/^\tFIELD_([A-Z_]+),(?: \/\* (.*?)(?:; cmd_\w+\.c knows.*)? \*\/)?$/gm)]
  .map(([, kind, text]) => [kind, text ?? kind.toLowerCase()]));

const text = (maxLength, more = {}) => ({ type: 'string', minLength: 1, maxLength, ...more });
const integer = (minimum, maximum = 2147483647) => ({ type: 'integer', minimum, maximum });
const words = (...list) => ({ type: 'string', enum: list });
const arrayOf = (items, more = {}) => ({ type: 'array', items, maxItems: 100, ...more });
const USER = integer(1, Number.MAX_SAFE_INTEGER);

const schemas = {
  UUID: { type: 'string', format: 'uuid' },
  USER,
  USERS: arrayOf(USER),
  NAME: text(100),
  TITLE: text(500),
  DESCRIPTION: { type: 'string', maxLength: 65536 },
  POSITION: integer(0),
  LIMIT: integer(1),
  TIME: { type: 'string', examples: ['2026-11-21T09:30:00Z', '2026-11-21'] },
  PRIORITY: words('low', 'medium', 'high', 'urgent'),
  CATEGORY: words('todo', 'doing', 'done'),
  ROLE: words('viewer', 'member', 'admin', 'owner'),
  FORMAT: words('trello', 'collab'),
  LABELS: arrayOf(text(100)),
  OBJECT: { type: 'object' },
  CONFIG: { type: 'object' },
  SETTINGS: { type: 'object' },
  COVER: { type: 'object' },
  COMMENT: text(16384),
  FILE_NAME: text(255),
  URL: text(2000, { format: 'uri' }),
  TOKEN: text(200, { pattern: '^[A-Za-z0-9_-]+$' }),
  COLOR: { type: 'string', examples: ['green', '#61bd4f'] },
  BOOLEAN: { type: 'boolean' },
  SECONDS: integer(1, 31536000),
  VISIBILITY: words('workspace', 'private'),
  KIND: words('text', 'number', 'date', 'choice', 'checkbox'),
  OPTIONS: arrayOf(text(100)),
  VALUE: {},
  ID: integer(1, Number.MAX_SAFE_INTEGER),
  IDS: arrayOf(integer(1, Number.MAX_SAFE_INTEGER)),
  DETAIL: words('full', 'cards'),
  QUERY: { type: 'string', maxLength: 500 },
  CURSOR: { type: ['string', 'integer'] },
  REPORT: words('throughput', 'flow_times', 'cumulative_flow', 'burndown', 'workload'),
  BUCKET: words('day', 'week', 'category', 'list'),
  EXPORT: words('json', 'csv'),
};

for (const kind of Object.keys(kindText)) if (!(kind in schemas)) throw new Error(`tables.mjs has no schema for the kind ${kind}`);

/** A value of this kind; its description is the kind's comment. */
export const kindSchema = (kind) => ({ ...schemas[kind], ...(/^[a-z]+$/.test(kindText[kind]) ? {} : { description: kindText[kind] }) });

/** The same for a field: null, too, where null clears it. */
export function fieldSchema({ kind, isNullable }) {
  const schema = kindSchema(kind);
  if (!isNullable || !schema.type) return schema;
  return { ...schema, type: [schema.type, 'null'].flat(), ...(schema.enum ? { enum: [...schema.enum, null] } : {}) };
}

/** An object with these fields, but those named. */
export function objectSchema(fields, but = []) {
  const own = fields.filter(({ name }) => !but.includes(name));
  const required = own.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(own.map((field) => [field.name, fieldSchema(field)])),
    ...(required.length ? { required } : {}),
  };
}

// ---- messages.def and event_types.def ------------------------------------------------------------------------------

const MESSAGES = 'bridge/proto/messages.def';

const ownMessages = entries(MESSAGES, 'CLIENT_MESSAGE');
const ownAnswers = entries(MESSAGES, 'SERVER_MESSAGE');
export const clientTypes = ownMessages.map(([type]) => type);
export const serverTypes = ownAnswers.map(([type]) => type);
export const events = entries('extension/event/event_types.def', 'EVENT').map(([name, aggregate]) => ({ name, aggregate }));

/** Names of the workspace dialect that do not follow the rule, and members it calls otherwise. */
export const workspaceNames = Object.fromEntries([...ownMessages, ...ownAnswers, ...entries(MESSAGES, 'WORKSPACE_NAME')].map(([type, name]) => [type, name]));
export const renamedFields = {};
for (const [type, member, name] of entries(MESSAGES, 'WORKSPACE_FIELD')) (renamedFields[type] ??= {})[member] = name;

export const messageFields = Object.fromEntries(entries(MESSAGES, 'MESSAGE_FIELD').map(([id, name, kind, minimum, maximum]) => [id, { name, kind, minimum: Number(minimum), maximum: Number(maximum) }]));
export const messageUses = entries(MESSAGES, 'MESSAGE_USES').map(([type, id, needed]) => ({ type, id, isRequired: needed === 'REQUIRED' }));
