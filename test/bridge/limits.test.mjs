// Too much: commands, messages, cursors, connections. Who is refused is told when to come back, and the others notice nothing.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: {
    command_rate: 60, command_burst: 5, message_rate: 600, message_burst: 40, cursor_rate: 60, cursor_burst: 10,
    user_connection_rate: 60, user_connection_burst: 3, connection_grace: 0, max_user_connections: 4 } });
});
after(() => world.stop());
afterEach(() => world.closeClients());

const metric = async (name) => Number((await (await fetch(`${world.http}/metrics`)).text()).split('\n').find((line) => line.startsWith(`collab_bridge_${name} `)).split(' ')[1]);
const limited = (kind) => metric(`rate_limited_total{kind="${kind}"}`);
const pause = (ms) => { const end = Date.now() + ms; return until(() => Date.now() > end, 'the time told'); };

// A user of its own for each test: their buckets are full.
let users = 0;
async function newcomer({ member = true } = {}) {
  const sub = `user${++users}`;
  const { rows: [user] } = await world.sql.query(`SELECT * FROM collab.upsert_user('test', $1, $1)`, [sub]);
  if (member) await world.sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, user.user_id, 'member']);
  return { sub, user_id: user.user_id, connect: async () => {
    const client = world.connectTo(`/ws?token=${world.forge({ claims: { sub, name: sub } })}`);
    client.welcome = await client.expect('WELCOME');
    return client;
  } };
}

test('commands above the burst are refused; after the time told the next one succeeds; others are not touched', async () => {
  const { connect } = await newcomer(), other = await newcomer();
  const [client, neighbour] = [await connect(), await other.connect()];
  assert.deepEqual([client.welcome.limits.command_rate, client.welcome.limits.command_burst], [60, 5]);
  const before = await world.eventCount(), counted = await limited('command');
  const ask = (who, title) => who.ask('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title });
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => ask(client, `task ${i}`)));
  assert.deepEqual(answers.map(({ type }) => type), [...Array(5).fill('ACK'), ...Array(3).fill('ERROR')]);
  for (const { payload } of answers.slice(5)) {
    assert.equal(payload.code, 'rate_limited');
    assert.ok(payload.retry_after_ms > 0 && payload.retry_after_ms <= 1000, String(payload.retry_after_ms));
    assert.equal(payload.command, 'CREATE_TASK');
  }
  assert.equal(await world.eventCount(), before + 5);
  assert.equal(await limited('command'), counted + 3);
  assert.equal((await ask(neighbour, 'mine')).type, 'ACK');
  await pause(answers.at(-1).payload.retry_after_ms);
  assert.equal((await ask(client, 'later')).type, 'ACK');
});

test('two connections of a user have one allowance', async () => {
  const { connect } = await newcomer();
  const [first, second] = [await connect(), await connect()];
  const ask = (who) => who.ask('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x' });
  for (let i = 0; i < 5; i++) await ask(i % 2 ? first : second);
  assert.equal((await ask(first)).payload.code, 'rate_limited');
  assert.equal((await ask(second)).payload.code, 'rate_limited');
});

test('messages of one connection are limited, and a client that does not stop is closed', async () => {
  const { connect } = await newcomer();
  const client = await connect();
  for (let i = 0; i < 60; i++) client.send('HEARTBEAT');
  const refusal = await client.expect('ERROR');
  assert.equal(refusal.code, 'rate_limited');
  assert.ok(refusal.retry_after_ms >= 1 && refusal.retry_after_ms <= 100);
  await until(() => client.everything.length >= 61, 'all are answered');
  await pause(refusal.retry_after_ms * 2);
  client.send('HEARTBEAT');
  await until(() => client.everything.at(-1).type === 'HEARTBEAT_ACK', 'it is served again');
  for (let i = 0; i < 200; i++) client.send('NONSENSE');
  assert.equal((await client.closed).code, 1008);
});

test('cursors are limited apart, the newest is what counts, and nothing is said', async () => {
  const [one, two] = [await newcomer(), await newcomer()];
  const [client, watcher] = [await one.connect(), await two.connect()];
  await client.join(world.board.id);
  await watcher.join(world.board.id);
  const counted = await limited('cursor');
  for (let i = 0; i < 30; i++) client.send('CURSOR_MOVE', { board_id: world.board.id, x: i, y: 1 });
  await client.settled();
  await watcher.expect('CURSOR_UPDATE', ({ x }) => x === 29);
  const dropped = await limited('cursor') - counted;
  assert.ok(dropped >= 15 && dropped <= 20, String(dropped));
  assert.ok(!client.everything.some(({ type }) => type === 'ERROR'));
  assert.equal((await client.ask('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'goes' })).type, 'ACK');
});

test('attempts to connect are counted by user: 4029, and after the time told one gets in', async () => {
  const { sub, connect } = await newcomer(), other = await newcomer();
  for (let i = 0; i < 3; i++) (await connect()).cut();
  const fourth = world.connectTo(`/ws?token=${world.forge({ claims: { sub } })}`);
  const refusal = await fourth.expect('ERROR');
  assert.equal(refusal.code, 'rate_limited');
  assert.ok(refusal.retry_after_ms > 0 && refusal.retry_after_ms <= 1000);
  assert.equal((await fourth.closed).code, 4029);
  assert.ok(!fourth.everything.some(({ type }) => type === 'WELCOME'));
  await other.connect();
  await pause(refusal.retry_after_ms);
  await connect();
});

test('more connections of one user than may be open at once: 4029; when one leaves there is room', async () => {
  const { sub, connect } = await newcomer();
  const open = [];
  for (let i = 0; i < 4; i++) {
    if (i === 3) await pause(1000);
    open.push(await connect());
  }
  await pause(1000);
  const fifth = world.connectTo(`/ws?token=${world.forge({ claims: { sub } })}`);
  assert.equal((await fifth.expect('ERROR')).code, 'limit');
  assert.equal((await fifth.closed).code, 4029);
  const left = await metric('connections');
  open[0].cut();
  await until(async () => await metric('connections') < left, 'it is gone');
  await pause(1000);
  await connect();
});
