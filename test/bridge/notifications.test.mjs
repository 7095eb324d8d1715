// Notifications: the undelivered ones after WELCOME, live ones to every connection of their addressee, delivered once.
import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

// nobody has anything to hear of, and nobody is connected
beforeEach(async () => {
  world.closeClients();
  await world.sql.query('UPDATE collab.notifications SET delivered_at = now() - interval \'1 hour\', read_at = now()');
});

const assign = (title, ...names) => world.one('SELECT collab.create_task($1, $2, $3, assignees => $4) AS ack',
  [world.board.id, world.board.lists['To do'], title, names.map((name) => world.users[name])]);
const received = (client) => client.everything.filter(({ type }) => type === 'NOTIFICATION').map(({ payload }) => payload.notification.text);
const undelivered = async (name) => (await world.one(
  'SELECT count(*)::int AS n FROM collab.notifications WHERE user_id = $1 AND delivered_at IS NULL', [world.users[name]])).n;
const said = (title) => ({ notification }) => notification.text === `Alice assigned you to "${title}"`;

test('a live one goes to every connection of its addressee, whatever they have joined, and to nobody else', async () => {
  const [plain, onBoard, alice] = [await world.client('bob'), await world.joined('bob'), await world.client('alice')];
  assert.equal(plain.welcome.unread_count, 0);
  await assign('A', 'bob');
  for (const client of [plain, onBoard]) {
    const { notification, unread_count } = await client.expect('NOTIFICATION', said('A'));
    assert.deepEqual([notification.type, notification.actor_id, notification.board_id, unread_count],
      ['assigned', world.users.alice, world.board.id, 1]);
  }
  await alice.settled();
  assert.deepEqual(received(alice), []);
  await until(async () => await undelivered('bob') === 0, 'it is marked');
});

test('what was not delivered comes after WELCOME, oldest first, before anything else; once', async () => {
  for (const title of ['A', 'B', 'C']) await assign(title, 'bob');
  const client = world.connectTo(`/ws/board/${world.board.id}?token=${world.freshToken('bob')}`);
  await client.expect('BOARD_STATE');
  assert.deepEqual(client.everything.map(({ type }) => type), ['WELCOME', 'NOTIFICATION', 'NOTIFICATION', 'NOTIFICATION', 'BOARD_STATE']);
  assert.equal(client.everything[0].payload.unread_count, 3);
  assert.deepEqual(received(client), ['A', 'B', 'C'].map((title) => `Alice assigned you to "${title}"`));
  await until(async () => await undelivered('bob') === 0, 'they are marked');
  const later = await world.joined('bob');
  assert.equal(later.welcome.unread_count, 3);
  assert.deepEqual(received(later), []);
});

test('at most 50 of them; the rest is asked for', async () => {
  await world.sql.query(`INSERT INTO collab.notifications (user_id, type, workspace_id, cause, text)
    SELECT $1, 'due_soon', $2, 'fifty' || n, n FROM generate_series(1, 60) AS n`, [world.users.carol, world.workspace]);
  const client = await world.joined('carol');
  assert.equal(client.welcome.unread_count, 60);
  assert.deepEqual(received(client), Array.from({ length: 50 }, (_, n) => String(n + 1)));
  await assign('live', 'carol');
  await client.expect('NOTIFICATION', said('live'));
  assert.equal(received(client).length, 51);
});

test('in the workspace dialect', async () => {
  await assign('before', 'bob');
  const client = world.connectTo(`/ws/workspace/${world.workspace}?token=${world.freshToken('bob')}`);
  await client.expect('connection.welcome');
  await client.expect('notification.new', said('before'));
  await assign('live', 'bob');
  await client.expect('notification.new', (payload, { workspace_id }) => said('live')(payload) && workspace_id === world.workspace);
});

test('of a workspace that nobody here was in before', async () => {
  const mallory = await world.client('mallory');
  const { ack } = await world.one(`SELECT collab.create_workspace('Elsewhere') AS ack`);
  await world.sql.query(`SELECT collab.add_member($1, $2, 'member')`, [ack.result.workspace_id, world.users.mallory]);
  const { notification } = await mallory.expect('NOTIFICATION');
  assert.deepEqual([notification.type, notification.workspace_id], ['added_to_workspace', ack.result.workspace_id]);
});

test('many at once: each of them, each once, in order', async () => {
  const client = await world.client('bob');
  await client.settled();
  await world.sql.query(`SELECT count(collab.create_task($1, $2, 'Many' || n, assignees => ARRAY[$3::bigint])) FROM generate_series(1, 150) AS n`,
    [world.board.id, world.board.lists['To do'], world.users.bob]);
  await until(() => received(client).length >= 150, 'all of them are there');
  await until(async () => await undelivered('bob') === 0, 'they are marked');
  await client.settled();
  assert.equal(new Set(received(client)).size, 150);
  assert.equal(received(client).length, 150);
});

test('MARK_READ counts down, and what was read is not delivered', async () => {
  await assign('A', 'dora');
  await assign('B', 'dora');
  const { rows } = await world.sql.query('SELECT id FROM collab.notifications WHERE user_id = $1 AND read_at IS NULL ORDER BY id', [world.users.dora]);
  const client = await world.client('dora');
  const ack = await client.command('MARK_READ', { ids: [rows[0].id] });
  assert.equal(ack.result.unread_count, 1);
  assert.equal((await world.client('dora')).welcome.unread_count, 1);
});

test('forged announcements show nobody anything', async () => {
  await assign('old', 'bob');
  const { id } = await world.one('SELECT max(id) AS id FROM collab.notifications');
  await world.sql.query(`UPDATE collab.notifications SET delivered_at = now() - interval '1 hour'`);
  const [bob, carol] = [await world.client('bob'), await world.client('carol')];
  const forged = [{ user_id: world.users.carol, notification_id: id }, { user_id: world.users.bob, notification_id: id },
    { user_id: world.users.bob, notification_id: 2 ** 53 }, { user_id: -1, notification_id: id }, { user_id: 'x' }, {}];
  for (const payload of [...forged.map((one) => JSON.stringify(one)), '', '[[', '{"user_id": 99999999999999999999999, "notification_id": 1}'])
    await world.sql.query('SELECT pg_notify($1, $2)', ['collab:notifications', payload]);
  await assign('real', 'bob', 'carol');
  for (const client of [bob, carol]) {
    await client.expect('NOTIFICATION', said('real'));
    assert.equal(received(client).length, 1);
  }
});

test('connections to two bridges', async () => {
  const peer = await world.startPeer();
  const [here, there] = [await world.client('bob'), await peer.client('bob')];
  for (const title of ['A', 'B', 'C', 'D']) await assign(title, 'bob');
  for (const client of [here, there]) {
    for (const title of ['A', 'B', 'C', 'D']) await client.expect('NOTIFICATION', said(title));
    assert.equal(received(client).length, 4);
  }
  assert.equal((await peer.stopBridge()).code, 0);
});

test('the listener was away: what was missed comes when it is back', async () => {
  const client = await world.client('bob');
  await client.settled();
  await until(() => world.killBackends(), 'there was something to end');
  await assign('meanwhile', 'bob');
  await client.expect('NOTIFICATION', said('meanwhile'));
  assert.equal(received(client).length, 1);
});
