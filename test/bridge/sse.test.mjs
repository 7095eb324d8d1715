// Server-Sent Events: the same events in the same order as on a WebSocket, resuming, presence, and every way a stream ends.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: { slow_timeout: '1s', session_queue: '64kB', ping_interval: '200ms', idle_timeout: '2s' } });
});
after(() => world?.stop());

/** A stream, its records in `records`: { id, retry, type, payload }. */
class Stream {
  records = [];
  comments = 0;
  constructor(path, headers) {
    this.abort = new AbortController();
    this.opened = fetch(`${world.http}${path}`, { headers, signal: this.abort.signal });
    this.ended = this.#read().catch((error) => error);
  }
  async #read() {
    const answer = await this.opened;
    let text = '';
    for await (const bytes of answer.body.pipeThrough(new TextDecoderStream())) {
      text += bytes;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) this.#take(text.slice(0, end));
    }
    this.isOver = true;
  }
  #take(block) {
    const fields = block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]);
    const value = (name) => fields.find(([got]) => got === name)?.[1];
    if (value('data') === undefined) { this.comments++; return; }
    const { type, payload } = JSON.parse(value('data'));
    this.records.push({ id: value('id'), retry: value('retry'), type, payload });
  }
  find(type, matches = () => true) {
    return until(() => this.records.find((record) => record.type === type && matches(record.payload)), `${type}; there are ${this.records.map((record) => record.type)}`);
  }
  /** Board events, those inside BOARD_EVENTS at its place. */
  events() {
    return this.records.flatMap(({ type, payload }) => (type === 'BOARD_EVENTS' ? payload.events : payload?.version && payload.timestamp ? [{ type, payload }] : []));
  }
  // not waited for: Node 18 leaves the body of an aborted request pending when much of it is unread
  async close() { this.abort.abort(); }
}
const bearer = (user) => ({ Authorization: `Bearer ${world.freshToken(user)}` });
const open = (user, board, { query = '', headers = {} } = {}) => new Stream(`/sse/boards/${board.id}${query}`, { ...bearer(user), ...headers });
const change = (board, title) => world.makeTask(title, { board });

describe('a stream', () => {
  test('begins with the state, then the events as a WebSocket gets them', async () => {
    const board = await world.makeBoard(), alice = await world.joined('alice', board);
    const stream = open('bob', board), answer = await stream.opened;
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    assert.match(answer.headers.get('cache-control'), /no-store/);
    assert.equal(answer.headers.get('content-encoding'), null);
    const state = await stream.find('BOARD_STATE');
    assert.equal(stream.records.find(({ type }) => type !== 'NOTIFICATION'), state);
    assert.equal(state.id, `${state.payload.version}:${state.payload.event}`);
    for (let i = 0; i < 5; i++) await change(board, `Number ${i}: "data"`);
    await until(() => stream.events().length >= 5 && alice.events(board.id).length >= 5, 'five events');
    assert.deepEqual(stream.events(), alice.events(board.id));
    assertConsecutive(stream.events(), state.payload.version);
    const last = stream.records.at(-1);
    assert.equal(last.id, `${last.payload.version}:${last.payload.event}`);
    await stream.close();
  });

  test('counts as presence, and leaves with its client', async () => {
    const board = await world.makeBoard(), alice = await world.joined('alice', board);
    const stream = open('bob', board);
    await stream.find('BOARD_STATE', ({ active_users }) => active_users.some(({ user_id }) => user_id === world.users.bob));
    assert.equal((await alice.expect('USER_JOINED')).user.user_id, world.users.bob);
    await stream.close();
    assert.equal((await alice.expect('USER_LEFT')).user_id, world.users.bob);
  });

  test('is noticed to be gone with another request behind it unread', async () => {
    const board = await world.makeBoard(), alice = await world.joined('alice', board);
    const socket = connect(world.port, '127.0.0.1', () => socket.write(
      `GET /sse/boards/${board.id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.freshToken('bob')}\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`));
    await alice.expect('USER_JOINED');
    socket.destroy();
    assert.equal((await alice.expect('USER_LEFT')).user_id, world.users.bob);
  });

  test('keeps itself alive with comments', async () => {
    const stream = open('bob', world.board);
    await until(() => stream.comments >= 12, 'longer than idle_timeout');
    assert.ok(!stream.isOver);
    await stream.close();
  });

  test('with cards only', async () => {
    const board = await world.makeBoard();
    await change(board, 'one');
    for (const [detail, has] of [['full', true], ['cards', false]]) {
      const stream = open('bob', board, { query: `?detail=${detail}` });
      const [task] = (await stream.find('BOARD_STATE')).payload.board.lists.flatMap((list) => list.tasks);
      assert.equal('description' in task, has, detail);
      await stream.close();
    }
  });

  test('a HEAD, another method', async () => {
    const path = `${world.http}/sse/boards/${world.board.id}`;
    const head = await fetch(path, { method: 'HEAD', headers: bearer('bob') });
    assert.equal(head.status, 200);
    assert.match(head.headers.get('content-type'), /event-stream/);
    assert.equal((await fetch(path, { method: 'POST', headers: bearer('bob') })).status, 405);
  });

  test('a token in the address', async () => {
    const stream = new Stream(`/sse/boards/${world.board.id}?token=${world.freshToken('bob')}`, {});
    await stream.find('BOARD_STATE');
    await stream.close();
    assert.ok(!world.log.some((line) => line.includes(world.freshToken('bob'))));
  });
});

describe('resuming', () => {
  const missed = async () => {
    const board = await world.makeBoard(), stream = open('bob', board);
    await stream.find('BOARD_STATE');
    await change(board, 'seen');
    const { id, payload } = await stream.find('TASK_CREATED');
    await stream.close();
    for (let i = 0; i < 3; i++) await change(board, `missed ${i}`);
    return { board, id, version: payload.version, event: payload.event };
  };

  test('after Last-Event-ID', async () => {
    const { board, id, version } = await missed();
    const stream = open('bob', board, { headers: { 'Last-Event-ID': id } });
    const page = await stream.find('BOARD_EVENTS');
    assert.equal(stream.records.find(({ type }) => type !== 'NOTIFICATION'), page);
    assert.deepEqual([page.payload.from_version, page.payload.has_more], [version, false]);
    await change(board, 'live');
    await until(() => stream.events().length === 4, 'all four');
    assertConsecutive(stream.events(), version);
    await stream.close();
  });

  test('after a version in the address', async () => {
    const { board, version, event } = await missed();
    const stream = open('bob', board, { query: `?since=${version}&since_event=${encodeURIComponent(event)}` });
    assert.equal((await stream.find('BOARD_EVENTS')).payload.events.length, 3);
    await stream.close();
  });

  test('an event that is not there: the state, with reset', async () => {
    const { board, version } = await missed();
    for (const id of [`${version}:0-0`, `999999:x`]) {
      const stream = open('bob', board, { headers: { 'Last-Event-ID': id } });
      assert.equal((await stream.find('BOARD_STATE')).payload.reset, true, id);
      await stream.close();
    }
  });

  test('an id that is none: the state', async () => {
    for (const id of ['', 'x', ':', '-1:x', '1', '1x:y']) {
      const stream = open('bob', world.board, { headers: { 'Last-Event-ID': id } });
      await stream.find('BOARD_STATE');
      await stream.close();
    }
  });
});

describe('refusals are statuses', () => {
  const status = async (path, headers) => {
    const answer = await fetch(`${world.http}${path}`, { headers });
    if (answer.status !== 200) assert.match(answer.headers.get('content-type'), /problem\+json/);
    const code = (await answer.json()).code;
    return [answer.status, code];
  };

  test('no token, a bad one, an old one in the address', async () => {
    const path = `/sse/boards/${world.board.id}`, now = Math.floor(Date.now() / 1000);
    assert.deepEqual(await status(path), [401, 'unauthenticated']);
    assert.deepEqual(await status(path, { Authorization: 'Bearer x' }), [401, 'unauthenticated']);
    assert.deepEqual(await status(`${path}?token=${world.forge({ claims: { iat: now - 1000, exp: now + 1000 } })}`), [401, 'unauthenticated']);
  });

  test('a board that is not there, not mine, or no board', async () => {
    assert.deepEqual(await status(`/sse/boards/${world.board.id}`, bearer('mallory')), [404, 'not_found']);
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '']) assert.equal((await status(`/sse/boards/${id}`, bearer('alice')))[0], 404, id);
  });

  test('a version or a detail that is none', async () => {
    for (const query of ['since=-1', 'since=x', 'since=1.5', 'since=', 'detail=all']) assert.deepEqual(await status(`/sse/boards/${world.board.id}?${query}`, bearer('bob')), [400, 'invalid'], query);
  });
});

describe('a stream ends', () => {
  test('when its reader is no longer a member', async () => {
    const board = await world.makeBoard(), stream = open('carol', board);
    await stream.find('BOARD_STATE');
    await world.sql.query('SELECT collab.remove_member($1, $2)', [world.workspace, world.users.carol]);
    await change(board, 'not for her');
    await stream.ended;
    assert.ok(!stream.records.some(({ payload }) => payload.task?.title === 'not for her'));
    await world.sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, world.users.carol, 'viewer']);
  });

  test('when its token expires, and says so', async () => {
    const now = Math.floor(Date.now() / 1000);
    const stream = new Stream(`/sse/boards/${world.board.id}`, { Authorization: `Bearer ${world.forge({ claims: { sub: 'bob', exp: now + 2 } })}` });
    await stream.find('BOARD_STATE');
    await stream.ended;
    const last = stream.records.at(-1);
    assert.deepEqual([last.type, last.payload.code], ['ERROR', 'unauthenticated']);
  });

  test('when its reader does not read; the others are not held up', async () => {
    const board = await world.makeBoard(), task_id = await change(board, 'large'), other = open('alice', board);
    const socket = connect(world.port, '127.0.0.1', () => socket.write(
      `GET /sse/boards/${board.id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.freshToken('bob')}\r\n\r\n`));
    socket.on('error', () => {});
    await other.find('BOARD_STATE');
    await until(async () => (await world.one('SELECT 1 AS one')) && world.log.some((line) => line.includes('http_request') && line.includes(board.id)), 'it is asked');
    socket.pause();
    const closed = () => world.log.some((line) => line.includes('"code":4009'));
    for (let i = 0; i < 400 && !closed(); i++)
      await world.sql.query('SELECT collab.update_task($1, $2)', [task_id, JSON.stringify({ description: `${i} ${'x'.repeat(60_000)}` })]);
    await until(closed, 'it is closed as too slow');
    const head = (await world.boardEvents(board.id)).at(-1).version;
    await until(() => other.events().at(-1)?.payload.version === head, 'the other one has everything');
    assertConsecutive(other.events(), other.records.find(({ type }) => type === 'BOARD_STATE').payload.version);
    await other.close();
    socket.destroy();
  });

  test('a reader that is slow for a moment misses nothing', async () => {
    const board = await world.makeBoard(), task_id = await change(board, 'large');
    const socket = connect(world.port, '127.0.0.1', () => socket.write(
      `GET /sse/boards/${board.id} HTTP/1.0\r\nAuthorization: Bearer ${world.freshToken('bob')}\r\n\r\n`));
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', () => {});
    await until(() => text.includes('BOARD_STATE'), 'the state');
    socket.pause();
    for (let i = 0; i < 60; i++) await world.sql.query('SELECT collab.update_task($1, $2)', [task_id, JSON.stringify({ description: `${i} ${'y'.repeat(14_000)}` })]);
    socket.resume();
    const versions = () => [...text.matchAll(/^id: (\d+):/gm)].map(([, version]) => Number(version));
    const head = (await world.boardEvents(board.id)).at(-1).version;
    await until(() => versions().at(-1) === head, 'the newest');
    const got = text.slice(text.indexOf('\r\n\r\n') + 4).split('\n\n').filter((block) => block.includes('data: ')).map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 6)))
      .flatMap(({ type, payload }) => (type === 'BOARD_EVENTS' ? payload.events : payload.timestamp ? [{ payload }] : []));
    assertConsecutive(got, versions()[0]);
    assert.equal(got.length, 60);
    socket.destroy();
  });

  test('at shutdown, with a pause before the next attempt', async () => {
    const stream = open('bob', world.board);
    await stream.find('BOARD_STATE');
    const start = Date.now();
    assert.deepEqual(await world.stopBridge(), { code: 0, signal: null });
    assert.ok(Date.now() - start < 5000, 'the stream does not hold the shutdown up');
    await stream.ended;
    const last = stream.records.at(-1);
    assert.equal(last.type, 'SERVER_SHUTDOWN');
    assert.equal(last.retry, last.payload.reconnect_after_ms > 0 ? String(last.payload.reconnect_after_ms) : undefined);
    await world.startBridge();
  });
});
