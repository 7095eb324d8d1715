// The log: every line of JSON is JSON, text is one line each, and no token is in it, however it came.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());
afterEach(() => world.closeClients());

/** Bytes over a socket, and what comes back until it is closed or `ends` holds. */
function raw(text, ends = () => false) {
  return new Promise((done) => {
    let answer = '';
    const socket = connect(world.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (bytes) => {
      answer += bytes;
      if (ends(answer)) socket.destroy();
    }).on('close', () => done(answer)).on('error', () => done(answer));
  });
}

/** Whether any of it, or a part of it that could be used, is in the log. */
function assertHidden(token) {
  const log = world.log.join('\n');
  const [head, claims, signature] = token.split('.');
  for (const part of [token, claims, signature, `${head}.${claims}`]) {
    if (part?.length > 12) assert.ok(!log.includes(part), `${part.slice(0, 20)}… is in the log`);
  }
}

const upgrade = (path, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`;

test('tokens are hidden, good ones and bad ones, wherever they stand', async () => {
  const good = world.token('alice');
  const bad = `${good.slice(0, -6)}AAAAAA`;
  for (const token of [good, bad]) {
    for (const path of [`/ws?token=${token}`, `/ws?auth_token=${token}`, `/ws/board/${world.board.id}?access_token=${token}&since_version=x`,
      `/ws?%74oken=${token}`, `/ws/board/nonsense?token=${token}`]) {
      await raw(upgrade(path), (answer) => answer.includes('\r\n\r\n'));
    }
    for (const header of [`Authorization: Bearer ${token}`, `Sec-WebSocket-Protocol: collab.v1, bearer.${token}`,
      `Authorization: Basic ${token}`, `Cookie: token=${token}`, `Referer: https://x/?token=${token}`]) {
      await raw(upgrade('/ws', `${header}\r\n`), (answer) => answer.includes('\r\n\r\n'));
      await raw(`GET /api/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n`);
    }
    for (const path of [`/api/me?token=${token}`, `/nothing/${token}`, `/api/${token}/x`, `/?x=${token}`, `/#token=${token}`]) {
      await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    }
    // not HTTP at all, and HTTP that ends too early
    await raw(`${token}\r\n\r\n`);
    await raw(`GET /ws?token=${token} HTP/9\r\n\r\n`);
    await raw(`GET /ws?token=${token}\0 HTTP/1.1\r\n\r\n`);

    const client = world.connectTo('/ws');
    await client.opened;
    client.send('AUTH', { token });
    await client.expect(token === good ? 'WELCOME' : 'ERROR');
    if (token === good) {
      client.sendText(`{"type":"AUTH","payload":{"token":"${token}"`);
      client.send(token, {});
      client.send('CREATE_TASK', { board_id: token, title: token });
      await client.settled();
      client.send('AUTH', { token: bad });
      await client.closed;
    }
  }
  await until(() => world.log.some((line) => line.includes('token_refused')), 'refusals are logged');
  assertHidden(good);
  assertHidden(bad);
});

test('every line of JSON is an object with a time, a level and an event', async () => {
  const client = await world.joined('alice');
  client.sendText('{"type":"\u0000\n\\"');
  client.sendText(JSON.stringify({ type: 'X"\\\n\u2028\u0007ä', payload: {} }));
  await raw(`GET /"\\%00%0a\x01\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await raw(`GET /${'%0d%0a{"level":"error"}'} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await client.settled();
  assert.ok(world.log.length > 20);
  for (const line of world.log) {
    const { time, level, event } = JSON.parse(line);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, line);
    assert.ok(['debug', 'info', 'warning', 'error'].includes(level), line);
    assert.match(event, /^[a-z_]+$/, line);
  }
});

test('a connection can be followed by its id', async () => {
  const from = world.log.length;
  const client = await world.client('alice');
  const id = client.welcome.connection_id;
  await client.refused('DELETE_BOARD', { board_id: '00000000-0000-4000-8000-000000000000' });
  await client.close();
  const mine = () => world.log.slice(from).map((line) => JSON.parse(line)).filter(({ conn }) => conn === id).map(({ event }) => event);
  await until(() => mine().includes('connection_opened') && mine().some((event) => event.startsWith('connection_') && event !== 'connection_opened'), 'from its beginning to its end');
});

test('as text a line stays a line, and the landmarks of a life are there', async () => {
  await world.stopBridge();
  const from = world.log.length;
  await world.startBridge({ log_format: 'text' });
  await raw(`GET /%0a2026-01-01T00:00:00.000Z%20error%20forged HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  world.bridge.kill('SIGHUP');
  await until(() => world.log.slice(from).some((line) => line.includes(' configuration_reloaded')), 'reloaded');
  await until(() => world.log.slice(from).some((line) => / info ready$/.test(line)), 'ready');
  await world.stopBridge();
  const lines = world.log.slice(from);
  for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]{12}Z (debug|info|warning|error) [a-z_]+( [a-z_]+=("([^"\\]|\\.)*"|[^\s"]+))*$/);
  const events = lines.map((line) => line.split(' ')[2]);
  const landmarks = ['starting', 'listening', 'listening_for_changes', 'reloading', 'configuration_reloaded', 'shutting_down', 'drained', 'stopped'];
  assert.deepEqual(events.filter((event) => landmarks.includes(event)), landmarks);
  assert.match(lines.find((line) => line.includes(' drained ')), /connections=0 unanswered=0 seconds=0\.\d+$/);
  await world.startBridge();
});
