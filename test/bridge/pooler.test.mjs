// Commands and reads through PgBouncer in transaction mode, with one server connection for all of them; the listener
// goes to the server itself.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world, pooler, poolerEnded, dir;

// PgBouncer does not run as root: it runs as whoever the server runs as.
function startPooler() {
  const { uid, gid } = statSync(world.server.host);
  dir ??= join('/tmp', `collab-pooler-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'users.txt'), '"collab_bridge" ""\n"postgres" ""\n');
  writeFileSync(join(dir, 'pgbouncer.ini'), `[databases]
${world.database} = host=${world.server.host} port=${world.server.port} dbname=${world.database}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = ${dir}
auth_type = trust
auth_file = ${join(dir, 'users.txt')}
pool_mode = transaction
default_pool_size = 1
max_client_conn = 50
`);
  if (process.getuid() === 0) chownSync(dir, uid, gid);
  pooler = spawn('pgbouncer', ['-q', join(dir, 'pgbouncer.ini')], { stdio: 'ignore', ...(process.getuid() === 0 ? { uid, gid } : {}) });
  poolerEnded = new Promise((done) => pooler.on('close', done).on('error', done));
}

async function stopPooler() {
  pooler.kill('SIGKILL');
  await poolerEnded;
}

const poolerAnswers = () => until(async () => {
  try {
    await (await world.connect({ host: dir, port: 6432, user: 'collab_bridge' })).end();
    return true;
  } catch { return false; }
}, 'the pooler answers');

before(async () => {
  world = await startWorld(import.meta.url);
  startPooler();
  await poolerAnswers();
  await world.stopBridge();
  await world.startBridge({ pool_database: `host=${dir} port=6432 dbname=${world.database} user=collab_bridge`, pool_mode: 'transaction',
    pool_size: 2, read_pool_size: 2, lock_timeout: '300ms', database_wait: '10s' });
});
after(async () => {
  await world.stop();
  await stopPooler();
  rmSync(dir, { recursive: true });
});
afterEach(() => world.closeClients());

const create = (board, title) => ['CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title }];

test('commands and reads share one session of the server, and leave nothing in it', async () => {
  const boards = [await world.makeBoard(), await world.makeBoard(), await world.makeBoard()];
  const clients = await Promise.all(boards.map((board, i) => world.joined(['alice', 'bob', 'dora'][i], board)));
  const watchers = await Promise.all(boards.map((board) => world.joined('carol', board)));
  await Promise.all(clients.flatMap((client, i) => Array.from({ length: 20 }, (_, n) => client.command(...create(boards[i], `task ${n}`)))));
  for (const [i, watcher] of watchers.entries()) {
    await until(() => watcher.events(boards[i].id).length === 20, 'twenty events');
    assertConsecutive(watcher.events(boards[i].id), 1);
    assert.equal((await world.joined('carol', boards[i])).state.board.lists[0].tasks.length, 20);
  }
  const { n } = await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'collab_bridge' AND datname = current_database()`);
  assert.equal(n, 2, 'one for the pooler, one for the listener');
  const session = await world.connect({ host: dir, port: 6432, user: 'collab_bridge' });
  const { rows: [left] } = await session.query(`SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement,
    (SELECT count(*)::int FROM pg_prepared_statements) AS prepared`);
  assert.deepEqual(left, { lock: '0', statement: '0', prepared: 0 });
  await session.end();
});

test('the time-outs hold for each unit all the same', async () => {
  const board = await world.makeBoard(), client = await world.joined('alice', board);
  const other = await world.connect();
  await other.query('BEGIN');
  await other.query(`SELECT set_config('collab.user_id', $1, true)`, [String(world.users.bob)]);
  await other.query('SELECT collab.create_task($1, $2, $3)', [board.id, board.lists['To do'], 'holder']);
  assert.equal((await client.refused(...create(board, 'blocked'))).code, 'unavailable');
  await other.query('ROLLBACK');
  await other.end();
  await client.command(...create(board, 'free'));
});

test('the pooler is killed and comes back: clients stay, what was in doubt is done once', async () => {
  const board = await world.makeBoard(), sender = await world.joined('alice', board), watcher = await world.joined('carol', board);
  const ids = Array.from({ length: 30 }, () => randomUUID());
  ids.slice(0, 10).forEach((id, i) => sender.send(...create(board, `before ${i}`), id));
  await sender.expect('ACK');
  ids.slice(10, 20).forEach((id, i) => sender.send(...create(board, `at the moment ${i}`), id));
  await stopPooler();
  ids.slice(20).forEach((id, i) => sender.send(...create(board, `away ${i}`), id));
  startPooler();
  await until(() => ids.every((id) => sender.everything.some(({ type, payload }) => type === 'ACK' && payload.command_id === id)), 'thirty ACKs');
  await until(() => watcher.events(board.id).length === 30, 'thirty events');
  assertConsecutive(watcher.events(board.id), 1);
  const made = (await world.boardEvents(board.id)).map(({ command_id }) => command_id).filter(Boolean);
  assert.deepEqual(made.sort(), [...ids].sort());
  assert.ok(!sender.isClosed && !watcher.isClosed);
});
