// REST when there is too much of it, and when the database is away.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startWorld, until } from './harness.mjs';
import { apiOf } from './rest-support.mjs';

let world, bob, dora, carol;
before(async () => {
  world = await startWorld(import.meta.url, { ownServer: true, config: { database_wait: '300ms', command_rate: 6, command_burst: 5, request_rate: 6, request_burst: 12 } });
  [bob, dora, carol] = ['bob', 'dora', 'carol'].map((user) => apiOf(world).as(user));
});
after(() => world.stop());

const tasks = () => `/api/boards/${world.board.id}/tasks`;

describe('too much', () => {
  test('commands beyond the burst are 429, with the time to wait; those of an array each', async () => {
    const command = (title) => ({ type: 'CREATE_TASK', payload: { board_id: world.board.id, title } });
    const { body } = await bob.post('/api/commands', ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(command));
    assert.deepEqual(body.map(({ status }) => status), [200, 200, 200, 200, 200, 429, 429]);
    assert.equal(body[5].body.code, 'rate_limited');
    const answer = await bob.post(tasks(), { title: 'h' });
    assert.deepEqual([answer.status, answer.body.code], [429, 'rate_limited']);
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds >= 1 && seconds <= 10 && answer.body.retry_after_ms <= seconds * 1000, `${seconds}`);
    assert.equal((await dora.post(tasks(), { title: 'not hers' })).status, 201);
  });

  test('requests of any kind, too; other people are not touched', async () => {
    const statuses = [];
    for (let i = 0; i < 20; i++) statuses.push((await carol.get('/api/me')).status);
    assert.deepEqual([statuses[0], statuses.at(-1), statuses.filter((status) => status === 200).length], [200, 429, 12]);
    assert.equal((await dora.get('/api/me')).status, 200);
  });
});

describe('the database is away', () => {
  test('503 after the wait, with the time to try again; then the same key is carried out once', async () => {
    const key = randomUUID();
    const send = () => dora.post(tasks(), { title: 'in doubt' }, { 'idempotency-key': key });
    world.haltServer('immediate');
    const refused = await send();
    assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable']);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await dora.get(`/api/boards/${world.board.id}`)).status, 503);
    assert.deepEqual((await dora.post('/api/commands', [{ type: 'UNDO', payload: { board_id: world.board.id } }])).body.map(({ status }) => status), [503]);
    await world.resumeServer();
    await until(async () => (await fetch(`${world.http}/readyz`)).status === 200, 'the bridge is ready again');
    assert.equal((await send()).status, 201);
    assert.equal((await world.one('SELECT count(*)::int AS n FROM collab.tasks WHERE title = $1', ['in doubt'])).n, 1);
  });
});
