// Versions and resends over REST: ETag, If-Match, If-None-Match, Idempotency-Key; several commands in one request.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startWorld } from './harness.mjs';
import { apiOf } from './rest-support.mjs';

let world, alice, bob, carol;
before(async () => {
  world = await startWorld(import.meta.url);
  [alice, bob, carol] = ['alice', 'bob', 'carol'].map((user) => apiOf(world).as(user));
});
after(() => world.stop());

const board = () => `/api/boards/${world.board.id}`;

describe('entity tags', () => {
  test('everything inside a board has the board’s version as its tag', async () => {
    const task = await world.makeTask('tagged');
    const { headers, body } = await bob.get(board());
    assert.equal(headers.get('etag'), `"${body.version}"`);
    assert.match(headers.get('cache-control'), /private/);
    for (const path of [`/api/tasks/${task}`, `/api/lists/${world.board.lists.Done}`, `${board()}/labels`, `/api/tasks/${task}/comments`, `${board()}/archived`])
      assert.equal((await bob.get(path)).headers.get('etag'), headers.get('etag'), path);
    const made = await bob.post(`${board()}/tasks`, { title: 'next' });
    assert.equal(made.headers.get('etag'), `"${body.version + 1}"`);
    for (const path of ['/api/me', '/api/workspaces', '/api/notifications']) assert.equal((await bob.get(path)).headers.get('etag'), null, path);
  });

  test('If-None-Match: 304 until something changes', async () => {
    const task = await world.makeTask('cached');
    const first = await bob.get(`/api/tasks/${task}`);
    const again = () => bob.get(`/api/tasks/${task}`, { 'if-none-match': first.headers.get('etag') });
    const same = await again();
    assert.deepEqual([same.status, same.text, same.headers.get('etag')], [304, '', first.headers.get('etag')]);
    await carol.refused(403, 'forbidden', 'PATCH', `/api/tasks/${task}`, { title: 'no' });
    assert.equal((await again()).status, 304);
    await alice.does('PATCH', `/api/tasks/${task}`, { title: 'new' });
    const changed = await again();
    assert.deepEqual([changed.status, changed.body.task.title], [200, 'new']);
    assert.equal((await bob.get(board(), { 'if-none-match': '"1", W/"2"' })).status, 200);
    // what depends on the time of asking is always told
    for (const path of [`${board()}/search?query=new`, `${board()}/analytics/workload`, `${board()}/activity`])
      assert.equal((await bob.get(path, { 'if-none-match': changed.headers.get('etag') })).status, 200, path);
  });

  test('If-Match: 409 with the thing as it is now', async () => {
    const task = await world.makeTask('fought over');
    const tag = (await bob.get(`/api/tasks/${task}`)).headers.get('etag');
    await alice.does('PATCH', `/api/tasks/${task}`, { title: 'first' }, { 'if-match': tag });
    const lost = await bob.patch(`/api/tasks/${task}`, { title: 'second' }, { 'if-match': tag });
    assert.deepEqual([lost.status, lost.body.code, lost.body.expected_version, lost.body.current.title], [409, 'version_conflict', Number(tag.slice(1, -1)), 'first']);
    assert.equal(lost.body.current_version, lost.body.current.version);
    await bob.does('PATCH', `/api/tasks/${task}`, { title: 'second' }, { 'if-match': `"${lost.body.current_version}"` });
    await bob.does('PATCH', `/api/tasks/${task}`, { title: 'third' }, { 'if-match': '*' });
    await bob.refused(409, 'version_conflict', 'DELETE', `/api/tasks/${task}`, undefined, { 'if-match': tag });
    for (const bad of ['43', '"x"', '"1", "2"'])
      await bob.refused(400, 'invalid', 'PATCH', `/api/tasks/${task}`, { title: 'x' }, { 'if-match': bad });
  });

  test('a version in the body means the same', async () => {
    const task = await world.makeTask('seen long ago');
    const { version } = await bob.does('GET', `/api/tasks/${task}`);
    await bob.does('PATCH', `/api/tasks/${task}`, { title: 'a' });
    await bob.refused(409, 'version_conflict', 'PATCH', `/api/tasks/${task}`, { title: 'b', version });
    await bob.refused(409, 'version_conflict', 'POST', `/api/tasks/${task}/move`, { to_list_id: world.board.lists.Done, version });
    await bob.does('PATCH', `/api/tasks/${task}`, { title: 'b', version }, { 'if-match': '*' }).then(assert.fail, () => {});
  });
});

describe('resends', () => {
  test('the same answer, and nothing twice', async () => {
    const key = randomUUID();
    const send = () => bob.post(`${board()}/tasks`, { title: 'once' }, { 'idempotency-key': key });
    const before = await world.eventCount();
    const first = await send();
    const second = await send();
    assert.deepEqual([first.status, first.headers.get('idempotency-replayed')], [201, null]);
    assert.deepEqual([second.status, second.headers.get('idempotency-replayed'), second.headers.get('location')], [201, 'true', first.headers.get('location')]);
    assert.deepEqual({ ...second.body, replayed: false }, first.body);
    assert.equal(first.body.command_id, key);
    assert.equal(await world.eventCount(), before + 1);
  });

  test('other content, another person, a key that is none', async () => {
    const key = randomUUID();
    await bob.does('POST', `${board()}/tasks`, { title: 'mine' }, { 'idempotency-key': key });
    await bob.refused(422, 'command_id_reused', 'POST', `${board()}/tasks`, { title: 'other' }, { 'idempotency-key': key });
    await alice.refused(422, 'command_id_reused', 'POST', `${board()}/tasks`, { title: 'mine' }, { 'idempotency-key': key });
    await bob.refused(400, 'invalid', 'POST', `${board()}/tasks`, { title: 'x' }, { 'idempotency-key': 'seven' });
  });

  test('a deletion is told again, although the thing is gone', async () => {
    const task = await world.makeTask('short-lived');
    const headers = { 'idempotency-key': randomUUID() };
    await bob.does('DELETE', `/api/tasks/${task}`, undefined, headers);
    const again = await bob.delete(`/api/tasks/${task}`, headers);
    assert.deepEqual([again.status, again.body.replayed], [200, true]);
    await bob.refused(404, 'not_found', 'DELETE', `/api/tasks/${task}`);
  });

  test('a workspace made twice under one key is one', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [first, second] = await Promise.all([bob.post('/api/workspaces', { name: 'Twin' }, headers), bob.post('/api/workspaces', { name: 'Twin' }, headers)]);
    assert.equal(first.body.result.workspace_id, second.body.result.workspace_id);
    assert.equal((await bob.does('GET', '/api/workspaces')).workspaces.filter(({ name }) => name === 'Twin').length, 1);
  });
});

describe('commands', () => {
  const commands = (body, headers) => bob.post('/api/commands', body, headers);

  test('one is answered as a route would', async () => {
    const task = await world.makeTask('one');
    const id = randomUUID();
    const done = await commands({ type: 'COMPLETE_TASK', id, payload: { task_id: task } });
    assert.deepEqual([done.status, done.body.command_id, done.body.events[0].type, done.headers.get('etag')], [200, id, 'TASK_COMPLETED', `"${done.body.version}"`]);
    assert.equal((await commands({ type: 'COMPLETE_TASK', id, payload: { task_id: task } })).headers.get('idempotency-replayed'), 'true');
    assert.equal((await commands({ type: 'COMPLETE_TASK', payload: { task_id: task } }, { 'idempotency-key': id })).body.replayed, true);
    await bob.refused(400, 'invalid', 'POST', '/api/commands', { type: 'COMPLETE_TASK', id, payload: { task_id: task } }, { 'idempotency-key': randomUUID() });
    await bob.refused(409, 'version_conflict', 'POST', '/api/commands', { type: 'UPDATE_TASK', payload: { task_id: task, updates: { title: 'x' }, version: 1 } });
  });

  test('several: in their order, each with its own status', async () => {
    const task = await world.makeTask('several');
    const title = (text) => ({ type: 'UPDATE_TASK', payload: { task_id: task, updates: { title: text } } });
    const { status, body } = await commands([title('a'), title(''), { type: 'WIBBLE' }, 7, { type: 'GET_TASK', payload: { task_id: task } }, title('b'),
      { type: 'CREATE_LABEL', payload: { board_id: world.board.id, name: 'late, "quoted" ]}', color: 'red' } }]);
    assert.equal(status, 200);
    assert.deepEqual(body.map((one) => [one.status, one.body.code ?? one.body.command]),
      [[200, 'UPDATE_TASK'], [400, 'invalid'], [400, 'unknown_type'], [400, 'bad_message'], [400, 'unknown_type'], [200, 'UPDATE_TASK'], [200, 'CREATE_LABEL']]);
    assert.deepEqual([body[5].body.version, body[6].body.version], [body[0].body.version + 1, body[0].body.version + 2]);
    assert.equal((await bob.does('GET', `/api/tasks/${task}`)).task.title, 'b');
  });

  test('boards of different lanes keep the order', async () => {
    const boards = await Promise.all([1, 2, 3].map(() => world.makeBoard('lane')));
    const batch = Array.from({ length: 30 }, (_, i) => ({ type: 'CREATE_TASK', payload: { board_id: boards[i % 3].id, title: `t${i}` } }));
    const { body } = await commands(batch);
    assert.ok(body.every(({ status }) => status === 200));
    const times = body.map((one) => one.body.events[0].payload.timestamp);
    assert.deepEqual(times, [...times].sort());
  });

  test('none, too many, no commands', async () => {
    assert.deepEqual((await commands([])).body, []);
    await bob.refused(422, 'limit', 'POST', '/api/commands', Array.from({ length: 51 }, () => ({ type: 'UNDO', payload: {} })));
    await bob.refused(400, 'bad_message', 'POST', '/api/commands', 'text');
    await bob.refused(400, 'unknown_type', 'POST', '/api/commands', { type: 'JOIN_BOARD', payload: { board_id: world.board.id } });
    await bob.refused(400, 'invalid', 'POST', '/api/commands', [{ type: 'UNDO', payload: {} }], { 'idempotency-key': randomUUID() });
  });
});
