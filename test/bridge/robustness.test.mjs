// What hostile or clumsy clients do, and a database that refuses; afterwards the bridge must still serve everybody.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: { slow_timeout: '1s', session_queue: '64kB', max_connections: 20 } });
});
after(() => world?.stop());

/** Sends these bytes in one piece; what came back until the connection ended. */
function exchange(text) {
  return new Promise((done, failed) => {
    const socket = connect(world.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(10_000, () => { failed(new Error(`no end within 10 s; so far: ${answer}`)); socket.destroy(); });
    socket.on('data', (bytes) => { answer += bytes; });
    socket.on('error', () => done(answer));
    socket.on('close', () => done(answer));
  });
}

async function stillServes() {
  const alice = await world.client('alice');
  await alice.settled();
  alice.cut();
}

test('a POST whose body comes together with its head', async () => {
  const answer = await exchange('POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello');
  assert.match(answer, /^HTTP\/1\.1 405 /);
  await stillServes();
});

test('a GET with a body, and one in chunks', async () => {
  assert.match(await exchange('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'), /^HTTP\/1\.1 400 /);
  assert.match(await exchange('GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'), /^HTTP\/1\.1 400 /);
  await stillServes();
});

test('an upgrade to HTTP/2 in clear text', async () => {
  const answer = await exchange('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n');
  assert.doesNotMatch(answer, /^HTTP\/1\.1 101 /);
  await stillServes();
});

// ---- too many, too slow --------------------------------------------------------------------------------------------

const descriptors = () => readdirSync(`/proc/${world.bridge.pid}/fd`).length;
// In hundredths of a second.
const cpuTime = () => readFileSync(`/proc/${world.bridge.pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ').slice(11, 13).reduce((sum, n) => sum + Number(n), 0);
const limitDescriptors = (soft) => execFileSync('prlimit', ['--pid', String(world.bridge.pid), `--nofile=${soft}:`]);

test('without a descriptor left it waits, and does not spin', async (t) => {
  const limit = Number(readFileSync(`/proc/${world.bridge.pid}/limits`, 'utf8').match(/Max open files\s+(\d+)/)[1]);
  t.after(() => limitDescriptors(limit));
  limitDescriptors(descriptors());
  // one that has just ended may have made room: as many as it takes
  const waiting = [];
  await until(() => {
    waiting.push(exchange('GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n'));
    return world.log.some((line) => line.includes('connections_not_accepted'));
  }, 'the bridge notices');
  const before = cpuTime(), start = Date.now();
  await until(() => Date.now() - start > 1000, 'a second');
  assert.ok(cpuTime() - before < 50, `${cpuTime() - before} hundredths of a second`);
  const told = world.log.filter((line) => line.includes('connections_not_accepted')).length;
  assert.ok(told <= waiting.length + 1, `${told} lines`);
  limitDescriptors(limit);
  for (const answer of await Promise.all(waiting)) assert.match(answer, /^HTTP\/1\.\d 200 /);
  await stillServes();
});

test('connections that only speak HTTP count to the limit, too', async (t) => {
  const sockets = Array.from({ length: 200 }, () => connect(world.port, '127.0.0.1'));
  const leave = () => sockets.forEach((socket) => socket.destroy());
  t.after(leave);
  const kept = () => sockets.filter((socket) => socket.answered && !socket.ended).length;
  for (const socket of sockets) {
    socket.on('data', () => { socket.answered = true; }).on('error', () => {}).on('close', () => { socket.ended = true; });
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  }
  await until(() => sockets.every((socket) => socket.answered || socket.ended), 'each is served or hung up');
  assert.ok(kept() >= 100 && kept() <= 150, `${kept()} kept`);
  leave();
  await until(() => descriptors() < 50, 'they are gone');
  await stillServes();
});

test('a sender that does not read its ACKs is closed 4009, once', async () => {
  const board = await world.makeBoard(), bob = await world.joined('bob', board);
  const task_id = await world.makeTask('large', { board });
  const written = async () => (await world.boardEvents(board.id)).length;
  bob.socket._socket.pause();
  for (let round = 0, gone = false; round < 40 && !gone; round++) {
    const before = await written();
    for (let i = 0; i < 50; i++) bob.send('UPDATE_TASK', { board_id: board.id, task_id, updates: { description: `${round}.${i} ${'x'.repeat(9000)}` } });
    await until(async () => (gone = world.log.some((line) => line.includes('"code":4009'))) || (await written()) >= before + 50, 'the commands are carried out');
  }
  assert.equal(world.log.filter((line) => line.includes('"code":4009')).length, 1);
  bob.cut();
  await stillServes();
});

// ---- a database that refuses ---------------------------------------------------------------------------------------

test('after a reset the state is asked for again, but not at once', async () => {
  const board = await world.makeBoard();
  const definition = async (name) => (await world.one('SELECT pg_get_functiondef($1::regproc) AS text', [`collab.${name}`])).text;
  const replace = (text, body) => world.sql.query(`${text.slice(0, text.search(/\sAS \$|\sBEGIN ATOMIC/i)).replace(/LANGUAGE \w+/, 'LANGUAGE plpgsql')} AS $stub$ ${body} $stub$`);
  const state = await definition('room_state'), heads = await definition('room_heads');
  const alice = await world.joined('alice', board);
  const refusals = () => world.log.filter((line) => line.includes('read_failed')).length;
  await replace(state, `BEGIN RAISE EXCEPTION 'no'; END`);
  await replace(heads, 'BEGIN RETURN; END'); // no board is there any more
  await until(() => refusals() > 0, 'the first question is refused');
  const start = Date.now();
  await until(() => Date.now() - start > 1500, 'a moment');
  assert.ok(refusals() < 5, `${refusals()} questions`);
  await world.sql.query(heads);
  await world.sql.query(state);
  assert.equal((await alice.expect('BOARD_STATE')).reset, true);
});
