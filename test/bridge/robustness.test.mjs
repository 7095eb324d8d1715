// What a hostile or clumsy HTTP client sends; afterwards the bridge must still serve everybody.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { startWorld } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
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
  const answer = await exchange('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello');
  assert.match(answer, /^HTTP\/1\.1 405 /);
  await stillServes();
});

test('a GET with a body, and one in chunks', async () => {
  assert.match(await exchange('GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello'), /^HTTP\/1\.1 400 /);
  assert.match(await exchange('GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'), /^HTTP\/1\.1 400 /);
  await stillServes();
});

test('an upgrade to HTTP/2 in clear text', async () => {
  const answer = await exchange('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n');
  assert.doesNotMatch(answer, /^HTTP\/1\.1 101 /);
  await stillServes();
});
