// Too many connections of one address, directly and behind a proxy.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: {
    behind_proxy: 'on', address_connection_rate: 60, address_connection_burst: 3, connection_grace: 0, max_address_connections: 2 } });
});
after(() => world.stop());
afterEach(() => world.closeClients());

// A WebSocket that says it was forwarded for `address`; its WELCOME, the status of the refusal with Retry-After, or the close code.
async function attempt(address) {
  const client = world.connectTo(`/ws?token=${world.freshToken('alice')}`, { headers: { 'X-Forwarded-For': address } });
  const status = new Promise((done) => client.socket.on('unexpected-response', (request, response) => {
    done([response.statusCode, response.headers['retry-after']]);
    request.destroy();
  }));
  return { client, answer: await Promise.race([status, client.expect('WELCOME').then(() => 'WELCOME', () => client.closed.then(({ code }) => code))]) };
}
const pause = (ms) => { const end = Date.now() + ms; return until(() => Date.now() > end, 'the time told'); };

describe('behind a proxy', () => {
  test('the last address forwarded is counted: 429 with Retry-After, and then it works again; others are not touched', async () => {
    for (let i = 0; i < 3; i++) {
      const { client, answer } = await attempt(`10.9.9.${i}, 192.0.2.1`);
      assert.equal(answer, 'WELCOME');
      await client.close();
    }
    assert.deepEqual((await attempt('10.9.9.9, 192.0.2.1')).answer, [429, '1']);
    assert.equal((await attempt('192.0.2.1, 192.0.2.2')).answer, 'WELCOME');
    await pause(1000);
    assert.equal((await attempt('192.0.2.1')).answer, 'WELCOME');
    assert.ok(world.log.some((line) => line.includes('connection_opened') && line.includes('"peer":"192.0.2.1"')));
  });

  test('an IPv6 customer is a /64', async () => {
    for (let i = 0; i < 3; i++) (await attempt(`2001:db8:1:2::${i}`)).client.cut();
    assert.equal((await attempt('2001:db8:1:2:ffff::1')).answer[0], 429);
    assert.equal((await attempt('2001:db8:1:3::1')).answer, 'WELCOME');
  });

  test('more open at once than an address may have are closed 4029', async () => {
    const open = [await attempt('192.0.2.7'), await attempt('192.0.2.7')];
    assert.equal((await attempt('192.0.2.7')).answer, 4029);
    await open[0].client.close();
    await pause(1000);
    assert.equal((await attempt('192.0.2.7')).answer, 'WELCOME');
  });

  test('the proxy’s own requests are not counted, nor what has no address', async () => {
    for (let i = 0; i < 10; i++) assert.equal((await fetch(`${world.http}/healthz`, { headers: { connection: 'close' } })).status, 200);
    for (let i = 0; i < 2; i++) assert.equal((await attempt('unknown')).answer, 'WELCOME');
  });
});

test('without a proxy the header means nothing', async () => {
  await world.stopBridge();
  await world.startBridge({ behind_proxy: 'off', address_connection_burst: 8, max_address_connections: 100 });
  const answers = [];
  for (let i = 0; i < 12; i++) answers.push((await attempt(`192.0.2.${i}`)).answer);
  assert.ok(answers.some((answer) => answer[0] === 429), JSON.stringify(answers));
});
