// Options: where they come from, what --check-config says, and what SIGHUP puts into force.
import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BRIDGE, startWorld, until } from './harness.mjs';

let world;
const dir = mkdtempSync(join(tmpdir(), 'collab-config-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());
afterEach(() => world.closeClients());

const file = join(dir, 'bridge.conf'), key = join(dir, 'jwt.key');
writeFileSync(key, 'k'.repeat(40), { mode: 0o600 });

function bridge(args, environment = {}) {
  return spawnSync(BRIDGE, args, { encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } });
}

describe('without starting', () => {
  test('--version and --help', () => {
    assert.match(bridge(['--version']).stdout, /^collab-bridge \d+\.\d+/);
    const help = bridge(['--help']);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--check-config[^]*--listen <address:port>/);
  });

  test('--check-config prints the options in force, passwords masked', () => {
    writeFileSync(file, `jwt_key_file = ${key}\npool_size = 3\nread_pool_size = 3\nbatch_size = 3\ndatabase = dbname=c password=geheim\n`);
    const done = bridge(['--check-config', '--batch-size=5'], { COLLAB_CONFIG: file, COLLAB_READ_POOL_SIZE: '4', COLLAB_BATCH_SIZE: '4' });
    assert.equal(done.stderr, '');
    assert.equal(done.status, 0);
    assert.match(done.stdout, /^# the configuration is valid/);
    for (const line of ['pool_size = 3', 'read_pool_size = 4', 'batch_size = 5', 'database = dbname=c password=********']) {
      assert.ok(done.stdout.includes(`\n${line}\n`), line);
    }
    assert.ok(!done.stdout.includes('geheim'));
  });

  test('--check-config reports every problem with its line, and ends with 2', () => {
    writeFileSync(file, `pool_size = 0\n\nlissen = 127.0.0.1:1\nlog_level = loud\nlisten = 0.0.0.0:80\n`);
    const done = bridge(['--check-config', '--config', file, '--max-conections', '7']);
    assert.equal(done.status, 2);
    assert.deepEqual(done.stderr.trim().split('\n').map((line) => line.replace(`${file}:`, '').replace(/ (is|to|must) .*/, '')), [
      '1: pool_size: "0"', '3: lissen: unknown option; did you mean listen?', '4: log_level: "loud"',
      '--max-conections: unknown option; did you mean max_connections?', '5: listen: "0.0.0.0:80"', 'default: jwt_key_file:']);
  });

  test('--check-config reads the keys, and warns of a secret that everybody may read', () => {
    writeFileSync(file, `jwt_key_file = ${key}\n`);
    chmodSync(key, 0o644);
    const open = bridge(['--check-config', '--config', file]);
    chmodSync(key, 0o640);
    assert.equal(open.status, 0);
    assert.match(open.stderr, /^warning: jwt_key_file: \S+jwt\.key is open to everybody on this machine \(mode 0644\)\n$/);
    assert.equal(bridge(['--check-config', '--config', file]).stderr, '');
    const short = bridge(['--check-config', '--config', file, '--jwt-key-file', '/dev/null']);
    assert.equal(short.status, 2);
    assert.match(short.stderr, /\/dev\/null/);
    assert.equal(bridge(['--check-config', '--config', file, '--jwt-jwks-file', join(dir, 'none.json')]).status, 2);
  });

  test('a flag without a value, a stray word, a file that is not there', () => {
    for (const args of [['--listen'], ['stray'], ['--config', join(dir, 'none')], ['--config']]) {
      assert.equal(bridge(['--check-config', `--jwt-key-file=${key}`, ...args]).status, 2, args.join(' '));
    }
  });
});

describe('SIGHUP', () => {
  // The harness's own settings with others on top of them; resolves to what the log says of the reload.
  async function reload(more, how = 'configuration_reloaded') {
    const from = world.log.length;
    world.writeConfig(more);
    world.bridge.kill('SIGHUP');
    const line = await until(() => world.log.slice(from).find((text) => text.includes(how)), how);
    return { said: world.log.slice(from).join('\n'), line };
  }

  test('a log level changes at once, and back', async () => {
    await reload({ log_level: 'info' });
    let from = world.log.length;
    await fetch(`${world.http}/healthz`);
    assert.ok(!world.log.slice(from).some((line) => line.includes('http_request')));
    const { line } = await reload({});
    assert.match(line, /"changed":"log_level"/);
    from = world.log.length;
    await fetch(`${world.http}/healthz`);
    await until(() => world.log.slice(from).some((text) => text.includes('http_request')), 'debug lines again');
  });

  test('connections stay, and a limit holds for them from then on', async () => {
    const alice = await world.joined('alice');
    await reload({ max_message: '2kB' });
    alice.send('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x'.repeat(3000) });
    assert.equal((await alice.closed).code, 1009);
    await reload({});
    const again = await world.joined('alice');
    await again.command('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x'.repeat(300) });
  });

  test('an issuer changes for new tokens', async () => {
    await reload({ jwt_issuer: 'somebody-else' });
    const client = world.connectTo(`/ws?token=${world.token('alice')}`);
    assert.equal((await client.expect('ERROR')).code, 'unauthenticated');
    await reload({});
    await world.client('alice');
  });

  test('an option that needs a restart is named and keeps its value', async () => {
    const { said } = await reload({ pool_size: 3, listen: '127.0.0.1:1', reconnect_after: '1s' });
    assert.match(said, /"level":"warning","event":"options_need_restart","options":"listen pool_size"/);
    assert.match(said, /"changed":"reconnect_after"/);
    assert.equal((await fetch(`${world.http}/readyz`)).status, 200);
  });

  test('a bad file changes nothing and every problem is said', async () => {
    const { said } = await reload({ log_level: 'info', max_message: 'huge', event_page: 0 }, '"problem":"');
    assert.match(said, /configuration_not_reloaded","problem":"[^"]*bridge\.conf:\d+: max_message: \\"huge\\"/);
    assert.match(said, /configuration_not_reloaded","problem":"[^"]*event_page: \\"0\\"/);
    const from = world.log.length;
    await fetch(`${world.http}/healthz`);
    await until(() => world.log.slice(from).some((text) => text.includes('http_request')), 'still debug');
  });

  test('a bad key file stops all of it', async () => {
    const { said } = await reload({ log_level: 'info', jwt_key_file: '/dev/null' }, 'configuration_not_reloaded');
    assert.match(said, /keys_not_reloaded/);
    const alice = await world.client('alice');
    assert.equal(alice.welcome.user.user_id, world.users.alice);
    const metrics = await (await fetch(`${world.http}/metrics`)).text();
    assert.match(metrics, /reloads_total\{result="failed"\} 2\n/);
    await reload({});
  });
});
