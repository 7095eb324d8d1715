// Long polling: events at once when there are some, otherwise when there are; presence, resuming, and every way a wait ends.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url, { config: { max_wait: '3s', poll_grace: '400ms' } }); });
after(() => world?.stop());

const bearer = (user) => ({ Authorization: `Bearer ${world.freshToken(user)}` });
const poll = (board, query, { user = 'bob', signal } = {}) => fetch(`${world.http}/api/boards/${board.id}/events?${new URLSearchParams(query)}`, { headers: bearer(user), signal });
const got = async (answer) => { assert.equal(answer.status, 200, await answer.clone().text()); return answer.json(); };
const head = async (board) => (await world.one('SELECT version::int, collab.event_mark(event_id, event_at) AS event FROM collab.aggregates WHERE id = $1', [board.id]));
/** Resolves when the request waits, or has been answered. */
const waits = (board, user = 'bob') => until(async () => world.log.some((line) => line.includes('connection_opened')) && (await world.one(
  `SELECT 1 AS one`)) && (await present(board)).includes(world.users[user]), 'present');
let watcher;
/** Who is on the board, as a state tells. */
async function present(board) {
  watcher ??= await world.client('dora');
  watcher.send('GET_BOARD', { board_id: board.id });
  return (await watcher.expect('BOARD_STATE', (payload) => payload.board.id === board.id)).active_users.map(({ user_id }) => user_id);
}
const change = (board, title = 'x') => world.makeTask(title, { board });

describe('at once', () => {
  test('what happened after the version, in the shape of BOARD_EVENTS', async () => {
    const board = await world.makeBoard(), { version } = await head(board);
    for (const title of ['a', 'b', 'c']) await change(board, title);
    const page = await got(await poll(board, { after: version, wait: 3 })), newest = await head(board);
    assert.deepEqual([page.board_id, page.from_version, page.to_version, page.event, page.has_more], [board.id, version, version + 3, newest.event, false]);
    assertConsecutive(page.events, version);
    const bob = await world.client('bob');
    bob.send('GET_EVENTS', { board_id: board.id, after_version: version });
    assert.deepEqual(page, await bob.expect('BOARD_EVENTS'));
    bob.cut();
  });

  test('page by page', async () => {
    const board = await world.makeBoard(), { version } = await head(board);
    for (let i = 0; i < 5; i++) await change(board);
    const events = [];
    for (let after = version, more = true; more;) {
      const page = await got(await poll(board, { after, limit: 2, wait: 3 }));
      assert.ok(page.events.length <= 2);
      events.push(...page.events);
      [after, more] = [page.to_version, page.has_more];
    }
    assertConsecutive(events, version);
    assert.equal(events.length, 5);
  });

  test('nothing, when it is not to wait', async () => {
    const board = await world.makeBoard(), { version, event } = await head(board);
    for (const query of [{ after: version }, { after: version, wait: 0 }])
      assert.deepEqual(await got(await poll(board, query)), { board_id: board.id, from_version: version, to_version: version, event, has_more: false, events: [] });
  });

  test('that the version is not of this history', async () => {
    const board = await world.makeBoard(), { version, event } = await head(board);
    for (const query of [{ after: version, since_event: '1-1' }, { after: version + 5 }, { after: version, since_event: 'x' }]) {
      const page = await got(await poll(board, { ...query, wait: 3 }));
      assert.deepEqual([page.reset, page.to_version, page.event, page.events], [true, version, event, []], JSON.stringify(query));
    }
  });

  test('refusals', async () => {
    const refusal = async (answer) => [answer.status, (await answer.json()).code];
    for (const query of [{}, { after: -1 }, { after: 'x' }, { after: 1, wait: -1 }, { after: 1, wait: '1.5' }, { after: 1, limit: 'x' }])
      assert.deepEqual(await refusal(await poll(world.board, query)), [400, 'invalid'], JSON.stringify(query));
    assert.deepEqual(await refusal(await poll(world.board, { after: 1, wait: 1 }, { user: 'mallory' })), [404, 'not_found']);
    for (const id of [randomUUID(), 'x', world.workspace]) assert.deepEqual(await refusal(await poll({ id }, { after: 1, wait: 1 })), [404, 'not_found'], id);
    assert.equal((await fetch(`${world.http}/api/boards/${world.board.id}/events?after=1`)).status, 401);
  });
});

describe('waiting', () => {
  test('ends with the event', async () => {
    const board = await world.makeBoard(), { version, event } = await head(board);
    const answer = poll(board, { after: version, since_event: event, wait: 3 });
    await waits(board);
    await change(board, 'awaited');
    const page = await got(await answer);
    assert.deepEqual([page.from_version, page.to_version, page.events[0].payload.task.title], [version, version + 1, 'awaited']);
  });

  test('ends with the time, cut to max_wait', async () => {
    const board = await world.makeBoard(), { version, event } = await head(board), start = Date.now();
    const page = await got(await poll(board, { after: version, wait: 1 }));
    assert.ok(Date.now() - start >= 950);
    assert.deepEqual([page.to_version, page.event, page.events], [version, event, []]);
    await got(await poll(board, { after: version, wait: 999 }));
    assert.ok(Date.now() - start < 8000);
  });

  test('one after the other nothing is missed, whatever happens in between', async () => {
    const board = await world.makeBoard(), { version } = await head(board), events = [];
    const writing = (async () => { for (let i = 0; i < 40; i++) await change(board, `n${i}`); })();
    for (let after = version; events.length < 40;) {
      const page = await got(await poll(board, { after, wait: 3 }));
      assert.equal(page.from_version, after);
      events.push(...page.events);
      after = page.to_version;
    }
    await writing;
    assertConsecutive(events, version);
    assert.equal(events.length, 40);
  });

  test('many at once on one board', async () => {
    const board = await world.makeBoard(), { version } = await head(board);
    const answers = Array.from({ length: 30 }, (_, i) => poll(board, { after: version, wait: 3 }, { user: ['alice', 'bob', 'carol'][i % 3] }));
    for (const user of ['alice', 'bob', 'carol']) await waits(board, user);
    await change(board);
    for (const answer of answers) assert.equal((await got(await answer)).events.length, 1);
  });

  test('counts as presence, and does not flicker between two requests', async () => {
    const board = await world.makeBoard(), alice = await world.joined('alice', board);
    for (let round = 0; round < 3; round++) {
      const { version } = await head(board), answer = poll(board, { after: version, wait: 3 });
      if (round === 0) assert.equal((await alice.expect('USER_JOINED')).user.user_id, world.users.bob);
      await change(board);
      await got(await answer);
    }
    assert.ok(!alice.everything.some(({ type }) => type === 'USER_LEFT'));
    assert.equal((await alice.expect('USER_LEFT')).user_id, world.users.bob);
    assert.equal(alice.everything.filter(({ type }) => type === 'USER_JOINED').length, 1);
  });

  test('ends with its client', async () => {
    const board = await world.makeBoard(), alice = await world.joined('alice', board), { version } = await head(board);
    const abort = new AbortController();
    poll(board, { after: version, wait: 3 }, { signal: abort.signal }).catch(() => {});
    await alice.expect('USER_JOINED');
    abort.abort();
    await alice.expect('USER_LEFT', undefined, 2500);
  });

  test('the next request on the same connection is answered behind it', async () => {
    const board = await world.makeBoard(), { version } = await head(board), authorization = `Host: x\r\nAuthorization: Bearer ${world.freshToken('bob')}\r\n`;
    const socket = connect(world.port, '127.0.0.1', () => socket.write(`GET /api/boards/${board.id}/events?after=${version}&wait=3 HTTP/1.1\r\n${authorization}\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => { text += part; });
    const ended = new Promise((done) => socket.on('close', done));
    await waits(board);
    assert.equal(text, '');
    await change(board);
    await ended;
    assert.match(text, /"events":\s*\[\{[^]*\r\n\r\nok\n$/);
  });

  test('ends when the board is lost', async () => {
    const board = await world.makeBoard(), { version } = await head(board);
    const answer = poll(board, { after: version, wait: 3 }, { user: 'carol' });
    await waits(board, 'carol');
    await world.sql.query('SELECT collab.remove_member($1, $2)', [world.workspace, world.users.carol]);
    await change(board, 'not for her');
    assert.equal((await answer).status, 404);
    await world.sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, world.users.carol, 'viewer']);
  });

  test('ends at shutdown, without a loss', async () => {
    const board = await world.makeBoard(), { version } = await head(board), start = Date.now();
    const answer = poll(board, { after: version, wait: 3 });
    await waits(board);
    watcher = undefined;
    assert.deepEqual(await world.stopBridge(), { code: 0, signal: null });
    const page = await got(await answer);
    assert.deepEqual([page.to_version, page.events], [version, []]);
    assert.ok(Date.now() - start < 2800);
    await world.startBridge();
  });
});
