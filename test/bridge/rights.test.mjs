// Who loses the right to a board loses its events, also while nobody tells the bridge.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertConsecutive, DEADLINE, startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url, { config: { poll_interval: '60s', reconnect_interval: '60s', session_queue: '64kB', ring_events: 1, event_page: 20, slow_timeout: '60s' } }); });
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

const stopReading = (client) => client.socket._socket.pause();
const readAgain = (client) => client.socket._socket.resume();
const LARGE = 'x'.repeat(20_000);

/** Events that no bridge has heard of. */
async function writeUnheard(board, title, count) {
  await world.sql.query('SELECT collab.create_task($1, $2, $3 || n, description => $4) FROM generate_series(1, $5) AS n', [board.id, board.lists['To do'], title, LARGE, count]);
}

/** Runs `during` with the listener cut and bob removed before anything else. */
async function withBobRemoved(prepare, during) {
  const restore = await cutListener();
  try {
    await until(async () => !(await listenerIsUp()), 'the listener is cut');
    await prepare();
    await world.sql.query('SELECT collab.remove_member($1, $2)', [world.workspace, world.users.bob]);
    await during();
  } finally {
    await restore();
    await world.sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, world.users.bob, 'member']);
  }
}

const queueBytes = async () => Number((await (await fetch(`${world.http}/metrics`)).text()).match(/^collab_bridge_queue_bytes (\d+)/m)[1]);

/** Whoever does not read has got all that the kernel takes: what waits does not change any more. */
async function untilFull() {
  const looks = [];
  await until(async () => {
    looks.unshift(await queueBytes());
    return looks[0] > 0 && looks.length > 20 && looks.slice(0, 20).every((bytes) => bytes === looks[0]);
  }, 'the queue is full', 3 * DEADLINE);
}

/** Reads on; is told that the board is lost at the latest with the next event, and has nothing that came after the removal. */
async function assertOut(removed, writer, board) {
  readAgain(removed);
  await writer.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: 'secret, too' });
  assert.equal((await removed.expect('ERROR', () => true, 3 * DEADLINE)).code, 'not_found');
  await removed.settled();
  assert.ok(!removed.everything.some((message) => JSON.stringify(message).includes('secret')), 'nothing of it');
  assertConsecutive(removed.events(board.id), 1);
}

test('who is behind the ring when he is removed gets nothing from the log that is newer', async () => {
  const board = await world.makeBoard();
  const [writer, removed] = await Promise.all(['alice', 'bob'].map((user) => world.joined(user, board)));
  await withBobRemoved(async () => {
    stopReading(removed);
    for (let written = 0; await queueBytes() < 40_000; written++) {
      assert.ok(written < 2000, 'the queue fills');
      await writer.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: `${written}`, description: LARGE });
    }
  }, async () => {
    await writeUnheard(board, 'secret', 20);
    await assertOut(removed, writer, board);
  });
});

test('who is resuming when he is removed gets no page of what is newer', async () => {
  const board = await world.makeBoard();
  await writeUnheard(board, 'old', 1000);
  const [writer, removed] = await Promise.all(['alice', 'bob'].map((user) => world.client(user)));
  await withBobRemoved(async () => {
    stopReading(removed);
    removed.send('JOIN_BOARD', { board_id: board.id, since_version: 1 });
    await untilFull();
  }, async () => {
    await writeUnheard(board, 'secret', 20);
    await assertOut(removed, writer, board);
  });
});
