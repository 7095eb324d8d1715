// HTTP below the resources: bodies, pipelining, limits, and clients that are slow, clumsy or hostile. Raw sockets, for
// no client library sends such things.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorld, until } from './harness.mjs';

const text = (size) => Array.from({ length: size / 10 }, (_, i) => `a${String(i).padStart(8)}\n`).join('');

let world, root, bearer;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'collab-web-'));
  mkdirSync(join(root, 'assets'));
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  for (const [name, size] of [['short', 900], ['middle', 20_000], ['long', 700_000]]) writeFileSync(join(root, `assets/${name}.js`), text(size));
  writeFileSync(join(root, 'assets/large.png'), Buffer.alloc(30_000_000, 7));
  world = await startWorld(import.meta.url, { config: {
    web_root: root, handshake_timeout: '1s', slow_timeout: '1s', idle_timeout: '3s', ping_interval: '1s', max_message: '64kB', max_bodies: '300kB' } });
  bearer = `Authorization: Bearer ${world.freshToken('alice')}\r\n`;
});
after(async () => {
  await world?.stop();
  rmSync(root, { recursive: true });
});

/** A socket that keeps what came; `ended` resolves to all of it. */
function open() {
  const socket = connect(world.port, '127.0.0.1');
  socket.text = '';
  socket.setEncoding('latin1');
  socket.on('data', (bytes) => { socket.text += bytes; }).on('error', () => {});
  socket.ended = new Promise((done) => socket.on('close', () => { socket.isEnded = true; done(socket.text); }));
  socket.answers = (count) => until(() => statuses(socket.text).length >= count && socket.text, `${count} answers; so far: ${socket.text.slice(0, 300)}`);
  return socket;
}
const statuses = (text) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const head = (line, more = '') => `${line} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
/** The bytes in one piece, the answers until the connection ends. */
async function exchange(bytes) {
  const socket = open();
  socket.write(bytes);
  const timer = setTimeout(() => socket.destroy(new Error('late')), 8000);
  const text = await socket.ended;
  clearTimeout(timer);
  return text;
}
const CLOSE = 'Connection: close\r\n';
const waitFor = (ms) => { const start = Date.now(); return until(() => Date.now() - start > ms, 'time passes'); };
// In hundredths of a second.
const cpuTime = () => readFileSync(`/proc/${world.bridge.pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ').slice(11, 13).reduce((sum, n) => sum + Number(n), 0);

describe('requests on one connection', () => {
  test('one after the other', async () => {
    const socket = open();
    for (let i = 1; i <= 3; i++) {
      socket.write(head('GET /healthz'));
      await socket.answers(i);
    }
    socket.destroy();
    assert.deepEqual(statuses(socket.text), [200, 200, 200]);
  });

  test('all at once, the first one waiting for the database: answered in their order', async () => {
    const text = await exchange(head('GET /api/me', bearer) + head('HEAD /healthz') + head('GET /api/nothing', bearer) + head('GET /healthz', CLOSE));
    assert.deepEqual(statuses(text), [200, 200, 404, 200]);
    assert.match(text, /"user_id"[^]*HTTP[^]*no such resource[^]*\r\n\r\nok\n$/);
  });

  test('a HEAD has the length and no body', async () => {
    const text = await exchange(head('HEAD /healthz', CLOSE));
    assert.match(text, /Content-Length: 3\r\n/);
    assert.ok(text.endsWith('\r\n\r\n'), text);
  });

  test('a head in many pieces', async () => {
    const socket = open();
    socket.setNoDelay();
    for (const piece of head('GET /healthz', `${CLOSE}X-Much: ${'y'.repeat(3000)}\r\n`).match(/[^]{1,400}/g)) {
      socket.write(piece);
      await waitFor(15);
    }
    assert.deepEqual(statuses(await socket.ended), [200]);
  });

  test('an answer in HTTP/1.0 ends the connection', async () => {
    assert.match(await exchange('GET /healthz HTTP/1.0\r\n\r\n'), /ok\n$/);
  });
});

describe('bodies', () => {
  // nothing takes a body here but to refuse it, and the connection must know where it ends
  for (const [what, request] of Object.entries({
    'with a length': head('POST /api/me', `BEARERContent-Length: 5\r\n`) + 'hello',
    'in chunks': head('POST /api/me', `BEARERTransfer-Encoding: chunked\r\n`) + '3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n',
    'of another method': head('PATCH /api/me', `BEARERContent-Length: 5\r\n`) + 'hello',
    'of a page': head('POST /', 'Content-Length: 5\r\n') + 'hello' })) {
    test(`${what}, and the request behind it`, async () => {
      const text = await exchange(request.replace('BEARER', bearer) + head('GET /healthz', CLOSE));
      assert.deepEqual(statuses(text), [405, 200]);
    });
  }

  test('one that waits for 100 Continue', async () => {
    const socket = open();
    socket.write(head('POST /api/me', `${bearer}${CLOSE}Expect: 100-continue\r\nContent-Length: 5\r\n`));
    await until(() => socket.text.startsWith('HTTP/1.1 100'), 'it may go on');
    socket.write('hello');
    assert.deepEqual(statuses(await socket.ended), [100, 405]);
  });

  test('one without a token is not read', async () => {
    const text = await exchange(head('POST /api/me', 'Expect: 100-continue\r\nContent-Length: 50000\r\n'));
    assert.deepEqual(statuses(text), [401]);
  });

  test('one that is declared too long is refused at once, one that turns out so in the end', async () => {
    const declared = await exchange(head('POST /api/commands', `${bearer}Content-Length: 900000\r\n`));
    assert.deepEqual(statuses(declared), [413]);
    assert.match(declared, /"code":"limit"/);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const grown = await exchange(head('POST /api/commands', `${bearer}${CLOSE}Transfer-Encoding: chunked\r\n`) + chunk.repeat(6) + '0\r\n\r\n');
    assert.deepEqual(statuses(grown), [413]);
    assert.deepEqual(statuses(await exchange(head('POST /api/commands', `${bearer}Transfer-Encoding: chunked\r\n`) + chunk.repeat(100))), []);
  });

  test('many at once: those beyond the memory for bodies are refused', async () => {
    const half = head('POST /api/me', `${bearer}${CLOSE}Content-Length: 60000\r\n`) + 'x'.repeat(59_000);
    const sockets = Array.from({ length: 8 }, () => { const socket = open(); socket.write(half); return socket; });
    await Promise.all(sockets.map((socket) => until(() => socket.writableLength === 0, 'sent')));
    for (const socket of sockets) socket.write('x'.repeat(1000));
    const got = (await Promise.all(sockets.map((socket) => socket.ended))).flatMap(statuses);
    assert.ok(got.includes(405) && got.includes(503), String(got));
    assert.deepEqual(statuses(await exchange(half + 'x'.repeat(1000))), [405]);
  });
});

describe('what can be read in two ways is refused', () => {
  const smuggled = head('GET /healthz', CLOSE);
  for (const [what, lines] of Object.entries({
    'a length and a coding': 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'two lengths': 'Content-Length: 5\r\nContent-Length: 6\r\n',
    'the same length twice': 'Content-Length: 5\r\nContent-Length: 5\r\n', 'a list of lengths': 'Content-Length: 5, 5\r\n', 'a signed length': 'Content-Length: +5\r\n',
    'a length of 2^64': 'Content-Length: 18446744073709551616\r\n', 'a coding that is not ours': 'Transfer-Encoding: gzip\r\n', 'two codings': 'Transfer-Encoding: gzip, chunked\r\n',
    'a coding twice': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', 'a coding with something behind it': 'Transfer-Encoding: chunked x\r\n',
    'a space before the colon': 'Content-Length : 5\r\n', 'a tab before the colon': 'Transfer-Encoding\t: chunked\r\n', 'two hosts': 'Host: y\r\n' })) {
    test(what, async () => {
      const text = await exchange(head('POST /api/me', `${bearer}${lines}`) + '0\r\n\r\n' + smuggled);
      assert.ok([400, 413].includes(statuses(text)[0]), text.slice(0, 200));
      assert.doesNotMatch(text, /\r\n\r\nok\n/);
    });
  }

  test('a coding in HTTP/1.0, and a version that is none', async () => {
    assert.equal(statuses(await exchange('POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'))[0], 400);
    assert.ok([400, 505].includes(statuses(await exchange('GET / HTTP/2.0\r\nHost: x\r\n\r\n'))[0]));
  });

  test('no host', async () => assert.equal(statuses(await exchange('GET /healthz HTTP/1.1\r\n\r\n'))[0], 400));

  test('a target that is none', async () => {
    for (const target of ['/%', '/%zz', '/%00', '/?a=%00', '/%ff', '*', 'healthz', '//%c0%ae'])
      assert.equal(statuses(await exchange(head(`GET ${target}`, CLOSE)))[0], 400, target);
  });
});

describe('large heads', () => {
  test('of 100 kB, as the first and as a later one', async () => {
    const large = head('GET /healthz', `X: ${'y'.repeat(100_000)}\r\n`);
    assert.deepEqual(statuses(await exchange(large)), [431]);
    assert.deepEqual(statuses(await exchange(head('GET /healthz') + large)), [200, 431]);
  });

  test('just below the limit', async () => {
    assert.deepEqual(statuses(await exchange(head('GET /healthz', `${CLOSE}X: ${'y'.repeat(16_200)}\r\n`))), [200]);
    assert.deepEqual(statuses(await exchange(head('GET /healthz') + head('GET /healthz', `${CLOSE}X: ${'y'.repeat(16_200)}\r\n`))), [200, 200]);
  });

  test('of many small fields', async () => {
    assert.equal(statuses(await exchange(head('GET /healthz', 'a:b\r\n'.repeat(3000))))[0], 431);
  });
});

describe('slow clients', () => {
  /** Sends a byte every tenth of a second until the connection ends. */
  const dribble = (socket, text) => {
    const timer = setInterval(() => { socket.write(text[0]); text = text.slice(1) || 'x'; }, 100);
    socket.on('close', () => clearInterval(timer));
  };

  test('a head byte by byte, the first and a later one', async () => {
    const first = open(), later = open();
    later.write(head('GET /healthz'));
    await later.answers(1);
    for (const socket of [first, later]) dribble(socket, `GET / HTTP/1.1\r\nX: ${'y'.repeat(1000)}`);
    assert.deepEqual(statuses(await first.ended), [408]);
    assert.equal(statuses(await later.ended)[0], 200);
  });

  test('a body byte by byte', async () => {
    const socket = open();
    socket.write(head('POST /api/me', `${bearer}Content-Length: 5000\r\n`));
    dribble(socket, 'x'.repeat(5000));
    assert.deepEqual(statuses(await socket.ended), []);
  });

  test('a reader that takes nothing', async () => {
    const socket = open();
    socket.pause();
    socket.write(head('GET /assets/large.png'));
    await until(() => world.log.some((line) => line.includes('http_too_slow') && line.includes('"phase":"sending"')), 'it is hung up');
    socket.resume();
    assert.ok((await socket.ended).length < 30_000_000);
  });

  test('one that takes its time gets everything', async () => {
    const socket = open();
    socket.write(head('GET /assets/large.png', CLOSE));
    for (let i = 0; i < 20; i++) {
      await waitFor(100);
      socket.isPaused() ? socket.resume() : socket.pause();
    }
    socket.resume();
    assert.ok((await socket.ended).length > 30_000_000);
  });

  test('an idle connection ends', async () => {
    const socket = open();
    socket.write(head('GET /healthz'));
    assert.deepEqual(statuses(await socket.ended), [200]);
  });

  test('an incomplete head is not looked at all the time', async () => {
    const sockets = Array.from({ length: 20 }, () => { const socket = open(); socket.write('GET / HTTP/1.1\r\n'); return socket; });
    const before = cpuTime();
    await Promise.all(sockets.map((socket) => socket.ended));
    assert.ok(cpuTime() - before < 50, `${cpuTime() - before} hundredths of a second`);
  });

  test('clients that go away at any moment leave nothing behind', async () => {
    const request = head('POST /api/me', `${bearer}Content-Length: 500\r\n`) + 'x'.repeat(500) + head('GET /api/me', bearer);
    await Promise.all(Array.from({ length: 60 }, (_, i) => new Promise((done) => {
      const socket = open();
      socket.on('close', done);
      socket.write(request.slice(0, Math.ceil(request.length * (i + 1) / 60)), () => (i % 2 ? socket.resetAndDestroy() : socket.destroy()));
    })));
    assert.equal((await fetch(`${world.http}/healthz`)).status, 200);
  });
});

describe('compressed answers', () => {
  /** Status, headers and body as they came, one connection for it. */
  const get = (path, more = '', method = 'GET') => new Promise((done) => {
    const socket = connect(world.port, '127.0.0.1', () => socket.write(head(`${method} ${path}`, CLOSE + more)));
    const parts = [];
    socket.on('data', (part) => parts.push(part)).on('close', () => {
      const bytes = Buffer.concat(parts), end = bytes.indexOf('\r\n\r\n');
      const [line, ...lines] = bytes.subarray(0, end).toString().split('\r\n');
      const headers = Object.fromEntries(lines.map((text) => { const at = text.indexOf(':'); return [text.slice(0, at).toLowerCase(), text.slice(at + 2)]; }));
      let body = bytes.subarray(end + 4);
      if (headers['transfer-encoding'] === 'chunked') {
        const chunks = [];
        for (let at = 0; ;) {
          const next = body.indexOf('\r\n', at), size = parseInt(body.subarray(at, next).toString(), 16);
          if (!(size > 0)) break;
          chunks.push(body.subarray(next + 2, next + 2 + size));
          at = next + size + 4;
        }
        body = Buffer.concat(chunks);
      }
      done({ status: Number(line.split(' ')[1]), headers, body });
    });
  });
  const GZIP = 'Accept-Encoding: br, gzip\r\n';

  for (const [name, size] of [['middle', 20_000], ['long', 700_000]]) {
    test(`of ${size} bytes, whole again behind it`, async () => {
      const plain = await get(`/assets/${name}.js`), gzip = await get(`/assets/${name}.js`, GZIP);
      assert.equal(plain.body.toString(), text(size));
      assert.deepEqual([plain.headers['content-encoding'], plain.headers.vary, Number(plain.headers['content-length'])], [undefined, 'Accept-Encoding', size]);
      assert.deepEqual([gzip.headers['content-encoding'], gzip.headers.vary], ['gzip', 'Accept-Encoding']);
      assert.equal(gunzipSync(gzip.body).toString(), text(size));
      assert.ok(gzip.body.length < size / 2, `${gzip.body.length}`);
    });
  }

  test('not what is short, not pictures, not without being asked', async () => {
    for (const [path, more] of [['/assets/short.js', GZIP], ['/assets/large.png', GZIP], ['/assets/long.js', 'Accept-Encoding: gzip;q=0\r\n']]) {
      const answer = await get(path, more);
      assert.equal(answer.headers['content-encoding'], undefined, path);
    }
    assert.equal((await get('/assets/large.png', GZIP)).headers.vary, undefined);
  });

  test('each form has a tag of its own, and either is known again', async () => {
    const plain = (await get('/assets/middle.js')).headers.etag, gzip = (await get('/assets/middle.js', GZIP)).headers.etag;
    assert.notEqual(plain, gzip);
    for (const tag of [plain, gzip, `"other", W/${gzip}`, '*']) assert.equal((await get('/assets/middle.js', `${GZIP}If-None-Match: ${tag}\r\n`)).status, 304, tag);
    assert.equal((await get('/assets/middle.js', `${GZIP}If-None-Match: ${gzip}\r\n`)).headers.etag, gzip);
    assert.equal((await get('/assets/middle.js', `If-None-Match: ${plain}\r\n`)).headers.etag, plain);
    assert.equal((await get('/assets/middle.js', `If-None-Match: "${'x'.repeat(20)}"\r\n`)).status, 200);
  });

  test('a HEAD, and a client of HTTP/1.0', async () => {
    const answer = await get('/assets/long.js', GZIP, 'HEAD');
    assert.deepEqual([answer.status, Number(answer.headers['content-length']), answer.body.length], [200, 700_000, 0]);
    const old = await exchange(`GET /assets/long.js HTTP/1.0\r\n${GZIP}\r\n`);
    assert.equal(gunzipSync(Buffer.from(old.slice(old.indexOf('\r\n\r\n') + 4), 'latin1')).toString(), text(700_000));
  });

  test('JSON of the API', async () => {
    for (let i = 0; i < 12; i++) await world.makeBoard(`Board number ${i}`);
    const gzip = await get('/api/workspaces', GZIP + bearer);
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.deepEqual(JSON.parse(gunzipSync(gzip.body)), JSON.parse((await get('/api/workspaces', bearer)).body));
  });
});

test('at shutdown what was accepted is answered', async () => {
  const { rows: [{ pid }] } = await world.sql.query('SELECT pg_backend_pid() AS pid');
  const blocker = await world.connect();
  await blocker.query('BEGIN; LOCK TABLE collab.users');
  const socket = open();
  socket.write(head('GET /api/me', bearer));
  await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() AND pid <> $1`, [pid])).n > 0, 'it waits');
  world.bridge.kill('SIGTERM');
  await until(() => world.log.some((line) => line.includes('shutting_down')), 'it drains');
  await blocker.query('COMMIT');
  await blocker.end();
  assert.deepEqual(statuses(await socket.ended), [200]);
  assert.match(socket.text, /Connection: close/i);
  assert.deepEqual(await world.bridgeEnded, { code: 0, signal: null });
  await world.startBridge();
});
