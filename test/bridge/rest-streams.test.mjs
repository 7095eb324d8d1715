// REST beside the other doors: pages to their end, boards out and in again, events to WebSockets, and what happens when
// the database is away or the bridge shuts down.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { assertConsecutive, read, startWorld, until } from './harness.mjs';
import { apiOf } from './rest-support.mjs';

let world, alice, bob;
before(async () => {
  world = await startWorld(import.meta.url, { config: { database_wait: '500ms' } });
  [alice, bob] = ['alice', 'bob'].map((user) => apiOf(world).as(user));
});
after(() => world.stop());

/** Every item of a paged list, along its cursors or its links. */
async function pages(person, path, member, { byLink = false } = {}) {
  const items = [];
  let count = 0;
  for (let next = path; next; count++) {
    assert.ok(count < 50, 'the pages come to an end');
    const { body, headers } = await person.get(next);
    items.push(...body[member]);
    const link = headers.get('link')?.match(/^<(.*)>; rel="next"$/)?.[1] ?? null;
    assert.equal(link === null, body.next_cursor === null);
    next = body.next_cursor && (byLink ? link : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(body.next_cursor)}`);
  }
  return { items, count };
}

describe('pages', () => {
  test('search, to the end, each once', async () => {
    const board = await world.makeBoard('Many');
    for (let i = 0; i < 25; i++) await world.makeTask(`needle & "${i}"`, { board });
    for (const byLink of [false, true]) {
      const { items, count } = await pages(bob, `/api/boards/${board.id}/search?query=${encodeURIComponent('needle')}&limit=10`, 'results', { byLink });
      assert.deepEqual([new Set(items.map(({ id }) => id)).size, items.length, count], [25, 25, 3]);
    }
  });

  test('activity, comments, notifications', async () => {
    const board = await world.makeBoard('Talk');
    const task = await world.makeTask('talk', { board });
    for (let i = 0; i < 60; i++) await alice.does('POST', `/api/tasks/${task}/comments`, { text: `@bob ${i}` });
    const texts = (await pages(bob, `/api/tasks/${task}/comments`, 'comments', { byLink: true })).items.map(({ text }) => text);
    assert.deepEqual(texts, Array.from({ length: 60 }, (_, i) => `@bob ${59 - i}`));
    const { items, count } = await pages(bob, `/api/boards/${board.id}/activity?limit=25`, 'entries');
    assert.deepEqual([items.length, count, items.at(-1).version], [62, 3, 1]);
    const mine = (await pages(bob, '/api/notifications?limit=7', 'notifications')).items.filter(({ task_id }) => task_id === task);
    assert.equal(mine.length, 60);
  });
});

describe('out and in', () => {
  test('a board exported and imported is the same document', async () => {
    const task = await world.makeTask('Ünïcode “quoted” \\ \u2028', {});
    await bob.does('POST', `/api/tasks/${task}/checklists`, { name: 'c' });
    const out = await alice.get(`/api/boards/${world.board.id}/export?format=json`);
    assert.match(out.headers.get('content-disposition'), /^attachment; filename="board-[-0-9a-f]+\.json"$/);
    const made = await alice.post(`/api/workspaces/${world.workspace}/import?format=collab`, out.body);
    assert.equal(made.status, 201);
    const again = await alice.does('GET', `${made.headers.get('location')}/export?format=json`);
    assert.deepEqual(again, out.body);
  });

  test('CSV', async () => {
    const out = await bob.get(`/api/boards/${world.board.id}/export?format=csv`);
    assert.deepEqual([out.status, out.headers.get('content-type')], [200, 'text/csv; charset=utf-8']);
    assert.match(out.headers.get('content-disposition'), /\.csv"$/);
    assert.match(out.text, /^list,title,/);
  });

  test('a Trello export; a resend makes no second board', async () => {
    const document = JSON.parse(read('test/fixtures/trello-full.json'));
    const headers = { 'idempotency-key': randomUUID() };
    const path = `/api/workspaces/${world.workspace}/import?format=trello`;
    const first = await alice.post(path, document, headers);
    const second = await alice.post(path, document, headers);
    assert.deepEqual([first.status, second.status, second.headers.get('idempotency-replayed')], [201, 201, 'true']);
    assert.equal(second.headers.get('location'), first.headers.get('location'));
    assert.ok(first.body.result.imported.tasks > 0);
    await alice.refused(400, 'invalid', 'POST', path, { lists: 'none' });
    await apiOf(world).as('carol').refused(403, 'forbidden', 'POST', path, document);
  });
});

describe('events', () => {
  test('commands of both doors come to a WebSocket in one order', async () => {
    const board = await world.makeBoard('Both');
    const watcher = await world.joined('carol', board);
    const dora = await world.joined('dora', board);
    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => bob.does('POST', `/api/boards/${board.id}/tasks`, { title: `rest ${i}` })),
      ...Array.from({ length: 20 }, (_, i) => dora.command('CREATE_TASK', { board_id: board.id, title: `socket ${i}` })),
      bob.does('POST', '/api/commands', Array.from({ length: 20 }, (_, i) => ({ type: 'CREATE_TASK', payload: { board_id: board.id, title: `batch ${i}` } }))),
    ]);
    for (const client of [watcher, dora]) {
      await until(() => client.events(board.id).length === 60, 'all events');
      assertConsecutive(client.events(board.id), client.state.version);
    }
    const batch = watcher.events(board.id).map(({ payload }) => payload.task.title).filter((title) => title.startsWith('batch'));
    assert.deepEqual(batch, Array.from({ length: 20 }, (_, i) => `batch ${i}`));
    const mine = watcher.events(board.id).find(({ payload }) => payload.task.title === 'rest 7').payload;
    assert.deepEqual([mine.user_id, mine.username], [world.users.bob, 'Bob']);
  });

  test('who loses the board by REST hears nothing more', async () => {
    const board = await world.makeBoard('Closing');
    const client = await world.joined('bob', board);
    await alice.does('PUT', `/api/boards/${board.id}`, { visibility: 'private' });
    await alice.does('POST', `/api/boards/${board.id}/tasks`, { title: 'secret' });
    await until(() => client.everything.some(({ type, payload }) => type === 'ERROR' && payload.code === 'not_found') || client.isClosed, 'the room is closed to bob');
    assert.ok(!JSON.stringify(client.everything).includes('secret'));
    await bob.refused(404, 'not_found', 'GET', `/api/boards/${board.id}`);
  });
});

describe('trouble', () => {
  test('connections to the database that die: what was under way is carried out once', async () => {
    const board = await world.makeBoard('Shaky');
    const titles = Array.from({ length: 30 }, (_, i) => `t${i}`);
    const answers = titles.map((title) => bob.post(`/api/boards/${board.id}/tasks`, { title }, { 'idempotency-key': randomUUID() }));
    await until(() => world.killBackends(), 'connections to kill');
    for (const { status } of await Promise.all(answers)) assert.ok([201, 503].includes(status), String(status));
    const made = (await Promise.all(answers)).filter(({ status }) => status === 201).length;
    const { rows } = await world.sql.query('SELECT title FROM collab.tasks WHERE board_id = $1', [board.id]);
    assert.equal(new Set(rows.map(({ title }) => title)).size, rows.length);
    assert.ok(rows.length >= made);
  });

  test('shutting down: what was accepted is answered', async () => {
    const board = await world.makeBoard('Last');
    const lock = await world.connect();
    await lock.query('BEGIN');
    await lock.query(`SELECT 1 FROM collab.aggregates WHERE id = $1 FOR UPDATE`, [board.id]);
    const pending = bob.post(`/api/boards/${board.id}/tasks`, { title: 'in time' });
    await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted`)).n > 0, 'the command waits');
    world.bridge.kill('SIGTERM');
    await until(() => world.log.some((line) => /drain|shutting|stopping/i.test(line)), 'it drains');
    await lock.query('ROLLBACK');
    await lock.end();
    assert.equal((await pending).status, 201);
    assert.deepEqual(await world.bridgeEnded, { code: 0, signal: null });
    await world.startBridge();
  });
});
