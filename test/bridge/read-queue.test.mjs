// Reads that wait behind others: not refused while the database is there, however long the queue.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld, until } from './harness.mjs';

const WAIT = 200; // ms: database_wait

let world;
before(async () => { world = await startWorld(import.meta.url, { config: { database_wait: WAIT, lock_timeout: '20s' } }); });
after(() => world.stop());

test('joins that wait for longer than database_wait behind others get their state', async () => {
  const clients = await Promise.all(Array.from({ length: 12 }, () => world.client('bob')));
  const blocker = await world.connect();
  await blocker.query('BEGIN');
  await blocker.query('LOCK TABLE collab.tasks IN ACCESS EXCLUSIVE MODE');
  const states = clients.map((client) => client.join(world.board.id));
  await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database() AND application_name LIKE 'collab-bridge read%'`)).n > 0, 'a join waits for the lock');
  const since = Date.now();
  await until(() => Date.now() - since > 4 * WAIT + 500, 'the others have waited for longer than database_wait');
  await blocker.query('ROLLBACK');
  await blocker.end();
  for (const state of await Promise.all(states)) assert.equal(state.board.id, world.board.id);
  for (const client of clients) assert.equal(client.everything.filter(({ type }) => type === 'ERROR').length, 0);
});
