// rest-support.mjs: what the test files of the REST door share: requests as a user, each answer held against the OpenAPI document.
//
//   const api = await openApi(world);
//   const { status, body, headers } = await api.as('alice').post('/api/workspaces', { name: 'Press' });
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { read } from './harness.mjs';

export const document = JSON.parse(read('docs/openapi.json'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: 'openapi', ...document });
const validators = new Map();

/** The path of the document that this one is an instance of. */
export function templateOf(path) {
  const parts = path.split('?')[0].split('/');
  const fits = (template) => {
    const own = template.split('/');
    return own.length === parts.length && own.every((part, i) => part === parts[i] || (part.startsWith('{') && parts[i] !== ''));
  };
  return Object.keys(document.paths).filter(fits).sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** The body is what the document says of this answer. Answers that no client could have expected fail. */
function assertDocumented(method, path, status, type, body) {
  const template = templateOf(path);
  if (!template || status === 404 || status === 405) return;
  const responses = document.paths[template][(method === 'HEAD' ? 'GET' : method).toLowerCase()]?.responses;
  assert.ok(responses, `${method} ${template} is in the document`);
  let response = responses[status];
  assert.ok(response, `${method} ${template} may answer ${status}: ${JSON.stringify(body)}`);
  if (response.$ref) response = document.components.responses[response.$ref.split('/').pop()];
  const name = type?.split(';')[0];
  if (body === undefined || !response.content?.[name]?.schema) return assert.ok(body === undefined || response.content?.[name] || response.content?.['*/*'], `${method} ${template} answers ${name}`);
  const key = `${method} ${template} ${status} ${name}`;
  if (!validators.has(key)) {
    const schema = JSON.parse(JSON.stringify(response.content[name].schema).replaceAll('"#/', '"openapi#/'));
    validators.set(key, ajv.compile(schema));
  }
  const validate = validators.get(key);
  if (name.endsWith('json')) assert.ok(validate(body), `${key}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body).slice(0, 2000)}`);
}

class Person {
  constructor(world, user) {
    this.world = world;
    this.user = user;
  }

  async request(method, path, { body, headers = {}, text = body === undefined ? undefined : JSON.stringify(body) } = {}) {
    const answer = await fetch(`${this.world.http}${path}`, {
      method, redirect: 'manual', body: text,
      headers: {
        'accept-encoding': 'identity',
        ...(this.user ? { authorization: `Bearer ${this.world.freshToken(this.user)}` } : {}),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers,
      },
    });
    const type = answer.headers.get('content-type');
    const bytes = await answer.text();
    const isJson = /json/.test(type ?? '') && bytes !== '';
    const got = { status: answer.status, headers: answer.headers, text: bytes, body: isJson ? JSON.parse(bytes) : undefined };
    assertDocumented(method, path, got.status, type, isJson ? got.body : bytes || undefined);
    if (got.status >= 400) {
      assert.match(type, /^application\/problem\+json/);
      assert.equal(got.body?.status ?? got.status, got.status);
    }
    return got;
  }

  get(path, headers) { return this.request('GET', path, { headers }); }
  post(path, body, headers) { return this.request('POST', path, { body, headers }); }
  put(path, body, headers) { return this.request('PUT', path, { body, headers }); }
  patch(path, body, headers) { return this.request('PATCH', path, { body, headers }); }
  delete(path, headers) { return this.request('DELETE', path, { headers }); }

  /** The body of a success; anything else fails. */
  async does(method, path, body, headers) {
    const answer = await this.request(method, path, { body, headers });
    assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** The problem document of a refusal with that status and code. */
  async refused(status, code, method, path, body, headers) {
    const answer = await this.request(method, path, { body, headers });
    assert.deepEqual([answer.status, answer.body?.code], [status, code], `${method} ${path}: ${answer.text}`);
    return answer.body;
  }
}

/** Requests at this world's bridge. */
export const apiOf = (world) => ({ as: (user) => new Person(world, user), anyone: new Person(world, null), key: () => randomUUID() });
