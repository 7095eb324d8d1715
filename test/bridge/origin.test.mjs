// Whose pages may open a WebSocket: the bridge's own host, those of allowed_origins, and programs that are no browsers.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: { allowed_origins: 'https://app.example, http://localhost:5173' } });
});
after(() => world.stop());
afterEach(() => world.closeClients());

// The WELCOME, or the status of the refused upgrade.
async function attempt(origin) {
  const client = world.connectTo(`/ws?token=${world.freshToken('alice')}`, { headers: origin === undefined ? {} : { Origin: origin } });
  const status = new Promise((done) => client.socket.on('unexpected-response', (request, response) => { done(response.statusCode); request.destroy(); }));
  return Promise.race([status, client.expect('WELCOME').then(() => 'WELCOME')]);
}

test('no Origin, the own host and the list get in', async () => {
  for (const origin of [undefined, world.http, 'https://app.example', 'http://localhost:5173'])
    assert.equal(await attempt(origin), 'WELCOME', String(origin));
});

test('another site gets 403, whatever it is called', async () => {
  for (const origin of ['https://evil.example', 'null', 'http://app.example', 'https://app.example.evil.example', 'https://127.0.0.1', 'nonsense'])
    assert.equal(await attempt(origin), 403, origin);
  const text = await (await fetch(`${world.http}/metrics`)).text();
  assert.match(text, /collab_bridge_connections_refused_total\{reason="origin"\} 6\n/);
});

test('a star allows every site', async () => {
  await world.stopBridge();
  await world.startBridge({ allowed_origins: '*' });
  for (const origin of ['https://evil.example', 'null']) assert.equal(await attempt(origin), 'WELCOME', origin);
});
