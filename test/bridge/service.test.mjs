// What a service manager is told (sd_notify), over a socket of its kind.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startWorld, until } from './harness.mjs';

// Node has no unix datagrams: perl has, and prints each one as a line of JSON.
const dir = mkdtempSync(join(tmpdir(), 'collab-service-'));
const path = join(dir, 'notify');
const told = [];
const manager = spawn('perl', ['-MSocket', '-e', `
  $| = 1;
  my $s;
  socket($s, AF_UNIX, SOCK_DGRAM, 0) and bind($s, pack_sockaddr_un($ARGV[0])) or die $!;
  while (defined recv($s, my $text, 65536, 0)) { $text =~ s/\\n/ /g; print "$text\\n" }`, path], { stdio: ['ignore', 'pipe', 'inherit'] });
createInterface({ input: manager.stdout }).on('line', (line) => told.push(line));
process.on('exit', () => {
  manager.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

let world;
before(async () => {
  await until(() => existsSync(path), 'the socket');
  world = await startWorld(import.meta.url, { ownServer: true, environment: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '100000' } });
});
after(() => manager.kill());

const saw = (what, from = 0) => until(() => told.slice(from).find((line) => (what instanceof RegExp ? what.test(line) : line === what)), String(what));

test('ready once it listens, with a status', async () => {
  await saw('READY=1');
  await saw(/^STATUS=ready; 0 connections on 127\.0\.0\.1:\d+$/);
  await world.client('alice');
  await saw(/^STATUS=ready; 1 connections/);
});

test('the watchdog is fed while the loop turns, and not while it does not', async () => {
  const count = () => told.filter((line) => line === 'WATCHDOG=1').length;
  const before = count();
  await until(() => count() > before + 2, 'three more');
  world.bridge.kill('SIGSTOP');
  const asleep = count();
  const end = Date.now() + 400; // nothing is to come: only time can tell
  await until(() => Date.now() > end, 'four periods');
  assert.ok(count() <= asleep + 1);
  world.bridge.kill('SIGCONT');
  await until(() => count() > asleep + 2, 'awake again');
});

test('a reload is begun and ended, good or bad', async () => {
  for (const more of [{ log_level: 'info' }, { pool_size: 'x' }, {}]) {
    const from = told.length;
    world.writeConfig(more);
    world.bridge.kill('SIGHUP');
    await saw(/^RELOADING=1 MONOTONIC_USEC=\d+$/, from);
    await saw('READY=1', from);
  }
});

test('the status and the log follow the database', async () => {
  const from = world.log.length;
  world.haltServer('immediate');
  await saw(/^STATUS=the database is not available; /);
  const since = async () => (await (await fetch(`${world.http}/metrics`)).text()).match(/listener_since_seconds (\d+)/)[1];
  assert.ok(Math.abs(await since() - Date.now() / 1000) < 10);
  const back = told.length;
  await world.resumeServer();
  await saw(/^STATUS=ready; /, back);
  const events = world.log.slice(from).map((line) => JSON.parse(line).event);
  for (const event of ['changes_not_heard', 'not_ready', 'database_connection_lost', 'listening_for_changes', 'ready']) {
    assert.ok(events.includes(event), event);
  }
});

test('stopping is told', async () => {
  await world.stop();
  await saw('STOPPING=1');
});
