// Tokens of an identity provider: RS256 and ES256 with keys from a JWKS or a PEM file, replaced while the bridge runs.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorld, until } from './harness.mjs';

const dir = mkdtempSync(join(tmpdir(), 'collab-keys-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const jwks = join(dir, 'jwks.json'), pem = join(dir, 'public.pem'), secret = join(dir, 'secret');

const makeRsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const makeEc = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = makeRsa(), ec = makeEc(), newEc = makeEc(), pemRsa = makeRsa();
const jwk = ({ publicKey }, kid, more = {}) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', ...more });
const toPem = ({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' });
const seconds = () => Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// A reader sees the old file or the new one.
function replace(path, content) {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}
const publish = (...keys) => replace(jwks, JSON.stringify({ keys }));

const both = () => publish(jwk(rsa, 'r1', { alg: 'RS256' }), jwk(ec, 'e1'), { kty: 'oct', kid: 'h1', k: encode('x'.repeat(32)) });

let world;
before(async () => {
  both();
  world = await startWorld(import.meta.url, { config: {
    jwt_key_file: '', jwt_jwks_file: jwks, jwt_audience: 'board', jwt_leeway: '0s', jwt_reload_interval: '20ms' } });
});
after(() => world.stop());
afterEach(() => world.closeClients());

function token(key, { header = {}, claims = {}, hmac } = {}) {
  const alg = key?.privateKey.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const signed = `${encode({ alg, typ: 'JWT', ...header })}.${encode({
    iss: 'test', sub: 'alice', aud: 'board', name: 'Alice', iat: seconds(), exp: seconds() + 300, ...claims })}`;
  const signature = hmac !== undefined ? createHmac('sha256', hmac).update(signed).digest()
    : sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const headers = (text) => ({ headers: { Authorization: `Bearer ${text}` } });
async function letIn(text) {
  const client = world.connectTo('/ws', headers(text));
  assert.equal((await client.expect('WELCOME')).user.user_id, world.users.alice);
  return client;
}

// The reason is in the log and not in the answer; the token is in neither.
async function refused(text, reason) {
  const from = world.log.length;
  const client = world.connectTo('/ws', headers(text));
  assert.equal((await client.expect('ERROR')).code, 'unauthenticated');
  assert.equal((await client.closed).code, 4001);
  await until(() => world.log.slice(from).some((line) => line.includes(reason)), `"${reason}" in ${world.log.slice(from).join('\n')}`);
  for (const part of text.split('.').filter((part) => part.length > 20)) assert.ok(!world.log.some((line) => line.includes(part)), 'the token is in the log');
}

// Waits for a line of the log that what happens here brings about.
async function said(event, action) {
  const from = world.log.length;
  await action();
  return until(() => world.log.slice(from).find((line) => line.includes(`"${event}"`)), event);
}

test('what was loaded is in the log, as numbers', () => {
  const line = JSON.parse(world.log.find((text) => text.includes('keys_loaded')));
  assert.deepEqual([line.keys, line.ignored], [2, 1]);
});

describe('let in by a key of the set', () => {
  test('RS256', () => letIn(token(rsa, { header: { kid: 'r1' } })));
  test('ES256', () => letIn(token(ec, { header: { kid: 'e1' } })));
  test('without a kid, when one key has the algorithm', () => letIn(token(ec)));
  test('AUTH, and a command after it', async () => {
    const client = world.connectTo('/ws');
    await client.opened;
    client.send('AUTH', { token: token(rsa, { header: { kid: 'r1' } }) });
    await client.expect('WELCOME');
    await client.command('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'by RS256' });
  });
});

describe('refused', () => {
  const ofRsa = { kid: 'r1' }, ofEc = { kid: 'e1' };
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const cases = {
    'HS256 signed with the RSA key’s PEM': ['algorithm is no key', () => token(rsa, { header: { alg: 'HS256' }, hmac: toPem(rsa) })],
    'the same with its kid': ['algorithm is no key', () => token(rsa, { header: { alg: 'HS256', ...ofRsa }, hmac: toPem(rsa) })],
    'HS256 signed with its DER': ['algorithm is no key', () => token(rsa, { header: { alg: 'HS256', ...ofRsa }, hmac: der })],
    'HS256 signed with the secret in the set': ['algorithm is no key', () => token(rsa, { header: { alg: 'HS256', kid: 'h1' }, hmac: 'x'.repeat(32) })],
    'alg none': ['algorithm is no key', () => `${token(rsa, { header: { alg: 'none', ...ofRsa } }).split('.').slice(0, 2).join('.')}.`],
    'RS256 with the id of the EC key': ['no key of this algorithm has this id', () => token(rsa, { header: ofEc })],
    'ES256 named, RSA signed': ['signature', () => token(rsa, { header: { alg: 'ES256', ...ofEc } })],
    'PS256': ['algorithm is no key', () => token(rsa, { header: { alg: 'PS256', ...ofRsa } })],
    'a kid nobody has': ['no key of this algorithm has this id', () => token(rsa, { header: { kid: 'r2' } })],
    'another key under this kid': ['signature', () => token(pemRsa, { header: ofRsa })],
    'a key in the token': ['signature', () => token(pemRsa, { header: { jwk: pemRsa.publicKey.export({ format: 'jwk' }) } })],
    'expired': ['expired', () => token(rsa, { header: ofRsa, claims: { iat: seconds() - 90, exp: seconds() - 60 } })],
    'not yet valid': ['not yet valid', () => token(ec, { header: ofEc, claims: { nbf: seconds() + 60 } })],
    'another issuer': ['issuer', () => token(rsa, { header: ofRsa, claims: { iss: 'elsewhere' } })],
    'another audience': ['audience', () => token(ec, { header: ofEc, claims: { aud: 'mail' } })],
    'no audience': ['audience', () => token(rsa, { header: ofRsa, claims: { aud: undefined } })],
  };
  for (const [what, [reason, make]] of Object.entries(cases)) test(what, () => refused(make(), reason));
});

describe('the file changes', () => {
  test('a new key, then without the old one; connections stay', async () => {
    const before = token(ec, { header: { kid: 'e1' } }), next = token(newEc, { header: { kid: 'e2' } });
    const client = await letIn(before);
    await refused(next, 'no key of this algorithm has this id');
    await said('keys_reloaded', () => publish(jwk(rsa, 'r1'), jwk(ec, 'e1'), jwk(newEc, 'e2')));
    await (await letIn(next)).settled();
    await letIn(before);
    await refused(token(ec), 'no key id, and several keys');
    await said('keys_reloaded', () => publish(jwk(rsa, 'r1'), jwk(newEc, 'e2')));
    await refused(before, 'no key of this algorithm has this id');
    await client.settled();
    await client.command('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'still here' });
  });

  test('a bad file: the keys of before stay, until it is good again', async () => {
    const marker = randomBytes(16).toString('hex');
    const line = await said('keys_not_reloaded', () => replace(jwks, `{"keys": [{"kty": "RSA", "kid": "${marker}", "n": "${marker}"}]}`));
    assert.match(line, /jwks\.json: key 1: its numbers cannot be read/);
    await letIn(token(rsa, { header: { kid: 'r1' } }));
    await said('keys_not_reloaded', () => rmSync(jwks));
    await letIn(token(rsa, { header: { kid: 'r1' } }));
    await said('keys_reloaded', both);
    await letIn(token(ec, { header: { kid: 'e1' } }));
    assert.ok(!world.log.some((text) => text.includes(marker)), 'the file is in the log');
  });

  test('SIGHUP reads at once, whatever the interval', async () => {
    await world.stopBridge();
    await world.startBridge({ jwt_reload_interval: 0 });
    const client = await letIn(token(ec, { header: { kid: 'e1' } }));
    publish(jwk(newEc, 'e2'));
    await said('keys_reloaded', () => world.bridge.kill('SIGHUP'));
    await letIn(token(newEc, { header: { kid: 'e2' } }));
    await refused(token(ec, { header: { kid: 'e1' } }), 'no key of this algorithm has this id');
    replace(jwks, 'nonsense');
    await said('keys_not_reloaded', () => world.bridge.kill('SIGHUP'));
    await letIn(token(newEc, { header: { kid: 'e2' } }));
    await client.settled();
  });
});

test('a secret, a PEM file and a set beside each other', async () => {
  both();
  replace(pem, toPem(pemRsa));
  replace(secret, world.key);
  await world.stopBridge();
  await world.startBridge({ jwt_key_file: secret, jwt_public_key_file: pem, jwt_public_key_id: 'p1' });
  await letIn(token(pemRsa, { header: { kid: 'p1' } }));
  await letIn(token(rsa, { header: { kid: 'r1' } }));
  await letIn(token(ec, { header: { kid: 'e1' } }));
  await letIn(token(rsa, { header: { alg: 'HS256' }, hmac: world.key }));
  await refused(token(rsa, { header: { kid: 'p1' } }), 'signature');
  await refused(token(rsa), 'no key id, and several keys');
  await refused(token(rsa, { header: { alg: 'HS256' }, hmac: toPem(pemRsa) }), 'signature');
  await refused(token(rsa, { header: { alg: 'HS256', kid: 'p1' }, hmac: toPem(pemRsa) }), 'no key of this algorithm has this id');
  await said('keys_reloaded', () => replace(pem, toPem(rsa)));
  await letIn(token(rsa, { header: { kid: 'p1' } }));
});

test('a public key given as the secret: the bridge does not start', async () => {
  replace(pem, toPem(rsa));
  await world.stopBridge();
  await assert.rejects(world.startBridge({ jwt_key_file: pem }), /this is PEM or a JWKS, not a secret/);
  await world.startBridge();
});
