// openapi.mjs: `make documentation`: the REST door as an OpenAPI 3.1 document (openapi.json, which the bridge serves) and as the
// tables of rest.md, both made of routes.def, commands.def, updates.def, reads.def and shapes.mjs.
//
//   node openapi.mjs               writes both
//   node openapi.mjs --check       prints the names of those that are not current, writes nothing
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commands, fieldSchema, objectSchema, queryNames, reads, refusals, routes, timely, updates } from './tables.mjs';
import { object, resultSchema, shapes } from './shapes.mjs';

const ref = (kind, name) => ({ $ref: `#/components/${kind}/${name}` });
const json = (schema, example) => ({ 'application/json': { schema, ...(example ? { example } : {}) } });
const commandOf = (route) => commands.find(({ name }) => name === route.type);
const readOf = (route) => reads.find(({ name }) => name === route.type);
const pathNames = (route) => [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
const camel = (name) => name.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const isInBoard = (route) => readOf(route)?.about === 'BOARD';
const isConditional = (route) => isInBoard(route) && route.answer === 'READ' && !timely.includes(route.type);

// ---- parameters ----------------------------------------------------------------------------------------------------

const fieldsOf = (route) => (commandOf(route) ?? readOf(route))?.fields ?? [];

const pathParameters = (route) => pathNames(route).map((name) => {
  const field = fieldsOf(route).find((own) => own.name === name) ?? { name, kind: 'UUID' };
  return { name, in: 'path', required: true, schema: fieldSchema({ ...field, isNullable: false }) };
});

const queryParameter = (route, field) => {
  const alias = queryNames.find(({ type, field: name }) => type === route.type && name === field.name)?.parameter;
  const schema = fieldSchema({ ...field, isNullable: false });
  const isJson = schema.type === 'object';
  return {
    name: alias ?? field.name, in: 'query', ...(field.isRequired ? { required: true } : {}),
    ...(isJson ? { content: json(schema) } : { schema }),
  };
};

/** What is not in the path: of a read in the query, of a command with a document beside it. */
const queryParameters = (route) => {
  if (!readOf(route) && route.body !== 'DOCUMENT') return route.answer === 'STREAM' ? streamParameters : [];
  return fieldsOf(route).filter(({ name }) => !pathNames(route).includes(name) && name !== 'document').map((field) => queryParameter(route, field));
};

const streamParameters = [
  { name: 'since', in: 'query', schema: { type: 'integer', minimum: 0 }, description: 'the version you have' },
  { name: 'since_event', in: 'query', schema: { type: 'string' }, description: 'its mark' },
  { name: 'detail', in: 'query', schema: { enum: ['full', 'cards'] }, description: 'of the state' },
  { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' }, description: 'version:mark; set by a browser that comes back' },
];

const extraParameters = (route) => {
  if (route.answer === 'EVENTS') {
    return [
      { name: 'since_event', in: 'query', schema: { type: 'string' }, description: 'the mark of that version: the answer has reset when it is another' },
      { name: 'wait', in: 'query', schema: { type: 'integer', minimum: 0 }, description: 'seconds to wait for an event when there is none; cut to option max_wait' },
    ];
  }
  if (route.answer === 'COMMAND' || route.answer === 'COMMANDS') {
    const key = [ref('parameters', 'IdempotencyKey')];
    return commandOf(route) && commandOf(route).aggregate !== 'ACTOR' ? [...key, ref('parameters', 'IfMatch')] : key;
  }
  return isConditional(route) ? [ref('parameters', 'IfNoneMatch')] : [];
};

// ---- bodies --------------------------------------------------------------------------------------------------------

const examples = {
  CREATE_WORKSPACE: { name: 'Press' }, CREATE_BOARD: { name: 'Autumn issue' }, CREATE_LIST: { name: 'Review', category: 'doing' },
  CREATE_TASK: { title: 'Write the editorial', due_date: '2026-12-01', priority: 'high' }, UPDATE_TASK: { title: 'Write it twice', assignees: [3] },
  MOVE_TASK: { to_list_id: 'c6d07fdf-9850-4187-a475-92cc0b5e025c', new_position: 0 }, ADD_COMMENT: { text: 'Done by Friday, @bob' },
  CREATE_INVITE: { role: 'member', expires_in: 86400 }, CHANGE_ROLE: { role: 'admin' }, CREATE_LABEL: { name: 'urgent', color: 'red' },
  SET_PREFERENCES: { commented: false }, MARK_READ: { before: 120 }, CREATE_CHECKLIST: { name: 'Before printing' },
};

function requestBody(route) {
  const but = pathNames(route);
  if (route.body === 'NONE') return {};
  if (route.body === 'ANY') {
    const message = ref('schemas', 'Command');
    return { requestBody: { required: true, content: json({ oneOf: [message, { type: 'array', items: message, minItems: 1, maxItems: 50 }] },
      [{ type: 'COMPLETE_TASK', payload: { task_id: '3bd3643b-3d46-4574-b818-cad86bb96414' } }]) } };
  }
  if (route.body === 'BYTES') {
    return { requestBody: { required: true, content: { ...json(ref('schemas', 'ADD_ATTACHMENT')), '*/*': { schema: {} } } } };
  }
  if (route.body === 'PAYLOAD') {
    const schema = objectSchema(commandOf(route).fields, but);
    if (Object.keys(schema.properties).length === 0) return {};
    return { requestBody: { ...(schema.required ? { required: true } : {}), content: json(schema, examples[route.type]) } };
  }
  const noun = route.type.replace(/^UPDATE_/, '').toLowerCase();
  const schema = { UPDATES: ref('schemas', `Update_${noun}`), DOCUMENT: { type: 'object' }, PREFERENCES: { type: 'object', additionalProperties: { type: 'boolean' } } }[route.body];
  return { requestBody: { required: true, content: json(schema, examples[route.type]) } };
}

// ---- answers -------------------------------------------------------------------------------------------------------

const ETAG = { description: "the board's version, in quotes", schema: { type: 'string' } };

const refusalTexts = {
  400: 'bad_message, invalid: something is malformed; the problem names it', 401: 'unauthenticated: no valid token', 403: 'forbidden: your role does not allow this',
  404: 'not_found: no such thing, or you may not see it', 409: 'version_conflict: it was changed since', 410: 'the invite is invalid, expired, used up or revoked',
  413: 'limit: the body is too large', 415: 'invalid: the body is not JSON', 422: 'rule, limit, command_id_reused', 429: 'rate_limited', 503: 'unavailable: the database is away, or the bridge shuts down',
};

function refusalResponses(route) {
  const isCommand = route.answer === 'COMMAND' || route.answer === 'COMMANDS' || route.answer === 'UPLOAD';
  const isInvite = route.type === 'JOIN_BY_INVITE';
  const statuses = isCommand ? [400, 401, 403, 404, 409, ...(isInvite ? [410] : []), 413, 415, 422, 429, 503] : [400, 401, ...(readOf(route)?.role === 'admin' ? [403] : []), 404, 429, 503];
  return Object.fromEntries(statuses.map((status) => [status, ref('responses', `Refused${status}`)]));
}

function readSchema(read) {
  return object(Object.fromEntries(read.result.map((member) => [member, resultSchema(read, member)])));
}

function success(route) {
  const headers = {
    ...(isInBoard(route) || commandOf(route) ? { ETag: ETAG } : {}),
    ...(route.location ? { Location: { schema: { type: 'string' } } } : {}),
    ...(commandOf(route) ? { 'Idempotency-Replayed': { description: 'true: this is the answer of the first time', schema: { type: 'string' } } } : {}),
    ...(readOf(route)?.result.includes('next_cursor') ? { Link: { description: 'the next page, rel="next"', schema: { type: 'string' } } } : {}),
  };
  const content = {
    COMMAND: () => json(ref('schemas', 'Ack')),
    UPLOAD: () => json(ref('schemas', 'Ack')),
    READ: () => (route.type === 'EXPORT_BOARD' ? { ...json({ type: 'object' }), 'text/csv': { schema: { type: 'string' } } } : json(readSchema(readOf(route)))),
    EVENTS: () => json(readSchema(readOf(route))),
    COMMANDS: () => json({ oneOf: [ref('schemas', 'Ack'), { type: 'array', items: ref('schemas', 'CommandAnswer') }] }),
    DOWNLOAD: () => ({ '*/*': { schema: {} } }),
    STREAM: () => ({ 'text/event-stream': { schema: { type: 'string' } } }),
    SERVICE: () => ({ 'text/plain': { schema: { type: 'string' } } }),
    OPENAPI: () => json({ type: 'object' }),
  }[route.answer]();
  return { description: 'It is done.', ...(Object.keys(headers).length ? { headers } : {}), content };
}

// ---- the document --------------------------------------------------------------------------------------------------

const tagOf = (path) => path.match(/^\/api\/(\w+)/)?.[1] ?? 'service';
const isOpen = (route) => ['SERVICE', 'OPENAPI'].includes(route.answer);

function operation(route) {
  const twins = routes.filter(({ type, answer }) => type && type === route.type && answer === route.answer);
  const name = camel(`${route.answer === 'STREAM' ? 'STREAM' : ''}_${route.type ?? route.path.replace(/\W+/g, '_')}`.replace(/^_+/, ''));
  const suffix = twins.length > 1 ? `Of${route.path.split('/')[2].replace(/^\w/, (letter) => letter.toUpperCase())}` : '';
  const parameters = [...pathParameters(route), ...queryParameters(route), ...extraParameters(route)];
  return {
    operationId: name + suffix,
    tags: [tagOf(route.path)],
    summary: route.summary,
    ...(commandOf(route) ? { description: `The command ${route.type}; least role: ${commandOf(route).role}.` } : {}),
    ...(isOpen(route) ? { security: [] } : {}),
    ...(parameters.length ? { parameters } : {}),
    ...requestBody(route),
    responses: {
      [route.status]: success(route),
      ...(route.status === 201 ? { 200: { ...success(route), description: 'There was nothing to do.' } } : {}),
      ...(isConditional(route) ? { 304: { description: 'Nothing changed since If-None-Match.' } } : {}),
      ...(isOpen(route) ? (route.path === '/readyz' ? { 503: { description: 'Not now.' } } : {}) : refusalResponses(route)),
    },
  };
}

const header = (name, description, schema, required) => ({ name, in: 'header', description, ...(required ? { required } : {}), schema });

const openapi = () => ({
  openapi: '3.1.0',
  info: {
    title: 'collab', version: readFileSync(new URL('../collab.control', import.meta.url), 'utf8').match(/default_version *= *'(.*)'/)[1],
    summary: 'Boards that people edit together.',
    description: 'Every route is a command or a read of the tables that the WebSocket and SQL have, too. Whoever changes something gets an answer with the events it made; everybody who looks at the board gets these at once.',
    license: { name: 'PostgreSQL', identifier: 'PostgreSQL' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }],
  tags: [...new Set(routes.map(({ path }) => tagOf(path)))].map((name) => ({ name })),
  paths: Object.fromEntries([...new Set(routes.map(({ path }) => path))].map((path) => [path,
    Object.fromEntries(routes.filter((route) => route.path === path).map((route) => [route.method.toLowerCase(), operation(route)]))])),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    parameters: {
      IdempotencyKey: header('Idempotency-Key', "The command's id: sent again with the same content it is carried out once.", { type: 'string', format: 'uuid' }),
      IfMatch: header('If-Match', 'The ETag of what you had seen: refused with 409 when it was changed since.', { type: 'string', examples: ['"43"'] }),
      IfNoneMatch: header('If-None-Match', 'The ETag you have: answered with 304 when nothing changed.', { type: 'string', examples: ['"43"'] }),
    },
    responses: Object.fromEntries(Object.entries(refusalTexts).map(([status, description]) => [`Refused${status}`, {
      description, ...(['429', '503'].includes(status) ? { headers: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } } } : {}),
      content: { 'application/problem+json': { schema: ref('schemas', status === '409' ? 'Conflict' : 'Problem') } } }])),
    schemas: {
      ...shapes,
      Problem: { ...shapes.Problem, properties: { ...shapes.Problem.properties, code: { type: 'string', enum: [...refusals.map(({ code }) => code), 'internal'] } } },
      CommandAnswer: object({ status: { type: 'integer' }, body: { anyOf: ['Ack', 'Problem', 'Conflict'].map((name) => ref('schemas', name)) } }),
      Command: { oneOf: commands.map(({ name }) => ref('schemas', `Message_${name}`)) },
      ...Object.fromEntries(Object.entries(updates).map(([noun, fields]) => [`Update_${noun}`, objectSchema(fields)])),
      ...Object.fromEntries(commands.flatMap((command) => {
        const payload = objectSchema(command.fields);
        const noun = command.name.replace(/^UPDATE_/, '').toLowerCase();
        if (payload.properties.updates && noun in updates) payload.properties.updates = ref('schemas', `Update_${noun}`);
        if (command.aggregate !== 'ACTOR') payload.properties.version ??= { type: 'integer', minimum: 0, description: 'what you had seen' };
        return [
          [command.name, { ...payload, description: command.summary }],
          [`Message_${command.name}`, { type: 'object', properties: { type: { const: command.name }, id: { type: 'string', format: 'uuid' }, payload: ref('schemas', command.name) }, required: ['type'] }],
        ];
      })),
    },
  },
});

// ---- rest.md -------------------------------------------------------------------------------------------------------

const bodyText = (route) => ({
  NONE: '', ANY: 'a message, or an array of them', BYTES: 'a file; or JSON `{name, url}`', DOCUMENT: 'the document',
  UPDATES: `[what may change](commands.md#what-updates-may-name)`, PREFERENCES: 'a type and true or false each',
  PAYLOAD: () => fieldsOf(route).filter(({ name }) => !pathNames(route).includes(name)).map(({ name, isRequired }) => `${name}${isRequired ? '' : '?'}`).join(', '),
}[route.body]);

const queryText = (route) => [...queryParameters(route), ...extraParameters(route)].filter(({ in: where }) => where === 'query').map(({ name, required }) => `${name}${required ? '' : '?'}`).join(', ');

const tables = () => {
  const rows = routes.map((route) => {
    const body = bodyText(route);
    const takes = [queryText(route) && `query: ${queryText(route)}`, typeof body === 'function' ? body() : body].filter(Boolean).join('; ');
    return `| \`${route.method}\` | \`${route.path}\` | ${route.type ? `\`${route.type}\`` : ''} | ${takes} | ${route.summary} |`;
  });
  return ['| method | path | is | takes | |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
};

// ---- writing -------------------------------------------------------------------------------------------------------

const BEGIN = '<!-- made by `make documentation` from bridge/door/routes.def -->';
const END = '<!-- end -->';

const files = {
  'openapi.json': () => `${JSON.stringify(openapi(), null, 1)}\n`,
  'rest.md': (now) => now.slice(0, now.indexOf(BEGIN)) + BEGIN + '\n' + tables() + '\n' + now.slice(now.indexOf(END)),
};

const contentOf = (file) => { try { return readFileSync(file, 'utf8'); } catch { return ''; } };

for (const [name, make] of Object.entries(files)) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const now = contentOf(file);
  const wanted = make(now);
  if (!process.argv.includes('--check')) writeFileSync(file, wanted);
  else if (now !== wanted) console.log(`docs/${name} is not current: make documentation`);
}
