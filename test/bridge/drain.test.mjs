// SIGTERM: what was accepted is answered or can be repeated, nothing is there twice, clients know when to come back.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url, { config: { reconnect_after: '2s' } }); });
after(() => world.stop());
afterEach(async () => {
  world.closeClients();
  await world.restartBridge();
});

const create = (title) => ({ board_id: world.board.id, list_id: world.board.lists['To do'], title });
const seconds = (since) => (Date.now() - since) / 1000;

/** Every answer of a client by command id: its message. */
const answers = (client) => new Map(client.everything.filter(({ payload }) => payload?.command_id)
  .map((message) => [message.payload.command_id, message]));

async function titles() {
  const { rows } = await world.sql.query('SELECT title FROM collab.tasks WHERE board_id = $1', [world.board.id]);
  return rows.map(({ title }) => title);
}

/** Holds the board, so that commands for it wait; resolves to the one who lets go. */
async function holdBoard() {
  const holder = await world.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM collab.boards WHERE id = $1 FOR UPDATE', [world.board.id]);
  return async () => {
    await holder.query('ROLLBACK').catch(() => {});
    await holder.end();
  };
}

test('under load every command is answered or can be repeated, and is there once', async () => {
  const clients = await Promise.all(['alice', 'bob', 'dora', 'alice', 'bob', 'dora'].map((name) => world.joined(name)));
  const sent = clients.map(() => []);
  let goes = true;
  const pumps = clients.map(async (client, at) => {
    while (goes && !client.isClosed) {
      const id = randomUUID();
      sent[at].push(id);
      client.send('CREATE_TASK', create(id), id);
      if (sent[at].length % 10 === 0) await until(() => client.isClosed || answers(client).has(sent[at].at(-10)), 'an answer');
    }
  });
  await until(() => clients.every((client) => answers(client).size > 20), 'load');
  const began = Date.now();
  const { code, signal } = await world.stopBridge();
  goes = false;
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  assert.ok(seconds(began) < 10, `${seconds(began)} s`);
  await Promise.all(pumps);

  const closed = await Promise.all(clients.map((client) => client.closed));
  assert.deepEqual(closed.map(({ code }) => code), clients.map(() => 1001));
  const pauses = clients.map((client) => client.everything.find(({ type }) => type === 'SERVER_SHUTDOWN').payload.reconnect_after_ms);
  assert.ok(pauses.every((pause) => pause >= 0 && pause <= 2000), pauses.join());
  assert.ok(new Set(pauses).size > 1, `all at once: ${pauses.join()}`);

  const there = await titles();
  assert.equal(new Set(there).size, there.length, 'nothing twice');
  const open = [];
  for (const [at, client] of clients.entries()) {
    const got = answers(client);
    for (const id of sent[at]) {
      const answer = got.get(id);
      if (answer?.type === 'ACK') assert.ok(there.includes(id), 'what was acknowledged is there');
      else {
        if (answer) assert.equal(answer.payload.code, 'unavailable');
        open.push({ at, id });
      }
    }
  }
  assert.match(world.log.join('\n'), /"event":"drained","connections":6,"unanswered":0/);

  await world.startBridge();
  const again = await Promise.all(['alice', 'bob', 'dora'].map((name) => world.client(name)));
  await Promise.all(again.map(async (client, number) => {
    for (const { at, id } of open) if (at % 3 === number) await client.command('CREATE_TASK', create(id), id); // no more than may wait
  }));
  const afterwards = await titles();
  assert.equal(new Set(afterwards).size, afterwards.length, 'repeated ones are there once');
  for (const id of sent.flat()) assert.ok(afterwards.includes(id));
});

test('while it drains nobody new is let in and new commands are refused', async () => {
  const alice = await world.joined('alice');
  const letGo = await holdBoard();
  const stuck = randomUUID(), late = randomUUID();
  alice.send('CREATE_TASK', create('stuck'), stuck);
  await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'collab_bridge'`)).n > 0, 'it waits');
  const ended = world.stopBridge();
  await until(() => world.log.some((line) => line.includes('"shutting_down","connections":1,"commands":1')), 'draining');
  await assert.rejects(new Promise((done, failed) => connect(world.port, '127.0.0.1', done).on('error', failed)), /ECONNREFUSED/);
  alice.send('CREATE_TASK', create('late'), late);
  const refused = await alice.expect('ERROR', (payload) => payload.command_id === late);
  assert.equal(refused.code, 'unavailable');
  await letGo();
  assert.equal((await alice.expect('ACK', (payload) => payload.command_id === stuck)).changed, true);
  await alice.expect('SERVER_SHUTDOWN');
  assert.equal((await alice.closed).code, 1001);
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.ok(!(await titles()).includes('late'));
});

test('drain_timeout ends the waiting', async () => {
  await world.restartBridge();
  world.writeConfig({ drain_timeout: '200ms' });
  world.bridge.kill('SIGHUP');
  await until(() => world.log.some((line) => line.includes('"changed":"drain_timeout"')), 'reloaded');
  const alice = await world.joined('alice');
  const letGo = await holdBoard();
  alice.send('CREATE_TASK', create('too late'), randomUUID());
  await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'collab_bridge'`)).n > 0, 'it waits');
  const began = Date.now();
  assert.deepEqual(await world.stopBridge(), { code: 0, signal: null });
  assert.ok(seconds(began) < 3, `${seconds(began)} s`);
  assert.equal((await alice.closed).code, 1001);
  assert.match(world.log.slice(-50).join('\n'), /"event":"drained","connections":1,"unanswered":1/);
  await letGo();
});

test('a second signal ends it at once', async () => {
  const alice = await world.joined('alice');
  const letGo = await holdBoard();
  alice.send('CREATE_TASK', create('never'), randomUUID());
  await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'collab_bridge'`)).n > 0, 'it waits');
  const from = world.log.length;
  const ended = world.stopBridge();
  await until(() => world.log.slice(from).some((line) => line.includes('shutting_down')), 'draining');
  const began = Date.now();
  world.bridge.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.ok(seconds(began) < 2, `${seconds(began)} s`);
  assert.match(world.log.slice(from).join('\n'), /"event":"not_waiting","connections":1,"unanswered":1/);
  await letGo();
});
