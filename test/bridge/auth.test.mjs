// Who gets in, for how long, and what the others are told. A token is never in the log.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => {
  world = await startWorld(import.meta.url, { config: { handshake_timeout: '400ms', expiry_grace: '1s', jwt_leeway: '0s' } });
});
after(() => world.stop());
afterEach(() => world.closeClients());

const seconds = () => Math.floor(Date.now() / 1000);

// Upgraded, told, closed: a browser could not see why an upgrade was refused.
async function refused(client) {
  const refusal = await client.expect('ERROR');
  assert.equal(refusal.code, 'unauthenticated');
  assert.equal((await client.closed).code, 4001);
  assert.ok(!client.everything.some(({ type }) => type === 'WELCOME'));
}

function asymmetric(type, options, alg) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = seconds();
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode({ iss: 'test', sub: 'alice', iat: now, exp: now + 300 })}`;
  return { token: `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`, publicKey };
}

describe('refused with unauthenticated and 4001', () => {
  const cases = {
    'no token within the handshake time': () => null,
    'nonsense': () => 'nonsense',
    'three dots of nothing': () => '..',
    'expired': () => world.forge({ claims: { iat: seconds() - 100, exp: seconds() - 10 } }),
    'not yet valid': () => world.forge({ claims: { nbf: seconds() + 1000 } }),
    'another key': () => world.forge({ key: 'x'.repeat(64) }),
    'alg none': () => world.forge({ header: { alg: 'none', typ: 'JWT' }, signature: '' }),
    'alg none, in other letters': () => world.forge({ header: { alg: 'nOnE', typ: 'JWT' }, signature: '' }),
    'alg none with a signature': () => world.forge({ header: { alg: 'none', typ: 'JWT' } }),
    'no alg': () => world.forge({ header: { typ: 'JWT' } }),
    'HS512 named, HS256 signed': () => world.forge({ header: { alg: 'HS512', typ: 'JWT' } }),
    'RS256': () => asymmetric('rsa', { modulusLength: 2048 }, 'RS256').token,
    'a key id that is not ours': () => world.forge({ header: { alg: 'HS256', typ: 'JWT', kid: 'other' } }),
    'a changed payload': () => {
      const [head, , tail] = world.forge().split('.');
      return [head, world.forge({ claims: { sub: 'bob' } }).split('.')[1], tail].join('.');
    },
    'no signature': () => world.forge({ signature: '' }),
    'another issuer': () => world.forge({ claims: { iss: 'elsewhere' } }),
    'no issuer': () => world.forge({ claims: { iss: undefined } }),
    'no subject': () => world.forge({ claims: { sub: undefined } }),
    'no expiry': () => world.forge({ claims: { exp: undefined } }),
    'an audience that is not this one': () => world.forge({ claims: { aud: 'others' } }),
    'a subject that is no text': () => world.forge({ claims: { sub: { a: 1 } } }),
    'in a URL and older than five minutes': () => world.forge({ claims: { iat: seconds() - 400, exp: seconds() + 400 } }),
  };
  for (const [what, make] of Object.entries(cases)) {
    test(what, async () => {
      const events = await world.eventCount(), users = (await world.one('SELECT count(*)::int AS n FROM collab.users')).n;
      const token = make(), lines = world.log.length;
      await refused(world.connectTo(token === null ? '/ws' : `/ws?token=${token}`));
      assert.equal(await world.eventCount(), events);
      assert.equal((await world.one('SELECT count(*)::int AS n FROM collab.users')).n, users);
      const said = await until(() => world.log.slice(lines).filter((line) => /token|auth/i.test(line)), 'a line in the log');
      assert.ok(said.length > 0);
      if (token && token.length > 20) assert.ok(!world.log.some((line) => line.includes(token.split('.')[1])), 'the token is in the log');
    });
  }
});

describe('let in', () => {
  test('Authorization: Bearer, also with an older token than a URL may hold', async () => {
    const token = world.forge({ claims: { iat: seconds() - 400, exp: seconds() + 400 } });
    const client = world.connectTo('/ws', { headers: { Authorization: `Bearer ${token}` } });
    assert.equal((await client.expect('WELCOME')).user.user_id, world.users.alice);
  });

  test('subprotocols collab.v1, bearer.<jwt>: the server answers collab.v1', async () => {
    const client = world.connectTo('/ws', { protocols: ['collab.v1', `bearer.${world.token('bob')}`] });
    await client.opened;
    assert.equal(client.socket.protocol, 'collab.v1');
    assert.equal((await client.expect('WELCOME')).user.user_id, world.users.bob);
  });

  test('auth_token in JOIN_BOARD: WELCOME, then the board', async () => {
    const client = world.connectTo('/ws');
    await client.opened;
    client.send('JOIN_BOARD', { board_id: world.board.id, auth_token: world.token('alice'), user_id: world.users.alice });
    await client.expect('BOARD_STATE');
    assert.deepEqual(client.everything.map(({ type }) => type), ['WELCOME', 'BOARD_STATE']);
  });

  test('AUTH as the first message', async () => {
    const client = world.connectTo('/ws');
    await client.opened;
    client.send('AUTH', { token: world.token('alice') });
    assert.equal((await client.expect('WELCOME')).user.user_id, world.users.alice);
  });

  test('a user who was never seen is made, once for all connections', async () => {
    const token = world.forge({ claims: { sub: 'newcomer', name: 'New Comer', picture: 'https://example.com/n.png' } });
    const clients = [1, 2, 3].map(() => world.connectTo(`/ws?token=${token}`));
    const users = await Promise.all(clients.map((client) => client.expect('WELCOME').then(({ user }) => user)));
    assert.equal(new Set(users.map(({ user_id }) => user_id)).size, 1);
    assert.deepEqual([users[0].username, users[0].avatar], ['New Comer', 'https://example.com/n.png']);
    const { rows } = await world.sql.query(`SELECT id FROM collab.users WHERE issuer = 'test' AND subject = 'newcomer'`);
    assert.deepEqual(rows, [{ id: users[0].user_id }]);
  });

  test('the name in a newer token is the name from then on', async () => {
    await world.connectTo(`/ws?token=${world.forge({ claims: { sub: 'changing', name: 'Before' } })}`).expect('WELCOME');
    const { user } = await world.connectTo(`/ws?token=${world.forge({ claims: { sub: 'changing', name: 'After' } })}`).expect('WELCOME');
    assert.equal(user.username, 'After');
  });
});

describe('before and after', () => {
  test('a command without a token is not carried out', async () => {
    const before = await world.eventCount();
    const client = world.connectTo('/ws');
    await client.opened;
    client.send('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x' });
    await refused(client);
    assert.equal(await world.eventCount(), before);
  });

  test('a user_id in JOIN_BOARD that is not the token’s is forbidden', async () => {
    const client = await world.client('alice');
    client.send('JOIN_BOARD', { board_id: world.board.id, user_id: world.users.bob });
    assert.equal((await client.expect('ERROR')).code, 'forbidden');
    await client.settled();
  });

  test('AUTH renews; AUTH of another user is forbidden, and one keeps being who one was', async () => {
    const client = await world.joined('alice');
    client.send('AUTH', { token: world.token('bob') });
    assert.equal((await client.expect('ERROR')).code, 'forbidden');
    client.send('AUTH', { token: world.token('alice') });
    const ack = await client.command('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'still alice' });
    assert.equal(ack.events[0].payload.user_id, world.users.alice);
  });

  test('at expiry there is a grace for AUTH, then close 4010', async () => {
    const short = () => world.forge({ claims: { exp: seconds() + 2 } });
    const renewing = world.connectTo(`/ws?token=${short()}`), silent = world.connectTo(`/ws?token=${short()}`);
    await renewing.expect('WELCOME');
    renewing.send('AUTH', { token: world.token('alice') });
    await silent.expect('WELCOME');
    assert.equal((await silent.closed).code, 4010);
    await renewing.settled();
  });
});

describe('a token that expires on an open connection', () => {
  const create = (client) => client.ask('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x' });
  // A connection whose token has just expired, on the board.
  async function expired() {
    const exp = seconds() + 2, client = world.connectTo(`/ws?token=${world.forge({ claims: { exp } })}`);
    await client.expect('WELCOME');
    await client.join(world.board.id);
    assert.equal((await create(client)).type, 'ACK');
    await until(() => Date.now() >= exp * 1000, 'it expires');
    return client;
  }

  test('from then on only AUTH and HEARTBEAT are accepted; AUTH with a fresh one restores', async () => {
    const client = await expired(), before = await world.eventCount();
    await client.settled();
    for (const [type, payload] of [['CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x' }],
      ['GET_EVENTS', { board_id: world.board.id, after_version: 0 }], ['JOIN_BOARD', { board_id: world.board.id }], ['LEAVE_BOARD', { board_id: world.board.id }],
      ['JOIN_BOARD', { board_id: world.board.id, auth_token: world.token('alice') }]]) {
      assert.equal((await client.refused(type, payload)).code, 'unauthenticated', type);
    }
    assert.equal(await world.eventCount(), before);
    client.send('AUTH', { token: world.token('alice') });
    assert.equal((await client.expect('ACK', ({ command }) => command === 'AUTH')).changed, true);
    assert.equal((await create(client)).type, 'ACK');
  });

  test('AUTH with another user’s token is forbidden, and does not restore', async () => {
    const client = await expired();
    client.send('AUTH', { token: world.token('bob') });
    assert.equal((await client.expect('ERROR')).code, 'forbidden');
    assert.equal((await create(client)).payload.code, 'unauthenticated');
    assert.equal((await client.closed).code, 4010);
  });

  test('AUTH with one that has expired, too, ends it', async () => {
    const client = await expired();
    client.send('AUTH', { token: world.forge({ claims: { iat: seconds() - 60, exp: seconds() - 1 } }) });
    assert.equal((await client.expect('ERROR')).code, 'unauthenticated');
    assert.equal((await client.closed).code, 4001);
  });
});

test('no line of the log holds anything of a token', async () => {
  const token = world.token('alice');
  const client = world.connectTo(`/ws?token=${token}&x=1`);
  await client.expect('WELCOME');
  client.send('AUTH', { token });
  client.sendText(`{"type": "AUTH", "payload": {"token": "${token}"`);
  await client.expect('ERROR');
  await client.close();
  await until(() => world.log.some((line) => /clos|gone|left/i.test(line)), 'a line about the end');
  const [, claims, signature] = token.split('.');
  assert.ok(!world.log.some((line) => line.includes(claims) || line.includes(signature)));
});
