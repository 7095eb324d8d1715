// cursors.test.mjs: cursors and what people look at, to the others on the board, through two bridges as well.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { startWorld, until } from './harness.mjs';

let world;
let peer;
before(async () => {
  world = await startWorld(import.meta.url, { config: { presence_interval: '10s' } });
  peer = await world.startPeer();
});
after(() => world.stop());
afterEach(async () => {
  world.closeClients();
  await until(async () => await metric(world, 'remote_users') + await metric(peer, 'remote_users') === 0, 'nobody is left');
});

const metric = async (bridge, name) => Number((await (await fetch(`${bridge.http}/metrics`)).text())
  .split('\n').find((line) => line.startsWith(`collab_bridge_${name} `)).split(' ').at(-1));
const updates = (client, type = 'CURSOR_UPDATE') => client.everything.filter((message) => message.type === type).map(({ payload }) => payload);

/** alice here, bob there, and both bridges know it and listen. */
async function pair(board) {
  const alice = await world.joined('alice', board);
  const bob = await peer.joined('bob', board);
  await until(async () => await metric(world, 'remote_users') === 1 && await metric(peer, 'remote_users') === 1, 'both know of each other');
  return [alice, bob];
}

describe('cursors', () => {
  test('go to the others on the board, not to the one who moves', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = [await world.joined('alice', board), await world.joined('bob', board)];
    const task_id = await world.makeTask('a', { board });
    alice.send('CURSOR_MOVE', { board_id: board.id, x: 10.5, y: -3, task_id });
    assert.deepEqual(await bob.expect('CURSOR_UPDATE'), { board_id: board.id, user_id: world.users.alice, username: 'Alice', x: 10.5, y: -3, task_id });
    await alice.settled();
    assert.deepEqual(updates(alice), []);
  });

  for (const where of ['here', 'on another bridge']) {
    test(`1,000 moves in a second are at most some 20 updates ${where}, the newest the last`, async () => {
      const board = await world.makeBoard();
      const [alice, bob] = where === 'here' ? [await world.joined('alice', board), await world.joined('bob', board)] : await pair(board);
      const begin = Date.now();
      for (let i = 1; i <= 1000; i++) {
        alice.send('CURSOR_MOVE', { board_id: board.id, x: i, y: i });
        if (i % 10 === 0) await new Promise((next) => setTimeout(next, Math.max(0, begin + i - Date.now())));
      }
      await bob.expect('CURSOR_UPDATE', ({ x }) => x === 1000);
      const seconds = (Date.now() - begin) / 1000;
      const got = updates(bob);
      assert.ok(got.length <= 20 * seconds + 2, `${got.length} updates in ${seconds} s`);
      assert.ok(got.length >= 3, `${got.length} updates`);
      assert.deepEqual(got.map(({ x }) => x), got.map(({ x }) => x).sort((a, b) => a - b));
    });
  }

  test('cross bridges with the name the database has, and are in the list of who joins later', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await pair(board);
    const task_id = await world.makeTask('a', { board });
    bob.send('CURSOR_MOVE', { board_id: board.id, x: 1, y: 0.1, task_id });
    assert.deepEqual(await alice.expect('CURSOR_UPDATE'), { board_id: board.id, user_id: world.users.bob, username: 'Bob', x: 1, y: 0.1, task_id });
    const carol = await world.joined('carol', board);
    assert.deepEqual(carol.state.active_users.find(({ username }) => username === 'Bob').cursor_position, { x: 1, y: 0.1 });
  });

  test('are told to a bridge that somebody joins through later', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    alice.send('CURSOR_MOVE', { board_id: board.id, x: 5, y: 6 });
    const bob = await peer.joined('bob', board);
    const { x, y, user_id } = await bob.expect('CURSOR_UPDATE');
    assert.deepEqual({ x, y, user_id }, { x: 5, y: 6, user_id: world.users.alice });
  });

  test('are in no table, and leave no bridge that nobody else shares the board with', async () => {
    const board = await world.makeBoard();
    const alice = await world.joined('alice', board);
    const [sent, events] = [await metric(world, 'live_sent_total'), await world.eventCount()];
    for (let i = 0; i < 50; i++) alice.send('CURSOR_MOVE', { board_id: board.id, x: i, y: i });
    await alice.settled();
    assert.equal(await world.eventCount(), events);
    assert.equal(await metric(world, 'live_sent_total'), sent);
  });
});

describe('focus', () => {
  test('what somebody looks at and edits is told to the others, here and there', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await pair(board);
    const carol = await world.joined('carol', board);
    const task_id = await world.makeTask('a', { board });
    alice.send('FOCUS_TASK', { board_id: board.id, task_id, editing: 'title' });
    const focus = { board_id: board.id, task_id, user_id: world.users.alice, username: 'Alice', editing: 'title' };
    assert.deepEqual(await carol.expect('TASK_FOCUS'), focus);
    assert.deepEqual(await bob.expect('TASK_FOCUS'), focus);
    const dora = await peer.joined('dora', board);
    const { current_task_id, editing } = dora.state.active_users.find(({ username }) => username === 'Alice');
    assert.deepEqual({ current_task_id, editing }, { current_task_id: task_id, editing: 'title' });
    alice.send('FOCUS_TASK', { board_id: board.id, task_id: null });
    assert.deepEqual(await bob.expect('TASK_FOCUS'), { ...focus, task_id: null, editing: null });
    await alice.settled();
    assert.deepEqual(alice.everything.filter(({ type }) => ['TASK_FOCUS', 'ACK'].includes(type)), []);
  });

  test('ends when its owner leaves, here and there, even if another tab stays', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await pair(board);
    const tab = await world.joined('alice', board);
    const carol = await world.joined('carol', board);
    const task_id = await world.makeTask('a', { board });
    tab.send('FOCUS_TASK', { board_id: board.id, task_id });
    for (const other of [bob, carol, alice]) await other.expect('TASK_FOCUS', (focus) => focus.task_id === task_id);
    await tab.close();
    for (const other of [bob, carol, alice]) await other.expect('TASK_FOCUS', (focus) => focus.task_id === null);
    alice.send('FOCUS_TASK', { board_id: board.id, task_id });
    await bob.expect('TASK_FOCUS', (focus) => focus.task_id === task_id);
    await alice.close();
    await bob.expect('TASK_FOCUS', (focus) => focus.task_id === null);
    await bob.expect('USER_LEFT', ({ user_id }) => user_id === world.users.alice);
  });

  test('editing is the name of a field, nothing else', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = [await world.joined('alice', board), await world.joined('bob', board)];
    const task_id = await world.makeTask('a', { board });
    alice.send('FOCUS_TASK', { board_id: board.id, task_id, editing: 'your password?' });
    assert.equal((await alice.expect('ERROR')).code, 'invalid');
    alice.send('FOCUS_TASK', { board_id: board.id, task_id, editing: 'checklists' });
    assert.equal((await bob.expect('TASK_FOCUS')).editing, 'checklists');
    assert.equal(updates(bob, 'TASK_FOCUS').length, 1);
  });
});

describe('what bridges tell each other', () => {
  const channel = (board) => `collab:live:${board.id}`;
  const uuidBytes = (id) => Buffer.from(id.replaceAll('-', ''), 'hex');
  /** A message as a bridge would seal it. */
  function sealed(board, key, entries, { bridge = randomUUID(), at = Date.now(), counter = 1 } = {}) {
    const body = ` ${bridge} ${at} ${counter}\n${entries}`;
    return createHmac('sha256', key).update('collab:live:').update(uuidBytes(board.id)).update(body).digest('hex') + body;
  }

  test('a message without the seal changes nothing, and is counted', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await pair(board);
    const before = await metric(world, 'live_received_total{result="forged"}');
    const mallory = await world.connect();
    const forged = ['', 'nonsense', sealed(board, Buffer.alloc(32), `c ${world.users.bob} 1 1\n`), '{"x": 1}', 'x'.repeat(7999)];
    for (const payload of forged) await mallory.query('SELECT pg_notify($1, $2)', [channel(board), payload]);
    await mallory.end();
    await until(async () => await metric(world, 'live_received_total{result="forged"}') >= before + forged.length, 'all were refused');
    bob.send('CURSOR_MOVE', { board_id: board.id, x: 2, y: 2 });
    assert.equal((await alice.expect('CURSOR_UPDATE')).x, 2);
    assert.equal(updates(alice).length, 1);
  });

  test('a message heard before, or moved to another board, is refused', async () => {
    const [board, other] = [await world.makeBoard(), await world.makeBoard()];
    const [alice, bob] = await pair(board);
    const spy = await world.connect();
    const heard = [];
    spy.on('notification', ({ payload }) => heard.push(payload));
    await spy.query(`LISTEN "${channel(board)}"`);
    bob.send('CURSOR_MOVE', { board_id: board.id, x: 3, y: 3 });
    await alice.expect('CURSOR_UPDATE', ({ x }) => x === 3);
    bob.send('CURSOR_MOVE', { board_id: board.id, x: 4, y: 4 });
    await alice.expect('CURSOR_UPDATE', ({ x }) => x === 4);
    const message = await until(() => heard.find((payload) => payload.includes(`c ${world.users.bob} 3 3\n`)), 'the spy has it');
    assert.doesNotMatch(heard.join('\n'), /[Bb]ob/);
    const stale = await metric(world, 'live_received_total{result="stale"}');
    await spy.query('SELECT pg_notify($1, $2)', [channel(board), message]);
    await until(async () => await metric(world, 'live_received_total{result="stale"}') > stale, 'it was refused');
    const [carol] = [await world.joined('alice', other), await peer.joined('bob', other)];
    await until(async () => await metric(world, 'remote_users') === 2, 'the other board is shared, too');
    const forged = await metric(world, 'live_received_total{result="forged"}');
    await spy.query('SELECT pg_notify($1, $2)', [channel(other), message]);
    await until(async () => await metric(world, 'live_received_total{result="forged"}') > forged, 'it was refused there');
    await spy.end();
    await carol.settled();
    assert.deepEqual(updates(carol), []);
    assert.deepEqual(updates(alice).map(({ x }) => x), [3, 4]);
  });

  test('even a sealed one says nothing of who is not on the board, nor of long ago', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await pair(board);
    const { key } = await world.one('SELECT collab.live_key() AS key');
    const say = (entries, more) => world.sql.query('SELECT pg_notify($1, $2)', [channel(board), sealed(board, key, entries, more)]);
    await say(`c ${world.users.bob} 9 9\n`, { at: Date.now() - 61_000 });
    await say(`c ${world.users.mallory} 9 9\nc ${world.users.alice} 9 9\nf ${world.users.bob} ${randomUUID()} nonsense\n`);
    await say(`c ${world.users.bob} 7 7\n`);
    await alice.expect('CURSOR_UPDATE', ({ x }) => x === 7);
    assert.deepEqual(updates(alice).map(({ x }) => x), [7]);
    assert.deepEqual(updates(alice, 'TASK_FOCUS'), []);
    await bob.settled();
  });

  test('a new key is taken up', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await pair(board);
    bob.send('CURSOR_MOVE', { board_id: board.id, x: 1, y: 1 });
    await alice.expect('CURSOR_UPDATE');
    await world.sql.query('TRUNCATE collab.live_keys');
    await world.killBackends();
    let x = 1;
    await until(() => {
      bob.send('CURSOR_MOVE', { board_id: board.id, x: ++x, y: 1 });
      return updates(alice).length > 1;
    }, 'cursors cross again');
  });
});
