// Clients that do not read, or read late: what they lose, what they never lose, what the others notice, and a process that
// holds too much.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: {
    session_queue: '64kB', ring_events: 20, ring_bytes: '64kB', slow_timeout: '3s', memory_limit: '3MB', message_rate: 0, cursor_rate: 0 } });
});
after(() => world.stop());
afterEach(() => world.closeClients());

const metric = async (name) => Number((await (await fetch(`${world.http}/metrics`)).text()).split('\n').find((line) => line.startsWith(`collab_bridge_${name} `)).split(' ')[1]);
const stopReading = (client) => client.socket._socket.pause();
const readAgain = (client) => client.socket._socket.resume();

// `count` changes of about 20 kB by the client, answered; the greatest time one took.
async function write(client, board, task_id, count) {
  let slowest = 0;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await client.command('UPDATE_TASK', { board_id: board.id, task_id, updates: { description: `${i} ${'x'.repeat(20_000)}` } });
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest;
}

test('a reader that rests loses cursors, and no event: it is served from the log when it reads again', async () => {
  const board = await world.makeBoard(), task_id = await world.makeTask('large', { board });
  const [writer, reader, other] = await Promise.all(['alice', 'bob', 'carol'].map((user) => world.joined(user, board)));
  const from = reader.state.version, dropped = await metric('dropped_total'), resyncs = await metric('resyncs_total{reason="slow"}');
  stopReading(reader);
  let slowest = await write(writer, board, task_id, 20), written = 20;
  while (await metric('queue_bytes') < 40_000) {
    slowest = Math.max(slowest, await write(writer, board, task_id, 20));
    assert.ok((written += 20) < 2000, 'the queue fills');
  }
  slowest = Math.max(slowest, await write(writer, board, task_id, 40));
  written += 40;
  for (let i = 0; i < 10; i++) writer.send('CURSOR_MOVE', { board_id: board.id, x: i, y: i });
  await other.expect('CURSOR_UPDATE');
  assert.ok(await metric('dropped_total') > dropped);
  assert.ok(await metric('queue_bytes') <= 64 * 1024, 'the queue has its limit');
  readAgain(reader);
  await until(() => reader.events(board.id).length === written, 'everything arrives');
  assertConsecutive(reader.events(board.id), from);
  assertConsecutive(other.events(board.id), from);
  assert.ok(await metric('resyncs_total{reason="slow"}') > resyncs, 'it was behind the ring');
  // loose: what took a second would have waited for the one that did not read
  assert.ok(slowest < 1000, `a command took ${slowest} ms`);
});

test('a reader that never reads again is closed 4009; the others go on', async () => {
  const board = await world.makeBoard(), task_id = await world.makeTask('large', { board });
  const [writer, reader, other] = await Promise.all(['alice', 'bob', 'carol'].map((user) => world.joined(user, board)));
  const from = other.state.version, closed = await metric('connections_closed_total{code="4009"}');
  stopReading(reader);
  let written = 0;
  await until(async () => {
    await write(writer, board, task_id, 10);
    written += 10;
    return await metric('connections_closed_total{code="4009"}') > closed;
  }, 'it is closed');
  await until(() => other.events(board.id).length === written, 'the other has everything');
  assertConsecutive(other.events(board.id), from);
  assert.equal(await metric('connections_closed_total{code="4009"}'), closed + 1);
  reader.cut();
  await until(async () => await metric('connections') === 2, 'it is gone');
  assert.equal(await metric('queue_bytes'), 0);
});

test('above memory_limit new connections are closed 1013 until it falls', async () => {
  const board = await world.makeBoard();
  await world.sql.query(`SELECT count(collab.create_task($1, $2, 'task', repeat('y', 20000))) FROM generate_series(1, 150)`, [board.id, board.lists['To do']]);
  const refused = await metric('connections_refused_total{reason="memory"}');
  const reader = await world.client('bob');
  stopReading(reader);
  reader.send('JOIN_BOARD', { board_id: board.id });
  await until(async () => await metric('held_bytes') > 3 * 1024 * 1024, 'its state is held');
  const late = world.connectTo(`/ws?token=${world.freshToken('alice')}`);
  assert.equal((await late.closed).code, 1013);
  assert.equal(late.everything.length, 0);
  assert.equal(await metric('connections_refused_total{reason="memory"}'), refused + 1);
  assert.equal((await fetch(`${world.http}/healthz`)).status, 200);
  readAgain(reader);
  await reader.expect('BOARD_STATE');
  await until(async () => await metric('held_bytes') < 1024 * 1024, 'it falls');
  await world.client('alice');
});

test('nothing is held when everybody has gone', async () => {
  await until(async () => await metric('connections') === 0, 'all are gone');
  await until(async () => await metric('held_bytes') === 0, 'nothing is held');
});
