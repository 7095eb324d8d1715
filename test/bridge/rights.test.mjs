// Who loses the right to a board loses its events, also while nobody tells the bridge.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url, { config: { poll_interval: '60s', reconnect_interval: '60s' } }); });
after(() => world.stop());
afterEach(() => world.closeClients());

// The listener's connection ends and no new one is let in; returns what ends that. Those that are there stay.
async function cutListener() {
  await world.sql.query(`ALTER DATABASE ${world.database} CONNECTION LIMIT 1`);
  await world.sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener%'`);
  return () => world.sql.query(`ALTER DATABASE ${world.database} CONNECTION LIMIT -1`);
}

const listenerIsUp = async () => /^collab_bridge_listener_up 1$/m.test(await (await fetch(`${world.http}/metrics`)).text());

test('with the listener cut, a removed member gets nothing of what is written after', async () => {
  const board = await world.makeBoard(), { sql } = world;
  const [writer, removed, other] = await Promise.all(['alice', 'bob', 'carol'].map((user) => world.joined(user, board)));
  const restore = await cutListener();
  try {
    await until(async () => !(await listenerIsUp()), 'the listener is cut');
    await sql.query('SELECT collab.remove_member($1, $2)', [world.workspace, world.users.bob]);
    for (let i = 0; i < 20; i++) await writer.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: `secret ${i}` });
    await until(() => other.events(board.id).length >= 20, 'the others have it');
    assert.equal((await removed.expect('ERROR')).code, 'not_found');
    await removed.settled();
    assert.ok(!removed.everything.some((message) => JSON.stringify(message).includes('secret')), 'nothing of it');
    assertConsecutive(other.events(board.id), other.state.version);
    assert.ok(!(await listenerIsUp()), 'it was cut all the time');
    assert.equal((await removed.refused('GET_BOARD', { board_id: board.id })).code, 'not_found');
    assert.equal((await removed.refused('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: 'x' })).code, 'not_found');
  } finally {
    await restore();
    await sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, world.users.bob, 'member']);
  }
});

test('a member removed by a command is out before the next event, and told so', async () => {
  const board = await world.makeBoard();
  const [writer, removed] = await Promise.all(['alice', 'bob'].map((user) => world.joined(user, board)));
  writer.send('REMOVE_MEMBER', { workspace_id: world.workspace, user_id: world.users.bob });
  await writer.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: 'after' });
  assert.equal((await removed.expect('ERROR')).code, 'not_found');
  await removed.settled();
  assert.deepEqual(removed.events(board.id), []);
  await world.sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, world.users.bob, 'member']);
});
