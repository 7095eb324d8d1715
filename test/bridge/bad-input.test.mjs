// Whatever comes in: the code of the protocol, the connection kept or closed as it says, nothing changed in the database.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { randomBytes, randomUUID } from 'node:crypto';
import { startWorld } from './harness.mjs';

let world, task_id, foreign;
before(async () => {
  world = await startWorld(import.meta.url, { config: { max_message: '64kB' } });
  task_id = await world.makeTask('target');
  // a board of a workspace that bob is not in
  const workspace = (await world.one(`SELECT collab.create_workspace('Other') AS ack`)).ack.result.workspace_id;
  const id = (await world.one(`SELECT collab.create_board($1, 'Hidden') AS ack`, [workspace])).ack.result.board_id;
  const list = (await world.one('SELECT id FROM collab.lists WHERE board_id = $1 LIMIT 1', [id])).id;
  foreign = { id, list, workspace, task: (await world.one(`SELECT collab.create_task($1, $2, 'secret') AS ack`, [id, list])).ack.result.task_id };
});
after(() => world.stop());
afterEach(() => world.closeClients());

// Nothing may have been written by what happened in between.
async function unchanged(work) {
  const before = await world.eventCount();
  await work();
  assert.equal(await world.eventCount(), before);
}

describe('not JSON: bad_message, the connection stays', () => {
  const texts = {
    'nothing': '', 'words': 'hello', 'cut off': '{"type": "HEARTBEAT"', 'single quotes': "{'type': 'HEARTBEAT'}", 'a comment': '{"type": "HEARTBEAT" /* */}',
    'a trailing comma': '{"type": "HEARTBEAT",}', 'two documents': '{"type": "HEARTBEAT"} {}', 'NaN': '{"type": "HEARTBEAT", "payload": {"x": NaN}}',
    'Infinity': '{"type": "HEARTBEAT", "payload": {"x": -Infinity}}', 'a raw newline in a string': '{"type": "HEART\nBEAT"}',
    'an escaped NUL': '{"type": "CREATE_TASK", "payload": {"title": "a\\u0000b"}}', 'a lone surrogate': '{"type": "CREATE_TASK", "payload": {"title": "\\ud83d"}}',
    'surrogates the wrong way round': '{"type": "CREATE_TASK", "payload": {"title": "\\ude00\\ud83d"}}', 'a number of 33 digits': `{"type": "HEARTBEAT", "payload": {"x": ${'9'.repeat(33)}}}`,
    'a huge exponent': '{"type": "HEARTBEAT", "payload": {"x": 1e131000}}', 'a leading zero': '{"type": "HEARTBEAT", "payload": {"x": 01}}',
    'depth 33': `{"type": "HEARTBEAT", "payload": ${'['.repeat(32)}${']'.repeat(32)}}`, 'a byte order mark': '\ufeff{"type": "HEARTBEAT"}',
  };
  for (const [what, text] of Object.entries(texts)) {
    test(what, () => unchanged(async () => {
      const client = await world.client('bob');
      client.sendText(text);
      assert.equal((await client.expect('ERROR')).code, 'bad_message');
      await client.settled();
    }));
  }

  test('three in a row close 1008; a good one in between begins anew', async () => {
    const client = await world.client('bob');
    for (const text of ['{', '{']) client.sendText(text);
    await client.settled();
    for (const text of ['{', '{', '{']) client.sendText(text);
    assert.equal((await client.closed).code, 1008);
    assert.deepEqual(client.everything.filter(({ type }) => type === 'ERROR').map(({ payload }) => payload.code), Array(5).fill('bad_message'));
  });

  test('a message that is not UTF-8 does not get through', () => unchanged(async () => {
    const client = await world.client('bob');
    client.socket.send(Buffer.from('{"type": "CREATE_TASK", "payload": {"title": "\xff\xfe"}}', 'latin1'), { binary: false });
    const first = await Promise.race([client.expect('ERROR').then(({ code }) => code), client.closed.then(({ code }) => code)]);
    assert.ok(['bad_message', 1007, 1008].includes(first), String(first));
  }));
});

describe('JSON, but no message', () => {
  for (const [text, code] of [['[]', 'bad_message'], ['"HEARTBEAT"', 'bad_message'], ['null', 'bad_message'], ['7', 'bad_message'], ['{}', 'invalid'], ['{"type": 7}', 'invalid'],
    ['{"type": "HEARTBEAT", "payload": []}', 'invalid'], ['{"type": "HEARTBEAT", "id": "x", "payload": {}}', 'invalid'],
    ['{"type": "NO_SUCH_THING", "payload": {}}', 'unknown_type'], ['{"type": "heartbeat"}', 'unknown_type'], ['{"type": "TASK_CREATED", "payload": {}}', 'unknown_type'],
    ['{"type": ""}', 'unknown_type']]) {
    test(`${text}: ${code}`, () => unchanged(async () => {
      const client = await world.client('bob');
      client.sendText(text);
      assert.equal((await client.expect('ERROR')).code, code);
      await client.settled();
    }));
  }

  test('unknown fields are ignored', async () => {
    const client = await world.client('bob');
    client.sendText('{"type": "HEARTBEAT", "payload": {"mood": "good"}, "extra": [1, 2]}');
    await client.expect('HEARTBEAT_ACK');
  });
});

describe('fields', () => {
  const list = () => world.board.lists['To do'];
  const invalid = {
    board_id: [['CREATE_LIST', () => ({ name: 'x' })], ['CREATE_TASK', () => ({ board_id: 'x', list_id: list(), title: 'x' })],
      ['JOIN_BOARD', () => ({})], ['JOIN_BOARD', () => ({ board_id: 7 })], ['GET_BOARD', () => ({ board_id: '' })]],
    list_id: [['MOVE_LIST', () => ({ new_position: 0 })], ['CREATE_TASK', () => ({ board_id: world.board.id, list_id: 4, title: 'x' })]],
    title: [['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list() })], ['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: '' })],
      ['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: {} })]],
    position: [['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: 'x', position: -1 })],
      ['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: 'x', position: 1.5 })]],
    priority: [['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: 'x', priority: 'extreme' })]],
    due_date: [['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: 'x', due_date: 'tomorrow' })]],
    assignees: [['CREATE_TASK', () => ({ board_id: world.board.id, list_id: list(), title: 'x', assignees: 'bob' })]],
    updates: [['UPDATE_TASK', () => ({ task_id })], ['UPDATE_TASK', () => ({ task_id, updates: 'x' })]],
    new_position: [['MOVE_TASK', () => ({ task_id, to_list_id: list(), new_position: -1 })], ['MOVE_LIST', () => ({ list_id: list(), new_position: 'first' })]],
    to_list_id: [['MOVE_TASK', () => ({ task_id, new_position: 0 })]],
    version: [['MOVE_TASK', () => ({ task_id, to_list_id: list(), new_position: 0, version: 'x' })],
      ['UPDATE_TASK', () => ({ task_id, updates: { title: 'x' }, version: -1 })]],
    name: [['CREATE_LIST', () => ({ board_id: world.board.id })], ['CREATE_WORKSPACE', () => ({ name: null })]],
    role: [['ADD_MEMBER', () => ({ workspace_id: world.workspace, user_id: world.users.bob, role: 'king' })]],
    x: [['CURSOR_MOVE', () => ({ board_id: world.board.id, y: 1 })], ['CURSOR_MOVE', () => ({ board_id: world.board.id, x: 'left', y: 1 })]],
  };
  for (const [field, attempts] of Object.entries(invalid)) {
    test(`${field}: missing or wrong, invalid names it`, () => unchanged(async () => {
      const client = await world.client('alice');
      for (const [type, payload] of attempts) {
        client.send(type, payload(), randomUUID());
        const refusal = await client.expect('ERROR');
        assert.equal(refusal.code, 'invalid', `${type} ${JSON.stringify(payload())}`);
        assert.ok(refusal.message.includes(field), refusal.message);
        assert.equal(refusal.command, type);
      }
      await client.settled();
    }));
  }
});

describe('things that are not there, or not yours', () => {
  const attempts = {
    'an unknown task': () => ['UPDATE_TASK', { task_id: randomUUID(), updates: { title: 'x' } }],
    'an unknown task, routed by board': () => ['DELETE_TASK', { board_id: world.board.id, task_id: randomUUID() }],
    'an unknown board': () => ['CREATE_LIST', { board_id: randomUUID(), name: 'x' }],
    'an unknown list': () => ['CREATE_TASK', { board_id: world.board.id, list_id: randomUUID(), title: 'x' }],
    'a foreign board': () => ['CREATE_LIST', { board_id: foreign.id, name: 'x' }],
    'a foreign task': () => ['UPDATE_TASK', { task_id: foreign.task, updates: { title: 'x' } }],
    'a foreign task, called one’s own board’s': () => ['UPDATE_TASK', { board_id: world.board.id, task_id: foreign.task, updates: { title: 'x' } }],
    'a move to a foreign list': () => ['MOVE_TASK', { board_id: world.board.id, task_id, to_list_id: foreign.list, new_position: 0 }],
    'a foreign workspace': () => ['CREATE_BOARD', { workspace_id: foreign.workspace, name: 'x' }],
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    test(`${what}: not_found, the connection stays`, () => unchanged(async () => {
      const client = await world.client('bob');
      const refusal = await client.refused(...attempt());
      assert.equal(refusal.code, 'not_found');
      await client.settled();
    }));
  }

  test('what is hidden and what does not exist get the same words', async () => {
    const client = await world.client('bob');
    const words = async (board_id) => (await client.refused('CREATE_LIST', { board_id, name: 'x' })).message.replaceAll(board_id, '…');
    assert.equal(await words(foreign.id), await words(randomUUID()));
  });
});

describe('sizes', () => {
  test('a message over the limit closes 1009', () => unchanged(async () => {
    const client = await world.client('bob');
    client.send('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x', description: 'y'.repeat(70_000) });
    assert.equal((await client.closed).code, 1009);
  }));

  test('the same in fragments', () => unchanged(async () => {
    const client = await world.client('bob');
    for (let i = 0; i < 8; i++) client.socket.send('x'.repeat(10_000), { fin: false });
    assert.equal((await client.closed).code, 1009);
  }));

  test('a message in fragments below the limit is one message', async () => {
    const client = await world.client('bob');
    const text = JSON.stringify({ type: 'HEARTBEAT', payload: { pad: 'x'.repeat(40_000) } });
    for (let at = 0; at < text.length; at += 5000) client.socket.send(text.slice(at, at + 5000), { fin: at + 5000 >= text.length });
    await client.expect('HEARTBEAT_ACK');
  });

  test('a title that is too long is invalid', () => unchanged(async () => {
    const client = await world.client('bob');
    const refusal = await client.refused('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x'.repeat(20_000) });
    assert.ok(['invalid', 'limit'].includes(refusal.code), refusal.code);
  }));
});

describe('text is only text', () => {
  test('quotes, markup, shell words and every plane of Unicode come back as they went in', async () => {
    const title = `'; DROP TABLE collab.events; -- <img src=x onerror=alert(1)> $(reboot) \\ " % \u202e 😀 é`;
    const board = await world.makeBoard(), bob = await world.joined('bob', board), alice = await world.client('alice');
    await alice.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title });
    assert.equal((await bob.expect('TASK_CREATED')).task.title, title);
    assert.equal((await bob.join(board.id)).board.lists[0].tasks[0].title, title);
  });
});

describe('below the messages', () => {
  // A connection that speaks what it likes; resolves when the other side has hung up or answered.
  const raw = (bytes) => new Promise((done) => {
    const socket = connect(world.port, '127.0.0.1', () => socket.write(bytes));
    let got = '';
    socket.on('data', (part) => { got += part.toString('latin1'); if (got.includes('\r\n\r\n')) socket.end(); });
    socket.on('close', () => done(got)).on('error', () => {});
  });

  for (const [what, bytes] of Object.entries({
    'random bytes': randomBytes(2000), 'a bad request line': 'GET\r\n\r\n', 'a header without end': `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`,
    'an upgrade without a key': 'GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n' })) {
    test(`${what}: refused, and the bridge lives`, async () => {
      const answer = await raw(bytes);
      assert.ok(!/^HTTP\/1\.[01] (101|200)/.test(answer), answer.slice(0, 100));
      await (await world.client('alice')).settled();
    });
  }

  for (const [what, frame] of Object.entries({
    'a frame of a reserved kind': [0x83, 0x80, 0, 0, 0, 0], 'a fragmented ping': [0x09, 0x80, 0, 0, 0, 0], 'a ping of 126 bytes': [0x89, 0xfe, 0, 126, 0, 0, 0, 0],
    'a continuation of nothing': [0x80, 0x80, 0, 0, 0, 0], 'a length of 2^63': [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] })) {
    test(`${what} closes the connection, and the bridge lives`, async () => {
      const client = await world.client('bob');
      client.socket.on('error', () => {});
      client.socket._socket.write(Buffer.from(frame));
      await Promise.race([client.closed, client.expect('NOTHING', undefined, 3000)]).catch(() => assert.ok(client.isClosed, 'still open'));
      await (await world.client('alice')).settled();
    });
  }
});
