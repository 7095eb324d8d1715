// The frames of RFC 6455 themselves: what a conforming client may send is understood however it is cut, what none may
// send ends the connection, and nobody else notices.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld } from './harness.mjs';
import { OPCODE, RawSocket } from './raw.mjs';

let world;
const open = new Set();
before(async () => { world = await startWorld(import.meta.url); });
after(async () => {
  for (const raw of open) raw.end();
  await (await world.client('alice')).settled();
  await world.stop();
});

async function connected(headers = []) {
  const raw = await RawSocket.open(world.port, `/ws?token=${world.freshToken('alice')}`, headers);
  open.add(raw);
  assert.ok(raw.isAccepted, raw.answer);
  await raw.expectMessage('WELCOME');
  return raw;
}

const HEARTBEAT = '{"type": "HEARTBEAT", "payload": {}}';
const padded = (length) => HEARTBEAT.padEnd(length);
const answers = (raw) => raw.expectMessage('HEARTBEAT_ACK');

test('headers that nobody knows, wherever they stand', async () => {
  for (const headers of [['X-A: b'], ['X-Forwarded: b'], ['Sec: b'], ['X-A: b', 'Cookie: c'], ['Cookie:'], [`X-Long: ${'x'.repeat(8000)}`]]) await connected(headers);
});

test('messages of every length of the head, whole and byte by byte', async () => {
  const raw = await connected();
  for (const length of [HEARTBEAT.length, 125, 126, 127, 128, 511, 512, 513, 65535, 65536, 1_000_000]) {
    raw.send(OPCODE.text, padded(length));
    await answers(raw);
  }
  for (const length of [HEARTBEAT.length, 125, 126, 600]) {
    await raw.writeSlowly(RawSocket.frame(OPCODE.text, padded(length)));
    await answers(raw);
  }
});

test('frames of the server are final, unmasked, and carry no reserved bit nobody agreed to', async () => {
  const raw = await connected();
  raw.send(OPCODE.text, JSON.stringify({ type: 'JOIN_BOARD', payload: { board_id: world.board.id } }));
  const { pieces } = await raw.expectMessage('BOARD_STATE');
  assert.deepEqual(pieces.map(({ isFinal, isMasked, isCompressed }) => ({ isFinal, isMasked, isCompressed })), [{ isFinal: true, isMasked: false, isCompressed: false }]);
});

test('several messages in one packet, and one packet that ends in the middle of a head', async () => {
  const raw = await connected();
  const three = Buffer.concat(Array.from({ length: 3 }, () => RawSocket.frame(OPCODE.text, HEARTBEAT)));
  raw.write(three.subarray(0, three.length - 40));
  await answers(raw);
  raw.write(three.subarray(three.length - 40));
  await answers(raw);
  await answers(raw);
});

test('fragments, empty ones too, with pings between them', async () => {
  const raw = await connected();
  raw.send(OPCODE.text, '', { isFinal: false });
  for (const character of HEARTBEAT) raw.send(OPCODE.continuation, character, { isFinal: false });
  raw.send(OPCODE.ping, 'between');
  raw.send(OPCODE.continuation, '', { isFinal: false });
  assert.equal((await raw.expectFrame(OPCODE.pong)).payload.toString(), 'between');
  raw.send(OPCODE.continuation, '');
  await answers(raw);
});

test('a character cut by fragments is whole again', async () => {
  const raw = await connected();
  const board = await world.makeBoard();
  const text = Buffer.from(JSON.stringify({ type: 'CREATE_TASK', payload: { board_id: board.id, list_id: board.lists['To do'], title: 'Größe: 1 €, 👍' } }));
  raw.send(OPCODE.text, text.subarray(0, 1), { isFinal: false });
  for (let at = 1; at < text.length - 1; at++) raw.send(OPCODE.continuation, text.subarray(at, at + 1), { isFinal: false });
  raw.send(OPCODE.continuation, text.subarray(-1));
  assert.equal((await raw.expectMessage('ACK')).payload.events[0].payload.task.title, 'Größe: 1 €, 👍');
});

test('pings are answered with what they carry, up to 125 bytes; pongs nobody asked for are welcome', async () => {
  const raw = await connected();
  for (const length of [0, 1, 125]) {
    const payload = Buffer.alloc(length, 0xfe);
    raw.send(OPCODE.ping, payload);
    assert.deepEqual((await raw.expectFrame(OPCODE.pong)).payload, payload);
  }
  raw.send(OPCODE.pong, 'unasked');
  raw.send(OPCODE.pong);
  raw.send(OPCODE.text, HEARTBEAT);
  await answers(raw);
});

test('a ping while 2 MB are being sent is answered without breaking the frame', async () => {
  const board = await world.makeBoard();
  await world.sql.query(`SELECT collab.create_task($1, $2, 'Task ' || i, repeat('x', 4000)) FROM generate_series(1, 600) i`, [board.id, board.lists['To do']]);
  const raw = await connected();
  raw.socket.pause(); // the state stays half sent
  raw.send(OPCODE.text, JSON.stringify({ type: 'JOIN_BOARD', payload: { board_id: board.id } }));
  const other = await world.client('bob');
  await other.join(board.id); // by now the first one's state is on its way
  for (let i = 0; i < 5; i++) {
    raw.send(OPCODE.ping, `ping ${i}`);
    await other.settled();
  }
  raw.socket.resume();
  const state = await raw.expectMessage('BOARD_STATE');
  assert.ok(state.size > 2_000_000, `${state.size}`);
  assert.equal(state.payload.board.lists[0].tasks.length, 600);
  // of several pings only the newest must be answered
  const pong = state.between.find(({ opcode }) => opcode === OPCODE.pong) ?? await raw.expectFrame(OPCODE.pong);
  assert.match(pong.payload.toString(), /^ping \d$/);
  raw.send(OPCODE.text, HEARTBEAT);
  await answers(raw);
  other.cut();
});

const broken = {
  'a reserved bit that was not agreed to': (raw) => raw.send(OPCODE.text, HEARTBEAT, { rsv: 0x40 }),
  'the second reserved bit': (raw) => raw.send(OPCODE.text, HEARTBEAT, { rsv: 0x20 }),
  'the third reserved bit on a ping': (raw) => raw.send(OPCODE.ping, '', { rsv: 0x10 }),
  'opcode 3': (raw) => raw.send(3, HEARTBEAT),
  'opcode 7 in pieces': (raw) => raw.send(7, HEARTBEAT, { isFinal: false }),
  'opcode 11': (raw) => raw.send(11),
  'opcode 15': (raw) => raw.send(15, 'x'),
  'a ping in fragments': (raw) => raw.send(OPCODE.ping, 'x', { isFinal: false }),
  'a ping of 126 bytes': (raw) => raw.send(OPCODE.ping, 'x'.repeat(126)),
  'a close of 126 bytes': (raw) => raw.send(OPCODE.close, Buffer.concat([Buffer.from([3, 232]), Buffer.alloc(124, 'x')])),
  'a continuation of nothing': (raw) => raw.send(OPCODE.continuation, HEARTBEAT),
  'a continuation after a whole message': (raw) => { raw.send(OPCODE.text, HEARTBEAT); raw.send(OPCODE.continuation, 'x'); },
  'a new message inside one': (raw) => { raw.send(OPCODE.text, '{', { isFinal: false }); raw.send(OPCODE.text, HEARTBEAT); },
  'a length of 64 bits with the highest set': (raw) => raw.write(Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])),
};
for (const [what, send] of Object.entries(broken)) {
  test(`${what} ends the connection`, async () => {
    const raw = await connected();
    send(raw);
    assert.ok([1002, 1006].includes(await raw.closeCode()));
    raw.end();
  });
}

test('text that is not UTF-8 ends the connection with 1007, binary messages with 1003', async () => {
  const cases = [[0xc3, 0x28], [0xa0], [0xe2, 0x82], [0xf0, 0x90, 0x28, 0xbc], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0xff]];
  for (const bytes of cases) {
    const raw = await connected();
    raw.send(OPCODE.text, Buffer.concat([Buffer.from('{"type": "HEARTBEAT", "x": "'), Buffer.from(bytes), Buffer.from('"}')]));
    assert.equal(await raw.closeCode(), 1007, Buffer.from(bytes).toString('hex'));
    raw.end();
  }
  const raw = await connected();
  raw.send(OPCODE.binary, HEARTBEAT);
  assert.equal(await raw.closeCode(), 1003);
});

test('a close is answered: with its code, or with 1002 when there is no such code', async () => {
  for (const [code, answer] of [[1000, 1000], [1001, 1001], [1011, 1011], [3000, 3000], [4999, 4999], [0, 1002], [999, 1002], [1004, 1002], [1005, 1002], [1006, 1002], [1016, 1002], [2999, 1002]]) {
    const raw = await connected();
    raw.send(OPCODE.close, Buffer.from([code >> 8, code & 255]));
    assert.equal(await raw.closeCode(), answer, `${code}`);
    await raw.closed;
  }
  const raw = await connected();
  raw.send(OPCODE.close);
  assert.ok([1000, 1005].includes(await raw.closeCode()));
});

test('what comes behind a close is not read any more', async () => {
  const before = await world.eventCount();
  const raw = await connected();
  raw.write(Buffer.concat([RawSocket.frame(OPCODE.close, Buffer.from([3, 232])),
    RawSocket.frame(OPCODE.text, JSON.stringify({ type: 'CREATE_TASK', payload: { board_id: world.board.id, title: 'too late' } }))]));
  assert.equal(await raw.closeCode(), 1000);
  await raw.closed;
  await (await world.client('alice')).settled();
  assert.equal(await world.eventCount(), before);
});

test('upgrades that are none', async () => {
  const answerTo = async (lines) => {
    const { connect } = await import('node:net');
    return new Promise((done) => {
      const socket = connect(world.port, '127.0.0.1', () => socket.write([...lines, '', ''].join('\r\n')));
      let answer = '';
      socket.on('data', (bytes) => { answer += bytes; socket.destroy(); });
      socket.on('error', () => {});
      socket.on('close', () => done(answer.split('\r\n')[0]));
    });
  };
  const head = ['GET /ws HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'];
  assert.doesNotMatch(await answerTo([...head, 'Sec-WebSocket-Version: 13']), / 101 /); // no key
  assert.doesNotMatch(await answerTo([...head, 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 7']), / 101 /);
  assert.doesNotMatch(await answerTo(['POST /ws HTTP/1.1', ...head.slice(1), 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13', 'Content-Length: 0']), / 101 /);
});
