// presence.test.mjs: who is on a board, over tabs and over two bridges on one database.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startWorld, until } from './harness.mjs';

let world;
let peer;
before(async () => {
  world = await startWorld(import.meta.url, { config: { presence_interval: '200ms' } });
  peer = await world.startPeer();
});
after(() => world.stop());
afterEach(async () => {
  world.closeClients();
  await until(async () => await metric(world, 'remote_users') + await metric(peer, 'remote_users') === 0, 'nobody is left');
});

const names = (users) => users.map(({ username }) => username).sort();
const metric = async (bridge, name) => Number((await (await fetch(`${bridge.http}/metrics`)).text()).match(new RegExp(`^collab_bridge_${name} (\\d+)`, 'm'))[1]);
const of = (user) => (payload) => (payload.user?.user_id ?? payload.user_id) === world.users[user];
const told = (client, type, user) => client.everything.filter((message) => message.type === type && of(user)(message.payload)).length;

describe('one bridge', () => {
  test('several tabs of one user count once', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const tabs = [await world.joined('bob', board), await world.joined('bob', board)];
    const { user } = await alice.expect('USER_JOINED', of('bob'));
    assert.deepEqual(user, { user_id: world.users.bob, username: 'Bob', avatar: null });
    assert.deepEqual(names(tabs[1].state.active_users), ['Alice', 'Bob']);
    await tabs[0].close();
    await tabs[1].close();
    await alice.expect('USER_LEFT', of('bob'));
    await alice.settled();
    assert.equal(told(alice, 'USER_JOINED', 'bob'), 1);
    assert.equal(told(alice, 'USER_LEFT', 'bob'), 1);
  });

  test('the database knows who is connected and where, by the id of WELCOME', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const id = alice.welcome.connection_id;
    const row = await until(() => world.one(`SELECT c.user_id, b.name FROM collab.connections c JOIN collab.bridges b ON b.id = c.bridge_id
      JOIN collab.room_members m ON m.connection_id = c.connection_id WHERE c.connection_id = $1 AND m.board_id = $2`, [id, board.id]), 'it is there');
    assert.equal(row.user_id, world.users.alice);
    assert.match(row.name, new RegExp(`:${world.port}$`));
    alice.send('LEAVE_BOARD', { board_id: board.id });
    await until(async () => (await world.one('SELECT count(*)::int AS n FROM collab.room_members WHERE board_id = $1', [board.id])).n === 0, 'it has left');
    await alice.close();
    await until(async () => (await world.one('SELECT count(*)::int AS n FROM collab.connections WHERE connection_id = $1', [id])).n === 0, 'it is gone');
  });

  test('a connection that comes and goes while the database is slow is never said', async () => {
    const lock = await world.connect();
    await lock.query('BEGIN; LOCK collab.connections IN ACCESS EXCLUSIVE MODE');
    for (let i = 0; i < 20; i++) await (await world.client('carol')).close();
    const dora = await world.client('dora');
    await lock.query('COMMIT');
    await lock.end();
    await until(async () => await world.one('SELECT 1 FROM collab.connections WHERE connection_id = $1', [dora.welcome.connection_id]), 'dora is said');
    await until(async () => await metric(world, 'presence_backlog') === 0, 'everything is said');
    assert.equal((await world.one('SELECT count(*)::int AS n FROM collab.connections WHERE user_id = $1', [world.users.carol])).n, 0);
  });
});

describe('two bridges', () => {
  test('who is there through the other one is in the list, joins and leaves', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const bob = await peer.joined('bob', board);
    await alice.expect('USER_JOINED', of('bob'));
    const seen = bob.everything.some(({ type, payload }) => type === 'USER_JOINED' && of('alice')(payload)) || names(bob.state.active_users).includes('Alice');
    assert.ok(seen || await bob.expect('USER_JOINED', of('alice')));
    await until(async () => (await world.one('SELECT count(*)::int AS n FROM collab.room_members WHERE board_id = $1', [board.id])).n === 2, 'both are said');
    const carol = await peer.joined('carol', board);
    assert.deepEqual(names(carol.state.active_users), ['Alice', 'Bob', 'Carol']);
    await bob.close();
    await alice.expect('USER_LEFT', of('bob'));
    await alice.settled();
    assert.equal(told(alice, 'USER_JOINED', 'bob'), 1);
    assert.equal(told(alice, 'USER_LEFT', 'bob'), 1);
  });

  test('the first one to join through a bridge finds the others in BOARD_STATE and in PRESENCE', async () => {
    const board = await world.makeBoard();
    await world.joined('alice', board);
    await until(() => world.one('SELECT 1 FROM collab.room_members WHERE board_id = $1', [board.id]), 'alice is said');
    const bob = await peer.joined('bob', board);
    assert.deepEqual(names(bob.state.active_users), ['Alice', 'Bob']);
    await bob.close();
    await until(async () => (await world.one('SELECT count(*)::int AS n FROM collab.room_members WHERE board_id = $1', [board.id])).n === 1, 'bob is gone');
    const again = await peer.client('bob');
    again.send('JOIN_BOARD', { board_id: board.id, since_version: bob.state.version, since_event: bob.state.event });
    await again.expect('BOARD_EVENTS');
    assert.deepEqual(names((await again.expect('PRESENCE')).users), ['Alice', 'Bob']);
  });

  test('one user on both is one user', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const here = await world.joined('bob', board);
    const there = await peer.joined('bob', board);
    await until(async () => (await world.one('SELECT count(*)::int AS n FROM collab.room_members WHERE board_id = $1', [board.id])).n === 3, 'all are said');
    await until(async () => await metric(world, 'remote_users') === 1, 'the bridge knows it');
    await here.close();
    await until(async () => (await world.one('SELECT count(*)::int AS n FROM collab.room_members WHERE board_id = $1', [board.id])).n === 2, 'one is gone');
    const carol = await world.joined('carol', board);
    assert.deepEqual(names(carol.state.active_users), ['Alice', 'Bob', 'Carol']);
    assert.equal(told(alice, 'USER_LEFT', 'bob'), 0);
    await there.close();
    await alice.expect('USER_LEFT', of('bob'));
    assert.equal(told(alice, 'USER_JOINED', 'bob'), 1);
  });

  test('who loses the board leaves it on both', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const carol = await peer.joined('carol', board);
    await alice.expect('USER_JOINED', of('carol'));
    await world.sql.query('SELECT collab.remove_member($1, $2)', [world.workspace, world.users.carol]);
    await carol.expect('ERROR', ({ code }) => code === 'not_found');
    await alice.expect('USER_LEFT', of('carol'));
    await world.sql.query(`SELECT collab.add_member($1, $2, 'viewer')`, [world.workspace, world.users.carol]);
  });

  test('notifications of presence that nobody sent for a reason change nothing', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const bob = await peer.joined('bob', board);
    await alice.expect('USER_JOINED', of('bob'));
    const mallory = await world.connect({ user: 'collab_bridge' });
    for (let i = 0; i < 200; i++) {
      await mallory.query('SELECT pg_notify($1, $2)', [`collab:presence:${board.id}`, i % 2 ? 'nonsense' : JSON.stringify({ board_id: randomUUID(), left: world.users.bob })]);
    }
    await mallory.end();
    await bob.close();
    await alice.expect('USER_LEFT', of('bob'));
    assert.equal(told(alice, 'USER_JOINED', 'bob'), 1);
  });
});

describe('ends', () => {
  test('a bridge that stops tells the others at once', async () => {
    const board = await world.makeBoard();
    const third = await world.startPeer({ presence_interval: '20s' });
    const alice = await world.joined('alice', board);
    await third.joined('bob', board);
    await alice.expect('USER_JOINED', of('bob'));
    assert.deepEqual(await third.stopBridge(), { code: 0, signal: null });
    third.isKilled = true;
    await alice.expect('USER_LEFT', of('bob'));
    assert.equal((await world.one('SELECT count(*)::int AS n FROM collab.bridges')).n, 2);
  });

  test('a bridge that dies without a word has its people marked offline by the others', async () => {
    const board = await world.makeBoard();
    const third = await world.startPeer();
    const alice = await world.joined('alice', board);
    await third.joined('bob', board);
    await alice.expect('USER_JOINED', of('bob'));
    const { id } = await world.one('SELECT m.bridge_id AS id FROM collab.room_members m JOIN collab.connections c USING (bridge_id, connection_id) WHERE m.board_id = $1 AND c.user_id = $2', [board.id, world.users.bob]);
    await third.stopBridge('SIGKILL');
    // the time that passes: 45 seconds without a word
    await world.sql.query(`UPDATE collab.bridges SET seen_at = seen_at - interval '45 seconds' WHERE id = $1`, [id]);
    await alice.expect('USER_LEFT', of('bob'));
    await until(async () => !await world.one('SELECT 1 FROM collab.connections WHERE bridge_id = $1', [id]), 'its rows are gone');
  });

  test('a bridge that was taken for dead comes back by itself', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const bob = await peer.joined('bob', board);
    await alice.expect('USER_JOINED', of('bob'));
    await world.sql.query('SELECT collab.bridge_gone(bridge_id) FROM collab.connections WHERE connection_id = $1', [bob.welcome.connection_id]);
    await until(() => world.one('SELECT 1 FROM collab.room_members WHERE connection_id = $1', [bob.welcome.connection_id]), 'bob is said again');
    await until(() => told(alice, 'USER_JOINED', 'bob') === 1 + told(alice, 'USER_LEFT', 'bob'), 'bob is there');
  });

  test('what the database has forgotten is said anew', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const id = alice.welcome.connection_id;
    const isSaid = () => world.one('SELECT 1 FROM collab.room_members JOIN collab.connections USING (bridge_id, connection_id) JOIN collab.bridges b ON b.id = bridge_id WHERE connection_id = $1', [id]);
    await until(isSaid, 'alice is said');
    await world.sql.query('TRUNCATE collab.bridges, collab.connections, collab.room_members'); // what a crash leaves of unlogged tables
    await until(isSaid, 'alice is said again');
  });
});

describe('deactivated users', () => {
  const deactivate = (user, announce) => world.sql.query(announce ? 'SELECT collab.deactivate_user($1)' : 'UPDATE collab.users SET deactivated_at = now() WHERE id = $1', [world.users[user]]);
  const reactivate = (user) => world.sql.query('SELECT collab.reactivate_user($1)', [world.users[user]]);

  test('their connections are closed 4001, and a new token is refused', async () => {
    const [here, there] = [await world.client('mallory'), await peer.client('mallory')];
    await deactivate('mallory', true);
    assert.equal((await here.closed).code, 4001);
    assert.equal((await there.closed).code, 4001);
    assert.equal((await here.expect('ERROR')).code, 'unauthenticated');
    const again = world.connectTo(`/ws?token=${world.freshToken('mallory')}`);
    assert.equal((await again.closed).code, 4001);
    await reactivate('mallory');
  });

  test('a forged notification closes nobody, a lost one is made up for', async () => {
    const [mallory, dora] = [await world.client('mallory'), await world.client('dora')];
    await world.sql.query(`SELECT pg_notify('collab:control', $1)`, [JSON.stringify({ user_id: world.users.dora, deactivated: true })]);
    await deactivate('mallory', false);
    assert.equal((await mallory.closed).code, 4001);
    await dora.settled();
    await reactivate('mallory');
  });
});
