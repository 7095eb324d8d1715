// What the REST door refuses, and how it says so: roles, tokens, bodies, paths, rules.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { startWorld } from './harness.mjs';
import { apiOf } from './rest-support.mjs';

let world, api, alice, bob, carol, mallory;
before(async () => {
  world = await startWorld(import.meta.url, { config: { max_message: '20kB', max_import: '64kB' } });
  api = apiOf(world);
  [alice, bob, carol, mallory] = ['alice', 'bob', 'carol', 'mallory'].map((user) => api.as(user));
});
after(() => world.stop());

const board = () => `/api/boards/${world.board.id}`;

describe('roles', () => {
  test('a viewer reads, and is forbidden to change', async () => {
    const task = await world.makeTask('seen');
    assert.equal((await carol.get(`/api/tasks/${task}`)).status, 200);
    const problem = await carol.refused(403, 'forbidden', 'PATCH', `/api/tasks/${task}`, { title: 'x' });
    assert.deepEqual([problem.title, problem.command, problem.type], ['Forbidden', 'UPDATE_TASK', 'about:blank']);
    await carol.refused(403, 'forbidden', 'POST', `${board()}/tasks`, { title: 'x' });
    await carol.refused(403, 'forbidden', 'GET', `/api/workspaces/${world.workspace}/invites`);
    await bob.refused(403, 'forbidden', 'DELETE', board());
  });

  test('an outsider finds nothing', async () => {
    const task = await world.makeTask('hidden');
    for (const path of [board(), `${board()}/export?format=json`, `${board()}/activity`, `${board()}/events?after=0`, `${board()}/labels`,
      `/api/tasks/${task}`, `/api/tasks/${task}/comments`, `/api/lists/${world.board.lists.Done}`, `/api/workspaces/${world.workspace}`,
      `/api/workspaces/${world.workspace}/members`, `${board()}/analytics/burndown`, `${board()}/search?query=hidden`])
      await mallory.refused(404, 'not_found', 'GET', path);
    await mallory.refused(404, 'not_found', 'PATCH', `/api/tasks/${task}`, { title: 'mine' });
    await mallory.refused(404, 'not_found', 'DELETE', board());
    await mallory.refused(404, 'not_found', 'POST', `/api/workspaces/${world.workspace}/boards`, { name: 'x' });
    assert.equal((await bob.does('GET', `/api/tasks/${task}`)).task.title, 'hidden');
  });

  test('a deactivated user is nobody, also a moment after he was somebody', async () => {
    const { rows: [{ user_id }] } = await world.sql.query(`SELECT user_id FROM collab.upsert_user('test', 'eve', 'Eve')`);
    const eve = api.as('eve');
    assert.equal((await eve.get('/api/me')).status, 200);
    await world.sql.query('SELECT collab.deactivate_user($1)', [user_id]);
    await eve.refused(401, 'unauthenticated', 'GET', '/api/me');
    await eve.refused(401, 'unauthenticated', 'POST', '/api/workspaces', { name: 'x' });
  });
});

describe('tokens', () => {
  test('none, a bad one, one in the query', async () => {
    for (const path of ['/api/me', board(), '/api/commands']) {
      const answer = await api.anyone.request('GET', path);
      assert.ok([401, 405].includes(answer.status), path);
    }
    await api.anyone.refused(401, 'unauthenticated', 'POST', '/api/workspaces', { name: 'x' });
    await api.anyone.refused(401, 'unauthenticated', 'GET', `/api/me?token=${world.freshToken('alice')}`);
    await api.anyone.refused(401, 'unauthenticated', 'GET', '/api/me', undefined, { authorization: `Bearer ${world.forge({ key: 'x'.repeat(64) })}` });
    const answer = await api.anyone.get('/api/me');
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    assert.equal((await api.anyone.get('/openapi.json')).status, 200);
  });
});

describe('paths and methods', () => {
  test('unknown paths are 404, unknown methods 405 with Allow', async () => {
    for (const path of ['/api', '/api/', '/api/nothing', '/api/me/', `${board()}/nothing`, '/api//me', '/api/tasks'])
      await alice.refused(404, 'not_found', 'GET', path);
    const answer = await alice.post(board(), {});
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, HEAD, PUT, DELETE']);
    assert.equal((await alice.request('OPTIONS', '/api/commands')).headers.get('allow'), 'POST');
  });

  test('ids that are none, ids of something else', async () => {
    await bob.refused(400, 'invalid', 'GET', '/api/tasks/seven');
    assert.match((await bob.refused(400, 'invalid', 'PATCH', '/api/tasks/seven', { title: 'x' })).detail, /task_id/);
    await bob.refused(400, 'invalid', 'GET', '/api/tasks/%22%7D');
    await bob.refused(404, 'not_found', 'GET', `/api/tasks/${world.board.id}`);
    assert.match((await alice.refused(400, 'invalid', 'DELETE', `/api/workspaces/${world.workspace}/members/bob`)).detail, /user_id/);
    await alice.refused(400, 'invalid', 'GET', `${board()}/analytics/horoscope`);
  });

  test('query parameters that do not fit are named', async () => {
    assert.match((await bob.refused(400, 'invalid', 'GET', `${board()}/search?limit=many`)).detail, /limit/);
    assert.match((await bob.refused(400, 'invalid', 'GET', `${board()}/search?filters=%7B`)).detail, /filters/);
    assert.match((await bob.refused(400, 'invalid', 'GET', `${board()}/state?version=-1`)).detail, /version/);
    assert.match((await bob.refused(400, 'invalid', 'GET', `${board()}?detail=half`)).detail, /detail/);
    await bob.refused(400, 'invalid', 'GET', `${board()}/state`);
    await bob.refused(404, 'not_found', 'GET', `${board()}/state?version=99999`);
    await bob.refused(400, 'invalid', 'GET', `${board()}/export?format=pdf`);
    await bob.refused(400, 'invalid', 'GET', `${board()}/events`);
  });
});

describe('bodies', () => {
  const post = (text, headers) => bob.request('POST', `${board()}/tasks`, { text, headers });

  test('what is no JSON object is a bad message', async () => {
    for (const text of ['', '{', '[]', '"x"', '{"title": "a"} x', '{"title": "\\u0000"}', '{"title": "\\ud800"}', '{title: 1}', `${'['.repeat(40)}`, '{"title": NaN}']) {
      const answer = await post(text);
      assert.deepEqual([answer.status, answer.body.code], [400, text === '' ? 'invalid' : 'bad_message'], text);
    }
  });

  test('another type than JSON is 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const answer = await post('{"title": "x"}', { 'content-type': type });
      assert.equal(answer.status, 415, type);
    }
    assert.equal((await post('{"title": "x"}', { 'content-type': 'application/merge-patch+json; charset=utf-8' })).status, 201);
  });

  test('too large is 413, with the import’s own limit', async () => {
    const answer = await post(JSON.stringify({ title: 'x', description: 'x'.repeat(30000) }));
    assert.deepEqual([answer.status, answer.body.code], [413, 'limit']);
    const path = `/api/workspaces/${world.workspace}/import?format=trello`;
    const large = (size) => ({ name: 'T', lists: [], cards: [], desc: 'x'.repeat(size) });
    assert.equal((await bob.post(path, large(30000))).status, 201);
    assert.equal((await bob.post(path, large(70000))).status, 413);
  });

  test('fields that do not fit are named; unknown ones are ignored; the path counts', async () => {
    assert.match((await bob.refused(400, 'invalid', 'POST', `${board()}/tasks`, {})).detail, /title/);
    assert.match((await bob.refused(400, 'invalid', 'POST', `${board()}/tasks`, { title: 'x', priority: 'now' })).detail, /priority/);
    const made = await bob.does('POST', `${board()}/tasks`, { title: 'x', wibble: 1, board_id: '00000000-0000-4000-8000-000000000000' });
    assert.equal(made.board_id, world.board.id);
  });
});

describe('rules', () => {
  test('a full list, an archived board, a taken id', async () => {
    const own = await world.makeBoard('Rules');
    await bob.does('PATCH', `/api/lists/${own.lists.Done}`, { wip_limit: 1 });
    await bob.does('POST', `/api/boards/${own.id}/tasks`, { title: 'one', list_id: own.lists.Done });
    const full = await bob.refused(422, 'rule', 'POST', `/api/boards/${own.id}/tasks`, { title: 'two', list_id: own.lists.Done });
    assert.match(full.detail, /Done/);
    await alice.does('POST', '/api/commands', { type: 'ARCHIVE_BOARD', payload: { board_id: own.id } });
    await bob.refused(422, 'rule', 'POST', `/api/boards/${own.id}/lists`, { name: 'x' });
  });
});

describe('bytes', () => {
  // what fetch would not send
  const exactly = (text) => new Promise((done, failed) => {
    const socket = connect(world.port, '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (part) => { got += part; }).on('end', () => done(got)).on('error', failed);
  });
  const head = (line, more = '') => `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.freshToken('alice')}\r\nConnection: close\r\n${more}\r\n`;

  test('odd queries and paths are answered, not believed', async () => {
    for (const target of ['/api/me?%', '/api/me?a=%00', '/api/tasks/%00', '/api/tasks/%ff', '/api/tasks/..%2f..%2fme', `/api/tasks/${'x'.repeat(3000)}`, '/api/me?'.padEnd(400, 'a=b&')])
      assert.match((await exactly(head(`GET ${target}`))).slice(0, 20), /^HTTP\/1\.1 (200|400|404) /, target.slice(0, 40));
    assert.match(await exactly(head('GET /api/tasks/a%22%2C%22x%22%3A%22')), /^HTTP\/1\.1 400 /);
  });
});
