// permessage-deflate: negotiated by libwebsockets, carried out by the bridge.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import WebSocket from 'ws';
import { startWorld } from './harness.mjs';
import { OPCODE, RawSocket, compress } from './raw.mjs';

const TAKEN = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
let world;
const open = new Set();
before(async () => { world = await startWorld(import.meta.url); });
after(async () => {
  for (const raw of open) raw.end();
  await (await world.client('alice')).settled();
  await world.stop();
});

async function connected(offer = 'permessage-deflate; client_max_window_bits', path = '/ws') {
  const raw = await RawSocket.open(world.port, `${path}?token=${world.freshToken('alice')}`, offer ? [`Sec-WebSocket-Extensions: ${offer}`] : []);
  open.add(raw);
  assert.ok(raw.isAccepted, raw.answer);
  await raw.expectMessage('WELCOME');
  return raw;
}
const extensions = (raw) => raw.answer.match(/^sec-websocket-extensions: (.*)$/im)?.[1];

test('what can be taken is taken with one answer, what cannot gets none', async () => {
  for (const offer of ['permessage-deflate', 'permessage-deflate; client_max_window_bits', 'x-unknown, permessage-deflate; server_no_context_takeover',
    'permessage-deflate; server_max_window_bits=9, permessage-deflate; server_max_window_bits=15']) assert.equal(extensions(await connected(offer)), TAKEN, offer);
  for (const offer of [null, 'x-unknown', 'permessage-deflate; server_max_window_bits=9', 'permessage-deflate; nonsense'])
    assert.equal(extensions(await connected(offer)), undefined, offer);
});

test("the library's own implementation is not in the program", () => {
  const program = readlinkSync(`/proc/${world.bridge.pid}/exe`);
  assert.doesNotMatch(execFileSync('nm', ['-D', program], { encoding: 'utf8' }), /pm_deflate/);
});

test('text of many alphabets, both ways, to those who compress and those who do not', async () => {
  const board = await world.makeBoard();
  const url = `${world.ws}/ws?token=${world.freshToken('alice')}`;
  const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
  const messages = [];
  socket.on('message', (bytes) => messages.push(JSON.parse(bytes)));
  await new Promise((done) => socket.on('open', done));
  assert.match(socket.extensions, /permessage-deflate/);
  const plain = await world.joined('carol', board);
  const { until } = await import('./harness.mjs');
  socket.send(JSON.stringify({ type: 'JOIN_BOARD', payload: { board_id: board.id } }));
  await until(() => messages.some(({ type }) => type === 'BOARD_STATE'), 'the state');
  const titles = ['Größe in Ångström', 'Ελληνικά', 'русский текст', '日本語の課題', 'עברית', '👩‍👩‍👧‍👦 👍🏽', 'a'.repeat(200), ''.padEnd(400, 'éß€')];
  for (const title of titles) {
    const id = randomUUID();
    socket.send(JSON.stringify({ type: 'CREATE_TASK', id, payload: { board_id: board.id, list_id: board.lists['To do'], title, description: title.repeat(20) } }));
    const ack = await until(() => messages.find(({ payload }) => payload.command_id === id), 'the ACK');
    assert.equal(ack.type, 'ACK', JSON.stringify(ack.payload));
    assert.equal(ack.payload.events[0].payload.task.description, title.repeat(20));
    assert.equal((await plain.expect('TASK_CREATED')).task.title, title);
  }
  await plain.send('HEARTBEAT');
  // from one who does not compress to one who does
  await world.makeTask('von SQL: Größe '.repeat(20), { board });
  await until(() => messages.some(({ type, payload }) => type === 'TASK_CREATED' && payload.task.title.startsWith('von SQL')), 'the event');
  socket.terminate();
});

test('a message is compressed once it is long enough, and only when that makes it shorter', async () => {
  const raw = await connected();
  raw.send(OPCODE.text, '{"type": "HEARTBEAT", "payload": {}}');
  assert.equal((await raw.expectMessage('HEARTBEAT_ACK')).pieces[0].isCompressed, false);
  raw.send(OPCODE.text, JSON.stringify({ type: 'JOIN_BOARD', payload: { board_id: world.board.id } }));
  assert.equal((await raw.expectMessage('BOARD_STATE')).pieces[0].isCompressed, true);
  const plain = await connected(null);
  plain.send(OPCODE.text, JSON.stringify({ type: 'JOIN_BOARD', payload: { board_id: world.board.id } }));
  assert.equal((await plain.expectMessage('BOARD_STATE')).pieces[0].isCompressed, false);
});

test('messages of the client: whole, in fragments with pings between, uncompressed, empty blocks', async () => {
  const raw = await connected();
  const text = `{"type": "HEARTBEAT", "payload": {}, "x": "${'äöü€'.repeat(2000)}"}`;
  raw.send(OPCODE.text, compress(text), { rsv: 0x40 });
  await raw.expectMessage('HEARTBEAT_ACK');
  const bytes = compress(text);
  raw.send(OPCODE.text, bytes.subarray(0, 1), { rsv: 0x40, isFinal: false });
  for (let at = 1; at < bytes.length; at += 7) {
    raw.send(OPCODE.ping, `${at}`);
    raw.send(OPCODE.continuation, bytes.subarray(at, at + 7), { isFinal: false });
  }
  raw.send(OPCODE.continuation, '');
  await raw.expectMessage('HEARTBEAT_ACK');
  raw.send(OPCODE.text, text);
  await raw.expectMessage('HEARTBEAT_ACK');
  raw.send(OPCODE.text, Buffer.concat([deflateRawSync(text), Buffer.from([0])]), { rsv: 0x40 }); // a final block, as the RFC allows
  await raw.expectMessage('HEARTBEAT_ACK');
});

const broken = {
  'no DEFLATE': [(raw) => raw.send(OPCODE.text, Buffer.from([0xff, 0xff, 0xff, 0xff]), { rsv: 0x40 }), 1008],
  'one that ends in the middle': [(raw) => raw.send(OPCODE.text, compress('{"type": "HEARTBEAT", "payload": {}}').subarray(0, 12), { rsv: 0x40 }), 1008],
  'a compressed continuation': [(raw) => { raw.send(OPCODE.text, compress('{'), { rsv: 0x40, isFinal: false }); raw.send(OPCODE.continuation, compress('}'), { rsv: 0x40 }); }, 1008],
  'a bomb': [(raw) => raw.send(OPCODE.text, compress('x'.repeat(100_000_000)), { rsv: 0x40 }), 1009],
  'no UTF-8 inside': [(raw) => raw.send(OPCODE.text, compress(Buffer.from([0x22, 0xff, 0x22])), { rsv: 0x40 }), 1007],
  'another reserved bit': [(raw) => raw.send(OPCODE.text, '{}', { rsv: 0x20 }), 1002],
};
for (const [what, [send, code]] of Object.entries(broken)) {
  test(`${what} ends the connection with ${code}`, async () => {
    const raw = await connected();
    send(raw);
    assert.equal(await raw.closeCode(), code);
  });
}

test('a board of 2 MB comes compressed in pieces, while others are served and a ping is answered between', async () => {
  const board = await world.makeBoard();
  await world.sql.query(`SELECT collab.create_task($1, $2, 'Task ' || i, string_agg(md5(i::text || n::text), ' ')) FROM generate_series(1, 700) i, generate_series(1, 100) n GROUP BY i`,
    [board.id, board.lists['To do']]);
  const raw = await connected(undefined, '/ws');
  const other = await world.client('bob');
  raw.socket.pause();
  raw.send(OPCODE.text, JSON.stringify({ type: 'JOIN_BOARD', payload: { board_id: board.id } }));
  await other.join(board.id);
  raw.send(OPCODE.ping, 'still there?');
  for (let i = 0; i < 5; i++) await other.settled();
  raw.socket.resume();
  const state = await raw.expectMessage('BOARD_STATE');
  assert.equal(state.payload.board.lists[0].tasks.length, 700);
  assert.ok(state.pieces.length > 10 && state.pieces[0].isCompressed && state.pieces.slice(1).every(({ isCompressed }) => !isCompressed));
  assert.ok(state.size < 1_800_000, `${state.size}`);
  const pong = state.between.find(({ opcode }) => opcode === OPCODE.pong) ?? await raw.expectFrame(OPCODE.pong);
  assert.equal(pong.payload.toString(), 'still there?');
  await world.makeTask('behind it', { board });
  assert.equal((await raw.expectMessage('TASK_CREATED')).payload.version, state.payload.version + 1);
});

test('switched off, nothing is agreed to', async () => {
  await world.stopBridge();
  await world.startBridge({ websocket_compression: 'off' });
  assert.equal(extensions(await connected()), undefined);
});
