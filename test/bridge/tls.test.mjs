// TLS by setting: HTTP and WebSocket behind it as without, a slow reader, a new certificate while it runs, and what is no TLS.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world, files, agent;
const unchecked = new https.Agent({ rejectUnauthorized: false });

function certificate(name) {
  const paths = { key: join(files, `${name}.key`), cert: join(files, `${name}.crt`) };
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', `/CN=${name}`,
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', paths.key, '-out', paths.cert], { stdio: 'ignore' });
  return paths;
}

before(async () => {
  files = mkdtempSync(join(tmpdir(), 'collab-tls-'));
  const first = certificate('first');
  copyFileSync(first.key, join(files, 'in-use.key'));
  copyFileSync(first.cert, join(files, 'in-use.crt'));
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // for the harness; what is checked here is checked with `ca`
  world = await startWorld(import.meta.url, { config: {
    tls_certificate_file: join(files, 'in-use.crt'), tls_key_file: join(files, 'in-use.key'), jwt_reload_interval: '100ms',
    handshake_timeout: '1s', session_queue: '64kB', ring_events: 20, slow_timeout: '3s', max_message: '4MB' } });
  agent = new https.Agent({ ca: readFileSync(first.cert), rejectUnauthorized: true });
});
after(async () => {
  await world.stop();
  rmSync(files, { recursive: true });
});
afterEach(() => world.closeClients());

// One request over a connection that is checked; { status, body, protocol }.
const get = (path, options = {}) => new Promise((done, failed) => {
  https.get(`${world.http}${path}`, { agent, ALPNProtocols: ['http/1.1'], ...options }, (response) => {
    const pieces = [], protocol = response.socket.alpnProtocol;
    response.on('data', (piece) => pieces.push(piece)).on('end', () => done({ status: response.statusCode, body: Buffer.concat(pieces), protocol }));
  }).on('error', failed);
});
const metric = async (name) => Number(String((await get('/metrics', { agent: unchecked })).body).split('\n').find((line) => line.startsWith(`collab_bridge_${name} `)).split(' ')[1]);
const handshake = (options) => new Promise((done, failed) => {
  const socket = tls.connect({ port: world.port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => done(socket));
  socket.on('error', failed);
});
// Everything a socket says until its end.
const untilEnd = (socket) => new Promise((done) => {
  let text = '';
  socket.on('data', (bytes) => { text += bytes; }).on('close', () => done(text)).on('error', () => {});
});

describe('served as without TLS', () => {
  test('HTTP, with a certificate that is checked', async () => {
    assert.deepEqual(await get('/healthz'), { status: 200, body: Buffer.from('ok\n'), protocol: 'http/1.1' });
    const me = await get('/api/me', { headers: { Authorization: `Bearer ${world.freshToken('alice')}` } });
    assert.equal(JSON.parse(me.body).user_id, world.users.alice);
  });

  test('many requests on one connection', async () => {
    const one = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    const before = await metric('tls_handshakes_total{result="ok"}');
    for (let i = 0; i < 20; i++) assert.equal((await get('/healthz', { agent: one })).status, 200);
    one.destroy();
    assert.ok(await metric('tls_handshakes_total{result="ok"}') <= before + 2);
  });

  test('WebSockets: commands and events', async () => {
    const board = await world.makeBoard();
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((user) => world.joined(user, board)));
    for (let i = 0; i < 20; i++) await alice.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: `task ${i} é` });
    await until(() => bob.events(board.id).length === 20, 'all arrive');
    assertConsecutive(bob.events(board.id), bob.state.version);
  });

  test('messages of megabytes both ways, with a PING in the middle of one', async () => {
    const board = await world.makeBoard();
    await world.sql.query(`SELECT count(collab.create_task($1, $2, 'task', repeat('y', 20000))) FROM generate_series(1, 120)`, [board.id, board.lists['To do']]);
    const alice = await world.client('alice'), pongs = [];
    alice.socket.on('pong', (bytes) => pongs.push(String(bytes)));
    alice.send('JOIN_BOARD', { board_id: board.id });
    alice.socket.ping('in the middle');
    const { board: got } = await alice.expect('BOARD_STATE');
    assert.equal(got.lists.flatMap(({ tasks }) => tasks).length, 120);
    await until(() => pongs.includes('in the middle'), 'the pong');
    // in fragments, with a PING of ours between two of them
    const text = JSON.stringify({ type: 'HEARTBEAT', payload: { padding: 'z'.repeat(2_000_000) } }), half = text.length / 2;
    alice.socket.send(text.slice(0, half), { fin: false });
    alice.socket.ping('between fragments');
    alice.socket.send(text.slice(half), { fin: true });
    await alice.expect('HEARTBEAT_ACK');
    await until(() => pongs.includes('between fragments'), 'the second pong');
  });

  test('the peer of the TLS connection is the one in the log', async () => {
    await world.client('alice');
    assert.ok(world.log.some((line) => line.includes('connection_opened') && line.includes('"peer":"127.0.0.1"')));
  });
});

test('a client that does not read fills its queue, not the bridge, and is closed 4009', async () => {
  const board = await world.makeBoard(), task_id = await world.makeTask('large', { board });
  const [writer, reader, other] = await Promise.all(['alice', 'bob', 'carol'].map((user) => world.joined(user, board)));
  const closed = await metric('connections_closed_total{code="4009"}');
  reader.socket._socket.pause();
  let written = 0;
  await until(async () => {
    for (let i = 0; i < 10; i++) await writer.command('UPDATE_TASK', { board_id: board.id, task_id, updates: { description: `${i} ${randomBytes(10_000).toString('hex')}` } });
    written += 10;
    return await metric('connections_closed_total{code="4009"}') > closed;
  }, 'it is closed', 20_000);
  await until(() => other.events(board.id).length === written, 'the other has everything');
  reader.cut();
  await until(async () => await metric('connections') === 2, 'it is gone');
  assert.equal(await metric('queue_bytes'), 0);
});

describe('what is not TLS, or not ours', () => {
  test('plain HTTP is told so', async () => {
    const socket = net.connect(world.port, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(await untilEnd(socket), /^HTTP\/1\.1 400 [^]*this port speaks TLS\n$/);
  });

  test('nonsense, silence and TLS 1.1 are ended', async () => {
    const nonsense = net.connect(world.port, '127.0.0.1'), silent = net.connect(world.port, '127.0.0.1');
    nonsense.write(randomBytes(200));
    await Promise.all([untilEnd(nonsense), untilEnd(silent)]);
    await assert.rejects(handshake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    await assert.rejects(handshake({ ALPNProtocols: ['h2'] }));
    assert.ok(await metric('tls_handshakes_total{result="failed"}') >= 4);
  });

  test('TLS 1.2 and 1.3 are spoken, and no renegotiation', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const socket = await handshake({ minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    const said = spawnSync('openssl', ['s_client', '-tls1_2', '-connect', `127.0.0.1:${world.port}`], { input: 'R\n', encoding: 'utf8', timeout: 5000 });
    assert.match(said.stdout + said.stderr, /RENEGOTIATING[^]*no renegotiation/i);
  });

  test('a client that ends its side gets the answer; one that vanishes leaves nothing', async () => {
    const socket = await handshake({ allowHalfOpen: true });
    const answer = untilEnd(socket);
    socket.end('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await answer, /^HTTP\/1\.1 200 [^]*ok\n$/);
    for (let i = 0; i < 20; i++) (await handshake()).destroy();
    await until(async () => await metric('tls_connections') <= 2, 'they are gone');
  });

  test('a head that comes byte by byte', async () => {
    const socket = await handshake(), answer = untilEnd(socket);
    for (const byte of 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n') {
      await new Promise((sent) => socket.write(byte, sent));
    }
    assert.match(await answer, /^HTTP\/1\.1 200 /);
  });
});

test('a new certificate is taken while it runs; a bad one is not; connections stay', async () => {
  const common = async () => { const socket = await handshake(), { CN } = socket.getPeerCertificate().subject; socket.destroy(); return CN; };
  const alice = await world.client('alice'), second = certificate('second');
  assert.equal(await common(), 'first');
  const replace = (from, to) => { copyFileSync(from, `${to}.new`); renameSync(`${to}.new`, to); };
  replace(second.cert, join(files, 'in-use.crt')); // its key does not match yet
  await until(() => world.log.some((line) => line.includes('tls_not_reloaded')), 'it is refused');
  assert.equal(await common(), 'first');
  replace(second.key, join(files, 'in-use.key'));
  await until(async () => await common() === 'second', 'the new one is in use');
  await alice.settled();
  assert.ok(await metric('tls_reloads_failed_total') >= 1);
});
