// What a browser is told of requests from pages of other sites: REST, Server-Sent Events, files.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { startWorld } from './harness.mjs';

const APP = 'https://app.example', EVIL = 'https://evil.example';

let world, board;
before(async () => {
  world = await startWorld(import.meta.url, { config: { allowed_origins: `${APP}, http://localhost:5173` } });
  board = await world.makeBoard();
});
after(() => world.stop());

// A browser's headers cannot be set with fetch. Resolves when the head is there, and the body unless it never ends.
const ask = (method, path, headers = {}, body = undefined) => new Promise((done, failed) => {
  const asked = request(`${world.http}${path}`, { method, agent: false, headers: { Authorization: `Bearer ${world.freshToken('alice')}`, ...headers } }, (answer) => {
    const got = { status: answer.statusCode, headers: answer.headers, text: '' };
    if (/event-stream/.test(answer.headers['content-type'])) { asked.destroy(); return done(got); }
    answer.setEncoding('utf8').on('data', (part) => { got.text += part; }).on('end', () => done(got));
  });
  asked.on('error', failed).end(body);
});
const preflight = (path, origin, method = 'PATCH') => ask('OPTIONS', path, { Authorization: '', Origin: origin,
  'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': 'authorization,content-type' });
const list = (value) => (value ?? '').split(',').map((item) => item.trim().toLowerCase()).filter(Boolean);
const corsOf = ({ headers }) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));
const json = { 'Content-Type': 'application/json' };
const makeList = (headers, name = randomUUID()) => ask('POST', `/api/boards/${board.id}/lists`, { ...json, ...headers }, JSON.stringify({ name }));
const isThere = async (name) => (await ask('GET', `/api/boards/${board.id}`)).text.includes(name);

function assertAllowed(answer, origin = APP) {
  assert.equal(answer.headers['access-control-allow-origin'], origin);
  assert.ok(list(answer.headers.vary).includes('origin'), answer.headers.vary);
  assert.equal(answer.headers['access-control-allow-credentials'], undefined);
}

describe('pages of an allowed site', () => {
  test('read answers and what their headers say', async () => {
    const answer = await ask('GET', `/api/boards/${board.id}`, { Origin: APP, 'Accept-Encoding': 'gzip' });
    assert.equal(answer.status, 200);
    assertAllowed(answer);
    assert.ok(list(answer.headers.vary).includes('accept-encoding'), answer.headers.vary);
    const exposed = list(answer.headers['access-control-expose-headers']);
    for (const name of ['etag', 'location', 'link', 'retry-after', 'idempotency-replayed', 'content-disposition', 'content-range'])
      assert.ok(exposed.includes(name), name);
    const again = await ask('GET', `/api/boards/${board.id}`, { Origin: 'http://localhost:5173', 'If-None-Match': answer.headers.etag });
    assert.equal(again.status, 304);
    assertAllowed(again, 'http://localhost:5173');
  });

  test('change things', async () => {
    const name = randomUUID(), answer = await makeList({ Origin: APP }, name);
    assert.equal(answer.status, 201);
    assertAllowed(answer);
    assert.ok(await isThere(name));
  });

  test('read refusals, whoever refused', async () => {
    const attempts = {
      401: () => ask('GET', '/api/me', { Origin: APP, Authorization: '' }),
      '401 before the body': () => makeList({ Origin: APP, Authorization: 'Bearer x' }),
      404: () => ask('GET', '/api/nothing', { Origin: APP }),
      '404 of a board': () => ask('GET', `/api/boards/${randomUUID()}`, { Origin: APP }),
      405: () => ask('DELETE', '/api/me', { Origin: APP }),
      413: () => makeList({ Origin: APP }, 'x'.repeat(2_000_000)),
      415: () => makeList({ Origin: APP, 'Content-Type': 'text/plain' }),
    };
    for (const [status, attempt] of Object.entries(attempts)) {
      const answer = await attempt();
      assert.equal(answer.status, Number.parseInt(status), status);
      assertAllowed(answer);
    }
  });

  test('hear events, take files and the document', async () => {
    for (const path of [`/sse/boards/${board.id}`, `/api/boards/${board.id}/events?after=0`, '/openapi.json']) {
      const answer = await ask('GET', path, { Origin: APP });
      assert.equal(answer.status, 200, path);
      assertAllowed(answer);
    }
    const task = await world.makeTask('with a file', { board });
    const made = await ask('POST', `/api/tasks/${task}/attachments`, { Origin: APP, 'Content-Type': 'text/plain', 'Content-Disposition': 'attachment; filename="a.txt"' }, 'abc');
    assert.equal(made.status, 201, made.text);
    assertAllowed(made);
    const file = await ask('GET', made.headers.location, { Origin: APP, Range: 'bytes=1-' });
    assert.equal(file.text, 'bc');
    assertAllowed(file);
  });

  test('a preflight is told what the path takes', async () => {
    const answer = await preflight(`/api/tasks/${randomUUID()}`, APP);
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assertAllowed(answer);
    assert.deepEqual(list(answer.headers['access-control-allow-methods']).sort(), ['delete', 'get', 'head', 'patch']);
    const allowed = list(answer.headers['access-control-allow-headers']);
    for (const name of ['authorization', 'content-type', 'content-disposition', 'idempotency-key', 'if-match', 'if-none-match', 'last-event-id', 'range'])
      assert.ok(allowed.includes(name), name);
    assert.ok(Number(answer.headers['access-control-max-age']) > 0);
    assert.equal((await preflight(`/sse/boards/${board.id}`, APP, 'GET')).headers['access-control-allow-methods'], 'GET, HEAD');
    const unknown = await preflight('/api/nothing', APP);
    assert.equal(unknown.status, 404);
    assert.equal(unknown.headers['access-control-allow-methods'], undefined);
  });
});

describe('pages of other sites', () => {
  test('a preflight gets 403', async () => {
    for (const origin of [EVIL, 'null', `${APP}.evil.example`, 'http://app.example', 'nonsense']) {
      const answer = await preflight(`/api/tasks/${randomUUID()}`, origin);
      assert.equal(answer.status, 403, origin);
      assert.deepEqual(corsOf(answer), [], origin);
    }
  });

  test('what changes something gets 403 and is not done', async () => {
    const name = randomUUID(), answer = await makeList({ Origin: EVIL }, name);
    assert.equal(answer.status, 403);
    assert.equal(JSON.parse(answer.text).code, 'forbidden');
    assert.deepEqual(corsOf(answer), []);
    assert.equal(await isThere(name), false);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'BREW']) assert.equal((await ask(method, '/api/me', { Origin: EVIL })).status, 403, method);
  });

  test('what reads is answered without a word that would let the page read it', async () => {
    for (const path of ['/api/me', `/sse/boards/${board.id}`, '/openapi.json']) {
      const answer = await ask('GET', path, { Origin: EVIL });
      assert.equal(answer.status, 200, path);
      assert.deepEqual(corsOf(answer), [], path);
      assert.ok(list(answer.headers.vary).includes('origin'), path);
    }
  });
});

test('the own pages and programs that are no browsers are as ever', async () => {
  for (const headers of [{}, { Origin: world.http }]) {
    assert.equal((await makeList(headers)).status, 201);
    const answer = await ask('GET', '/api/me', headers);
    assert.equal(answer.status, 200);
    assert.deepEqual(corsOf(answer), []);
    assert.equal((await ask('OPTIONS', '/api/me', headers)).status, 405);
  }
  assert.deepEqual(corsOf(await ask('GET', '/healthz', { Origin: APP })), []);
});

test('a star allows every site, but nothing that is none; an empty list changes nothing', async () => {
  await world.stopBridge();
  await world.startBridge({ allowed_origins: '*' });
  for (const origin of [EVIL, 'null']) assertAllowed(await ask('GET', '/api/me', { Origin: origin }), origin);
  assert.equal((await preflight('/api/me', 'null', 'GET')).status, 204);
  for (const origin of ['', 'a\tb', 'https://a.example b']) {
    const answer = await ask('GET', '/api/me', { Origin: origin });
    assert.equal(answer.status, 200, JSON.stringify(origin));
    assert.deepEqual(corsOf(answer), []);
  }
  await world.stopBridge();
  await world.startBridge({ allowed_origins: '' });
  const answer = await ask('GET', '/api/me', {});
  assert.ok(!list(answer.headers.vary).includes('origin'), answer.headers.vary);
  assert.equal((await preflight('/api/me', APP, 'GET')).status, 403);
});
