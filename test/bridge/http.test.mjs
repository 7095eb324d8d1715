// What the bridge answers to plain HTTP: health, metrics, the two reads of the page, and the page itself.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorld, until } from './harness.mjs';

let world, root;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'collab-web-'));
  mkdirSync(join(root, 'web/assets'), { recursive: true });
  writeFileSync(join(root, 'web/index.html'), '<!doctype html><title>board</title>');
  writeFileSync(join(root, 'web/assets/index-Ab12Cd34.js'), 'console.log(1)');
  writeFileSync(join(root, 'web/assets/index-Ab12Cd34.css'), 'body{}');
  writeFileSync(join(root, 'secret.txt'), 'secret');
  world = await startWorld(import.meta.url, { config: { web_root: join(root, 'web') } });
});
after(async () => {
  await world.stop();
  rmSync(root, { recursive: true });
});

const get = (path, headers = {}, method = 'GET') => fetch(`${world.http}${path}`, { headers, method, redirect: 'manual' });
const bearer = (user) => ({ Authorization: `Bearer ${world.token(user)}` });

// fetch tidies a path up before it sends it; this does not.
const exactly = (path) => new Promise((done, failed) => {
  request({ host: '127.0.0.1', port: world.port, path }, (answer) => {
    let body = '';
    answer.on('data', (part) => { body += part; }).on('end', () => done({ status: answer.statusCode, body }));
  }).on('error', failed).end();
});

describe('operations', () => {
  test('/healthz and /readyz', async () => {
    for (const path of ['/healthz', '/readyz']) assert.equal((await get(path)).status, 200, path);
  });

  test('/metrics counts what happens', async () => {
    const client = await world.joined('alice');
    await client.command('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'counted' });
    await client.refused('CREATE_LIST', { board_id: world.board.id });
    const answer = await get('/metrics');
    assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    const number = (pattern) => Number(text.match(pattern)?.[1] ?? NaN);
    assert.equal(number(/^collab_bridge_connections(?:\{[^}]*\})? (\d+)$/m), 1);
    assert.equal(number(/^collab_bridge_rooms(?:\{[^}]*\})? (\d+)$/m), 1);
    for (const name of ['command', 'delivery', 'batch', 'queue', 'resync', 'reconnect', 'listener'])
      assert.match(text, new RegExp(`^collab_bridge_\\w*${name}\\w*`, 'm'), name);
    assert.match(text, /^collab_bridge_commands_total\{[^}]*result="ack"[^}]*\} 1$/m);
    for (const line of text.split('\n').filter(Boolean)) assert.match(line, /^(# (HELP|TYPE) .*|\w+(\{[^}]*\})? [-+.\w]+)$/);
    await client.close();
    await until(async () => /^collab_bridge_connections 0$/m.test(await (await get('/metrics')).text()), 'the connection is no longer counted');
  });
});

describe('the API', () => {
  test('/api/me and /api/workspaces', async () => {
    const me = await get('/api/me', bearer('bob'));
    assert.equal(me.status, 200);
    assert.match(me.headers.get('content-type'), /^application\/json/);
    assert.equal((await me.json()).user_id, world.users.bob);
    // one's own comes last, and everybody has one
    const { workspaces: [team, own, ...others] } = await (await get('/api/workspaces', bearer('bob'))).json();
    assert.deepEqual([team.id, team.name, team.role, team.personal], [world.workspace, 'Team', 'member', false]);
    assert.deepEqual(team.boards.map(({ id, name }) => [id, name]), [[world.board.id, 'Board'], [team.default_board_id, 'Tasks']]);
    assert.deepEqual([own.name, own.role, own.personal, own.boards.map(({ id }) => id), others.length], ['Personal', 'owner', true, [own.default_board_id], 0]);
    const { workspaces: ofMallory } = await (await get('/api/workspaces', bearer('mallory'))).json();
    assert.deepEqual(ofMallory.map(({ name, personal }) => [name, personal]), [['Personal', true]]);
  });

  test('without a good token: 401 and a problem document', async () => {
    for (const headers of [{}, { Authorization: 'Bearer x' }, { Authorization: `Basic ${Buffer.from('alice:x').toString('base64')}` },
      { Authorization: `Bearer ${world.forge({ key: 'x'.repeat(64) })}` }, { Authorization: `Bearer ${world.forge({ header: { alg: 'none' }, signature: '' })}` }]) {
      const answer = await get('/api/me', headers);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
      assert.equal((await answer.json()).code, 'unauthenticated');
    }
  });

  test('an unknown path is 404, another method is refused', async () => {
    assert.equal((await get('/api/nothing', bearer('bob'))).status, 404);
    assert.ok([404, 405].includes((await get('/api/me', bearer('bob'), 'DELETE')).status));
    assert.ok([404, 405].includes((await get('/', {}, 'POST')).status));
  });
});

describe('the page', () => {
  test('/ is index.html, never cached, with a strict policy', async () => {
    const answer = await get('/');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/html/);
    assert.match(await answer.text(), /<title>board<\/title>/);
    assert.match(answer.headers.get('cache-control'), /no-cache|no-store/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    const policy = answer.headers.get('content-security-policy');
    assert.match(policy, /default-src 'self'|default-src 'none'/);
    assert.ok(!/script-src[^;]*unsafe/.test(policy), policy);
    assert.match(policy, /frame-ancestors/);
  });

  test('hashed assets are immutable and have their types', async () => {
    for (const [name, type] of [['js', /javascript/], ['css', /text\/css/]]) {
      const answer = await get(`/assets/index-Ab12Cd34.${name}`);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type'), type);
      assert.match(answer.headers.get('cache-control'), /immutable/);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    }
  });

  test('a path of the page’s own gives index.html, a missing file 404', async () => {
    assert.match(await (await get('/boards/7')).text(), /<title>board/);
    assert.equal((await get('/assets/none.js')).status, 404);
    assert.equal((await get('/favicon.ico')).status, 404);
  });

  test('nothing outside the root', async () => {
    for (const path of ['/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/%2e%2e/%2e%2e/secret.txt', '//secret.txt',
      '/assets/..\\..\\secret.txt', '/%00', '/assets/%']) {
      const answer = await exactly(path);
      assert.ok(!answer.body.includes('secret'), path);
    }
    assert.equal((await get('/')).status, 200);
  });
});
