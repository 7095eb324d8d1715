// asyncapi.mjs: `make documentation`: the wire as an AsyncAPI 3.0 document (asyncapi.json) and as the tables of messages.md, both
// made of messages.def, commands.def, updates.def, reads.def, event_types.def and wire.mjs.
//
//   node asyncapi.mjs              writes both
//   node asyncapi.mjs --check      prints the names of those that are not current, writes nothing
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { clientTypes, commands, events, fieldSchema, messageFields, messageUses, objectSchema, reads, renamedFields, serverTypes, updates, workspaceNames } from './tables.mjs';
import { shapes } from './shapes.mjs';
import { clientNotes, disconnectShape, eventMembers, eventShape, readAnswers, serverShapes } from './wire.mjs';

// ---- names ---------------------------------------------------------------------------------------------------------

/** UPDATE_TASK as task.update, unless the table says otherwise. */
const workspaceName = (type) => {
  const [verb, ...noun] = type.toLowerCase().split('_');
  return workspaceNames[type] ?? (noun.length ? `${noun.join('_')}.${verb}` : verb);
};
/** TaskMoved as TASK_MOVED and task.moved. */
const wireName = (name) => name.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const eventName = (name) => wireName(name).toLowerCase().replace(/_(?=[^_]*$)/, '.');

// ---- the messages, in the order of the tables ----------------------------------------------------------------------

const fieldKinds = {
  UUID: () => ({ type: 'string', format: 'uuid' }),
  TEXT: ({ minimum, maximum }) => ({ type: 'string', minLength: minimum, maxLength: maximum }),
  INTEGER: ({ minimum, maximum }) => ({ type: 'integer', minimum, maximum }),
  NUMBER: ({ minimum, maximum }) => ({ type: 'number', minimum, maximum }),
  BOOLEAN: () => ({ type: 'boolean' }),
  DETAIL: () => ({ type: 'string', enum: ['full', 'cards'] }),
  BOARDS: ({ maximum }) => ({
    type: 'object', maxProperties: maximum, description: "what the client has of each board, by its id",
    additionalProperties: { type: 'object', required: ['version'], properties: { version: { type: 'integer', minimum: 0 }, event: { type: 'string' } } },
  }),
};

function ownPayload(type) {
  const uses = messageUses.filter((use) => use.type === type);
  const required = uses.filter(({ isRequired }) => isRequired).map(({ id }) => messageFields[id].name);
  const schemaOf = ({ id, isRequired }) => {
    const schema = fieldKinds[messageFields[id].kind](messageFields[id]);
    return isRequired ? schema : { ...schema, type: [schema.type, 'null'], ...(schema.enum ? { enum: [...schema.enum, null] } : {}) };
  };
  return {
    type: 'object', properties: Object.fromEntries(uses.map((use) => [messageFields[use.id].name, schemaOf(use)])),
    ...(required.length ? { required } : {}),
  };
}

/** Commands also take board_id and version; UPDATE_ commands say what `updates` may name. */
function commandPayload(command) {
  const schema = objectSchema(command.fields);
  const noun = /^UPDATE_(.*)$/.exec(command.name)?.[1].toLowerCase();
  const more = { board_id: { type: 'string', format: 'uuid', description: 'routes the command' }, version: { type: 'integer', minimum: 0, description: "the board's version that you had seen" } };
  if (updates[noun] && schema.properties.updates) schema.properties.updates = { ...objectSchema(updates[noun]), minProperties: 1 };
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(Object.entries(more).filter(([name]) => !(name in schema.properties))) } };
}

function note(type) {
  if (!(type in clientNotes)) throw new Error(`wire.mjs does not know ${type}`);
  return clientNotes[type];
}

export const clientMessages = [
  ...clientTypes.map((type) => ({
    name: type, workspaceName: workspaceName(type), about: 'bridge', leastRole: 'viewer', payload: ownPayload(type), ...note(type),
  })),
  ...reads.map((read) => ({
    name: read.name, workspaceName: workspaceName(read.name), about: 'read', leastRole: read.role, payload: objectSchema(read.fields),
    answer: readAnswers[read.name] ?? ['ACK'], summary: read.summary, result: read.result,
  })),
  ...commands.map((command) => ({
    name: command.name, workspaceName: workspaceName(command.name), about: 'command', leastRole: command.role, payload: commandPayload(command),
    answer: ['ACK', ...(command.aggregate === 'BOARD' || command.entity !== 'NONE' ? ['CONFLICT_ERROR'] : [])], summary: command.summary,
  })),
];
for (const each of clientMessages) if (/^(AUTH|HEARTBEAT)$/.test(each.name)) each.leastRole = 'anyone';

export const serverMessages = [
  ...serverTypes.map((type) => {
    if (!(type in serverShapes)) throw new Error(`wire.mjs does not know ${type}`);
    return { name: type, workspaceName: workspaceName(type), about: 'bridge', payload: serverShapes[type], summary: serverShapes[type].description ?? '' };
  }),
  ...events.map((event) => ({
    name: wireName(event.name), workspaceName: eventName(event.name), about: 'event', payload: eventShape(event),
    summary: `${event.name}, an event of a ${event.aggregate.toLowerCase()}.`, members: eventMembers(event.name),
  })),
];

// ---- AsyncAPI ------------------------------------------------------------------------------------------------------

const ref = (kind, name) => ({ $ref: `#/components/${kind}/${name}` });
const UUID = { type: 'string', format: 'uuid' };
const ID = { ...UUID, description: 'of the message, chosen by you: sent again it is carried out once' };

/** The payload as the workspace dialect names its members. */
function renamed(message) {
  const names = renamedFields[message.name];
  if (!names) return ref('schemas', `payload.${message.name}`);
  const rename = (name) => names[name] ?? name;
  const { properties, required = [], ...rest } = message.payload;
  return { ...rest, properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [rename(name), schema])),
    ...(required.length ? { required: required.filter((name) => name !== 'workspace_id').map(rename) } : {}) };
}

/** In the workspace dialect workspace_id may stand in the envelope. */
function workspaceClientPayload(message) {
  const { required = [] } = message.payload;
  if (!required.includes('workspace_id') || renamedFields[message.name]) return renamed(message);
  const rest = required.filter((name) => name !== 'workspace_id');
  const { required: none, ...schema } = message.payload;
  return { ...schema, ...(rest.length ? { required: rest } : {}) };
}

function clientSchema(message, isWorkspace) {
  const payload = isWorkspace ? workspaceClientPayload(message) : ref('schemas', `payload.${message.name}`);
  const isNeeded = (message.payload.required ?? []).some((name) => !isWorkspace || name !== 'workspace_id');
  return {
    type: 'object',
    properties: {
      type: { const: isWorkspace ? message.workspaceName : message.name }, id: ID,
      ...(isWorkspace ? { workspace_id: { ...UUID, type: ['string', 'null'] } } : {}),
      [isWorkspace ? 'data' : 'payload']: payload,
    },
    required: ['type', ...(isNeeded ? [isWorkspace ? 'data' : 'payload'] : [])],
  };
}

function serverSchema(message, isWorkspace) {
  if (!isWorkspace)
    return { type: 'object', properties: { type: { const: message.name }, payload: ref('schemas', `payload.${message.name}`) }, required: ['type', 'payload'] };
  const own = message.name === 'SERVER_SHUTDOWN' ? disconnectShape : ref('schemas', `payload.${message.name}`);
  return {
    type: 'object',
    properties: {
      type: { const: message.workspaceName }, workspace_id: { ...UUID, type: ['string', 'null'] }, user_id: { type: ['integer', 'null'] },
      timestamp: { type: ['string', 'null'], format: 'date-time' }, data: own,
    },
    required: ['type', 'workspace_id', 'user_id', 'timestamp', 'data'],
  };
}

const asMessage = (message, isWorkspace, schema) => ({
  name: isWorkspace ? message.workspaceName : message.name, title: isWorkspace ? message.workspaceName : message.name,
  summary: message.summary, contentType: 'application/json', payload: schema(message, isWorkspace),
  'x-about': message.about, 'x-other-dialect': isWorkspace ? message.name : message.workspaceName,
  ...(message.leastRole ? { 'x-least-role': message.leastRole } : {}),
  ...(message.answer ? { 'x-answered-by': message.answer } : {}),
});

const both = (list, schema) => list.flatMap((message) => [
  [message.name, asMessage(message, false, schema)], [message.workspaceName, asMessage(message, true, schema)],
]);

const DIALECTS = [
  { key: 'connection', address: '/ws', isWorkspace: false, title: 'A connection', description: 'Board dialect. Nothing is joined; join boards and workspaces by messages.' },
  { key: 'board', address: '/ws/board/{board_id}', isWorkspace: false, title: 'A board', description: 'Board dialect. The board is joined at once; since and since_event say what you have of it.' },
  { key: 'workspace', address: '/ws/workspace/{workspace_id}', isWorkspace: true, title: 'A workspace', description: 'Workspace dialect. The workspace is joined at once, unless the first message is workspace.resume.' },
];

const keyOf = (message, isWorkspace) => (isWorkspace ? message.workspaceName : message.name);
const queryOf = ({ key }) => ({
  type: 'object',
  properties: {
    token: { type: 'string', description: 'the JWT; better in Authorization or among the subprotocols' },
    ...(key === 'board' ? { since: { type: 'integer', minimum: 0 }, since_event: { type: 'string' } } : {}),
  },
});

const channel = (dialect) => ({
  address: dialect.address, title: dialect.title, description: dialect.description,
  ...(dialect.address.includes('{') ? { parameters: { [`${dialect.key}_id`]: { description: 'a uuid' } } } : {}),
  messages: Object.fromEntries([...clientMessages, ...serverMessages].map((message) => [keyOf(message, dialect.isWorkspace), ref('messages', keyOf(message, dialect.isWorkspace))])),
  bindings: { ws: { method: 'GET', query: queryOf(dialect), bindingVersion: '0.1.0' } },
});

/** What the bridge does: it receives what clients send. */
const operation = (dialect, action, list, summary) => ({
  action, channel: { $ref: `#/channels/${dialect.key}` }, summary,
  messages: list.map((message) => ({ $ref: `#/channels/${dialect.key}/messages/${keyOf(message, dialect.isWorkspace)}` })),
});

function asyncapi() {
  const version = /default_version *= *'([^']*)'/.exec(readFileSync(new URL('../collab.control', import.meta.url), 'utf8'))[1];
  return {
    asyncapi: '3.0.0',
    info: { title: 'The wire of collab', version, description: 'JSON over WebSocket, one document a message, in two dialects. docs/protocol.md says in which order and to whom.' },
    servers: { bridge: { host: '127.0.0.1:8080', protocol: 'ws', description: 'A bridge as `make run` starts it. With TLS: wss.', security: [ref('securitySchemes', 'token')] } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(DIALECTS.map((dialect) => [dialect.key, channel(dialect)])),
    operations: Object.fromEntries(DIALECTS.flatMap((dialect) => [
      [`${dialect.key}.fromClient`, operation(dialect, 'receive', clientMessages, 'What a client may send.')],
      [`${dialect.key}.toClient`, operation(dialect, 'send', serverMessages, 'What comes from the bridge.')],
    ])),
    components: {
      messages: Object.fromEntries([...both(clientMessages, clientSchema), ...both(serverMessages, serverSchema)]),
      schemas: { ...shapes, ...Object.fromEntries([...clientMessages, ...serverMessages].map(({ name, payload }) => [`payload.${name}`, payload])) },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

// ---- tables --------------------------------------------------------------------------------------------------------

const code = (text) => `\`${text}\``;
const members = ({ properties = {}, required = [] }) => Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}⊙`));
const row = (cells) => `| ${cells.join(' | ')} |`;
const tableOf = (heads, rows) => [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');

/** Without what every command takes. */
const ownMembers = (message) => {
  const fields = commands.find(({ name }) => name === message.name)?.fields;
  return members(message.payload).filter((member) => !fields || fields.some(({ name }) => member.replace('⊙', '') === name));
};
const clientRows = (about) => clientMessages.filter((message) => message.about === about).map((message) => [
  code(message.name), code(message.workspaceName), ownMembers(message).join(', ') || '–',
  message.leastRole, message.answer.map(code).join(', ') || '–', ...(about === 'command' ? [] : [message.result ? `${message.summary} → ${message.result.join(', ') || 'the export'}` : message.summary]),
]);
const serverRows = (about) => serverMessages.filter((message) => message.about === about).map((message) => [
  code(message.name), code(message.workspaceName), (message.members ?? members(message.payload)).join(', ') || '–', ...(about === 'event' ? [] : [message.summary]),
]);

const page = () => `# Messages

Made by \`make documentation\` from \`bridge/proto/messages.def\`, \`commands.def\`, \`reads.def\`, \`event_types.def\` and \`docs/wire.mjs\`:
change those. The same, with a JSON Schema of every message, is in [asyncapi.json](asyncapi.json).

What they mean together, and the order in which they come, is in [protocol.md](protocol.md). ⊙: may be left out; null is as absent, but
where it clears a value. What is not named here is ignored in a message that you send, and may come in one that you get.

## From clients

In the board dialect \`{"type": "GET_TASK", "id": …, "payload": {…}}\`, in the workspace dialect
\`{"type": "task.get", "id": …, "workspace_id": …, "data": {…}}\`; where a message takes a workspace_id the one of the envelope will do.
Anything may be answered by \`ERROR\` as well. *Least role*: in the workspace concerned.

### The bridge's own

${tableOf(['board dialect', 'workspace dialect', 'payload', 'least role', 'answer', ''], clientRows('bridge'))}

In the workspace dialect since_version and since_event of \`workspace.resume\` are called ${Object.values(renamedFields.JOIN_WORKSPACE).map(code).join(' and ')}.

### Reads

Answered by \`ACK\` with \`result\`, which has the members behind the arrow.

${tableOf(['board dialect', 'workspace dialect', 'payload', 'least role', 'answer', ''], clientRows('read'))}

### Commands

Every command of a board also takes \`board_id\`, which routes it, and \`version\`. What each does and what \`updates\` may name is in
[commands.md](commands.md).

${tableOf(['board dialect', 'workspace dialect', 'payload', 'least role', 'answer'], clientRows('command'))}

## From the server

In the board dialect \`{"type": "TASK_MOVED", "payload": {…}}\`, in the workspace dialect
\`{"type": "task.moved", "workspace_id": …, "user_id": …, "timestamp": …, "data": {…}}\`: user_id and timestamp are those of the
payload, null where it has none; \`data\` is the payload, with the names of commands and events inside it in this dialect.

### The bridge's own

${tableOf(['board dialect', 'workspace dialect', 'payload', ''], serverRows('bridge'))}

\`connection.disconnect\` of the workspace dialect is ${members(disconnectShape).join(', ')}, and comes before every close by the server.

### Events

Each also has board_id (or workspace_id, an event of a workspace), version, event, user_id, username, timestamp, command_id⊙, imported⊙, occurred_at⊙ and undo_of⊙;
[events.md](events.md) says what they tell.

${tableOf(['board dialect', 'workspace dialect', 'payload'], serverRows('event'))}
`;

/** A line for each message and schema: what changes is seen in a diff. */
const inLines = (value, depth = 0) => {
  if (depth === 3 || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const pad = ' '.repeat(depth);
  return `{\n${Object.entries(value).map(([name, member]) => `${pad} ${JSON.stringify(name)}: ${inLines(member, depth + 1)}`).join(',\n')}\n${pad}}`;
};

const wanted = { 'asyncapi.json': () => `${inLines(asyncapi())}\n`, 'messages.md': page };

function main(isCheck) {
  for (const [name, text] of Object.entries(wanted)) {
    const url = new URL(name, import.meta.url);
    if (!isCheck) writeFileSync(url, text());
    else {
      let current = '';
      try { current = readFileSync(url, 'utf8'); } catch { /* not there: not current */ }
      if (current !== text()) console.log(`docs/${name} is not current: make documentation`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--check'));
