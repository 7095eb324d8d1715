// The primary dies and a standby takes its place: the bridge finds it by itself, and clients keep their connections.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { assertConsecutive, promoteServer, startStandby, startWorld, until } from './harness.mjs';

let world, standby;
before(async () => { world = await startWorld(import.meta.url, { ownServer: true }); });
after(() => world.stop());
afterEach(() => world.closeClients());

const create = (board, title) => ['CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title }];

async function makeStandby() {
  standby = startStandby(world.server);
  await world.stopBridge();
  await world.startBridge({ database_wait: '20s',
    database: `host=${world.server.host},${standby.host} port=5432,5432 dbname=${world.database} user=collab_bridge target_session_attrs=read-write` });
}

async function replicated() {
  const { lsn } = await world.one('SELECT pg_current_wal_lsn() AS lsn');
  const there = await world.connect(standby);
  await until(async () => (await there.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS has', [lsn])).rows[0].has, 'the standby has it all');
  await there.end();
}

async function promoteStandby() {
  promoteServer(standby);
  world.server = standby;
  await world.reconnect();
}

test('a failover that loses nothing: only the events are noticed', async () => {
  const board = await world.makeBoard();
  await makeStandby();
  const sender = await world.joined('alice', board), watcher = await world.joined('carol', board);
  for (let i = 0; i < 5; i++) await sender.command(...create(board, `before ${i}`));
  await replicated();
  const ids = Array.from({ length: 5 }, () => randomUUID());
  world.haltServer('immediate');
  ids.forEach((id, i) => sender.send(...create(board, `during ${i}`), id));
  await promoteStandby();
  for (const id of ids) assert.ok((await sender.expect('ACK', ({ command_id }) => command_id === id)).changed);
  await until(() => watcher.events(board.id).length === 10, 'ten events');
  for (const client of [sender, watcher]) {
    assertConsecutive(client.events(board.id), client.state.version);
    assert.equal(client.everything.filter(({ type }) => type === 'BOARD_STATE').length, 1);
    assert.ok(!client.isClosed);
  }
});

test('a failover that loses the last events: the board starts over, with reset, and goes on', async () => {
  const board = await world.makeBoard();
  await makeStandby();
  const sender = await world.joined('alice', board), watcher = await world.joined('carol', board);
  await sender.command(...create(board, 'kept'));
  await replicated();
  world.haltServer('fast', standby);
  await sender.command(...create(board, 'lost'));
  await watcher.expect('TASK_CREATED', ({ task }) => task.title === 'lost');
  world.haltServer('immediate');
  await world.resumeServer(standby);
  await promoteStandby();
  for (const client of [sender, watcher]) {
    const state = await client.expect('BOARD_STATE', ({ reset }) => reset);
    assert.deepEqual(state.board.lists.flatMap(({ tasks }) => tasks.map(({ title }) => title)), ['kept']);
    assert.ok(!client.isClosed);
  }
  await sender.command(...create(board, 'after'));
  const { version } = await watcher.expect('TASK_CREATED', ({ task }) => task.title === 'after');
  assert.equal(version, (await world.boardEvents(board.id)).at(-1).version);
});
