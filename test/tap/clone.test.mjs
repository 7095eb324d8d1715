// A newcomer's first hour in a fresh clone (COLLAB_CLONE, made by clone.sh): make start, two people on one board, SQL,
// a conflict, killing things, make stop. Everything goes through make and the address it prints.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { assertConsecutive, Client, until } from '../bridge/harness.mjs';

const CLONE = process.env.COLLAB_CLONE;
const RUN = join(CLONE, '.run');
let port, board, lists, alice, bob;

// `make TARGET…` in the clone: { status, out, err }.
function make(target, { input, env = {}, args = [] } = {}) {
  const done = spawnSync('make', ['--no-print-directory', '-s', '-C', CLONE, ...target.split(' '), ...args],
    { encoding: 'utf8', input, env: { ...process.env, PORT: String(port), ...env }, timeout: 900_000 });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

function made(target, options) {
  const { status, out, err } = make(target, options);
  assert.equal(status, 0, `make ${target}: ${out}${err}`);
  return out;
}

const psql = (sql) => made('psql', { input: sql, args: ['ARGS=-XAtq -v ON_ERROR_STOP=1'] }).trim();
const token = (user) => made(`token USER=${user}`).trim();
const pidIn = (file) => Number(readFileSync(join(RUN, file), 'utf8').split('\n')[0]);

async function connect(user, since) {
  const client = new Client(`ws://127.0.0.1:${port}/ws?token=${token(user)}`);
  client.welcome = await client.expect('WELCOME');
  if (since) client.send('JOIN_BOARD', { board_id: board, ...since });
  else client.state = await client.join(board);
  return client;
}

const lastOf = (client) => client.events(board).at(-1)?.payload ?? client.state;
const create = (title, list = lists[0].id) => ['CREATE_TASK', { board_id: board, list_id: list, title }];

before(async () => {
  port = await new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const free = server.address().port;
      server.close(() => done(free));
    });
  });
});
after(() => {
  for (const client of [alice, bob]) client?.cut();
});

test('make start prints an address, two logins, a wscat line and a psql line', async () => {
  const out = made('start');
  assert.match(out, new RegExp(`http://127\\.0\\.0\\.1:${port}/`));
  const logins = [...out.matchAll(new RegExp(`http://127\\.0\\.0\\.1:${port}/#token=([\\w.-]+)&board=([0-9a-f-]{36})`, 'g'))];
  assert.equal(logins.length, 2);
  board = logins[0][2];
  assert.equal(logins[1][2], board);
  assert.match(out, new RegExp(`wscat -c "ws://127\\.0\\.0\\.1:${port}/ws\\?token=[\\w.-]+"`));
  assert.match(out, /psql -h \S+ -U \S+ collab/);
  const page = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<script[^>]*type="module"/);
});

test('make token prints nothing but a token; alice is user 1, bob user 2', () => {
  for (const [user, id] of [['alice', 1], ['bob', 2]]) {
    const printed = made(`token USER=${user}`);
    assert.match(printed, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = JSON.parse(Buffer.from(printed.split('.')[1], 'base64url'));
    assert.equal(claims.exp - claims.iat, 12 * 3600);
    assert.equal(psql(`SELECT id FROM collab.users WHERE issuer = '${claims.iss}' AND subject = '${claims.sub}'`), String(id));
  }
});

test('nothing of it runs as root or listens beyond this machine', () => {
  for (const pid of [pidIn('bridge.pid'), pidIn('pgdata/postmaster.pid')]) {
    assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
    assert.ok(readlinkSync(`/proc/${pid}/exe`));
  }
  assert.equal(psql('SHOW listen_addresses'), '');
  assert.equal(psql(`SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'peer'`), '0');
});

test('the demo board came whole from the export', () => {
  const full = JSON.parse(readFileSync(join(CLONE, 'test/fixtures/trello-full.json'), 'utf8'));
  assert.equal(psql(`SELECT name FROM collab.boards WHERE id = '${board}'`), full.name);
  assert.equal(psql(`SELECT count(*) FROM collab.tasks WHERE board_id = '${board}'`), String(full.cards.length));
  assert.equal(psql(`SELECT m.role FROM collab.members m JOIN collab.boards b USING (workspace_id) WHERE b.id = '${board}' AND m.user_id = 1`), 'owner');
  assert.equal(psql(`SELECT m.role FROM collab.members m JOIN collab.boards b USING (workspace_id) WHERE b.id = '${board}' AND m.user_id = 2`), 'member');
});

test('two people: every command is an ACK for one and an event for the other', async () => {
  alice = await connect('alice');
  bob = await connect('bob');
  await alice.expect('USER_JOINED', ({ user }) => user.user_id === 2);
  lists = alice.state.board.lists;
  const seen = async (type, payload, event) => {
    const ack = await alice.command(type, { board_id: board, ...payload });
    assert.deepEqual(await bob.expect(event), ack.events[0].payload);
    return ack.result;
  };
  const { task_id } = await seen(...create('made in the clone'), 'TASK_CREATED');
  await seen('MOVE_TASK', { task_id, to_list_id: lists[1].id, new_position: 0 }, 'TASK_MOVED');
  await seen('UPDATE_TASK', { task_id, updates: { title: 'changed' } }, 'TASK_UPDATED');
  await seen('DELETE_TASK', { task_id }, 'TASK_DELETED');
  const { list_id } = await seen('CREATE_LIST', { name: 'One more' }, 'LIST_CREATED');
  await seen('MOVE_LIST', { list_id, new_position: 0 }, 'LIST_MOVED');
  alice.send('CURSOR_MOVE', { board_id: board, x: 1, y: 2 });
  await bob.expect('CURSOR_UPDATE', ({ user_id }) => user_id === 1);
  const carol = await connect('alice');
  await carol.settled();
  await carol.close();
  const { result: { workspace_id } } = await alice.command('CREATE_WORKSPACE', { name: 'Second' });
  await alice.command('ADD_MEMBER', { workspace_id, user_id: 2, role: 'viewer' });
  await alice.command('CREATE_BOARD', { workspace_id, name: 'Second board' });
});

test('SQL from make psql changes the board, and LISTEN prints the pointer', async () => {
  const printed = psql(`SET collab.user_id = '1'; LISTEN "collab:board:${board}";
    SELECT collab.create_task('${board}', '${lists[0].id}', 'typed in psql')->>'version';
    SELECT collab.execute('{"type": "CREATE_TASK", "payload": {"board_id": "${board}", "list_id": "${lists[0].id}", "title": "executed"}}')->>'version';`);
  const versions = printed.split('\n').filter((line) => /^\d+$/.test(line)).map(Number);
  for (const client of [alice, bob]) {
    await client.expect('TASK_CREATED', ({ task, version }) => task.title === 'typed in psql' && version === versions[0]);
    await client.expect('TASK_CREATED', ({ task, version }) => task.title === 'executed' && version === versions[1]);
  }
  assert.match(printed, new RegExp(`"collab:board:${board}" with payload "\\{"board_id": ?"${board}", ?"version": ?${versions[0]}\\}"`));
});

test('the same task moved by two from one version: one wins, the other is shown how it is', async () => {
  const { result: { task_id }, version } = await alice.command(...create('contested'));
  await bob.expect('TASK_CREATED', ({ task }) => task.id === task_id);
  const answers = await Promise.all([alice, bob].map((client, i) => client.ask('MOVE_TASK',
    { board_id: board, task_id, to_list_id: lists[1 + i].id, new_position: 0, version })));
  assert.deepEqual(answers.map(({ type }) => type).sort(), ['ACK', 'CONFLICT_ERROR']);
  const { payload } = answers.find(({ type }) => type === 'CONFLICT_ERROR');
  assert.deepEqual([payload.expected_version, payload.current_version, payload.current.id], [version, version + 1, task_id]);
  assert.equal(psql(`SELECT count(*) FROM collab.events WHERE aggregate_id = '${board}' AND event_type = 'TaskMoved' AND version > ${version}`), '1');
  const places = await Promise.all([alice, bob].map(async (client) => {
    client.send('GET_BOARD', { board_id: board });
    const state = await client.expect('BOARD_STATE');
    return state.board.lists.find(({ tasks }) => tasks.some(({ id }) => id === task_id)).id;
  }));
  assert.equal(places[0], places[1]);
});

test('one who was away gets exactly what was missed', async () => {
  const { version: since_version, event: since_event } = lastOf(bob);
  await bob.close();
  for (const title of ['missed 1', 'missed 2']) await alice.command(...create(title));
  bob = await connect('bob', { since_version, since_event });
  const page = await bob.expect('BOARD_EVENTS');
  assert.deepEqual(page.events.map(({ payload }) => payload.task.title), ['missed 1', 'missed 2']);
});

test('kill -9 the bridge, make start: back where one was, nothing lost, nothing twice', async () => {
  const { version: since_version, event: since_event } = lastOf(alice);
  process.kill(pidIn('bridge.pid'), 'SIGKILL');
  await Promise.all([alice.closed, bob.closed]);
  psql(`SET collab.user_id = '1'; SELECT collab.create_task('${board}', '${lists[0].id}', 'while it was dead')`);
  made('start');
  alice = await connect('alice', { since_version, since_event });
  bob = await connect('bob', { since_version, since_event });
  for (const client of [alice, bob]) {
    assert.deepEqual((await client.expect('BOARD_EVENTS')).events.map(({ payload }) => payload.task.title), ['while it was dead']);
  }
});

// Both clients are there, and what alice does now reaches bob with no version between them and the last.
async function goesOn(title) {
  const from = lastOf(bob).version;
  const ack = await until(async () => {
    const answer = await alice.ask(...create(title), randomUUID());
    return answer.type === 'ACK' && answer.payload;
  }, 'a command goes through');
  await bob.expect('TASK_CREATED', ({ version }) => version === ack.version, 2000);
  assertConsecutive(bob.events(board).filter(({ payload }) => payload.version > from), from);
  assert.ok(!alice.isClosed && !bob.isClosed, 'nobody was disconnected');
}

test('kill every backend of the bridge: it goes on', async () => {
  assert.ok(Number(psql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'collab_bridge'`)) > 0);
  await goesOn('after the backends');
});

test('kill -9 PostgreSQL, make start: it goes on', async () => {
  process.kill(pidIn('pgdata/postmaster.pid'), 'SIGKILL');
  const bridge = pidIn('bridge.pid');
  made('start');
  assert.equal(pidIn('bridge.pid'), bridge, 'the bridge was alive and was left alone');
  await goesOn('after the server');
});

test('a port that is taken: one line with the way out', async () => {
  const { status, err } = make('start', { env: { RUN_DIR: join(CLONE, '.other') } });
  assert.notEqual(status, 0);
  const lines = err.split('\n').filter((line) => line && !line.startsWith('make'));
  assert.equal(lines.length, 1, err);
  assert.match(lines[0], new RegExp(`${port}.*PORT=`));
});

test('make stop ends both; the next make start finds the board again', async () => {
  const pids = [pidIn('bridge.pid'), pidIn('pgdata/postmaster.pid')];
  made('stop');
  assert.equal((await alice.closed).code, 1001);
  // ended, or at most waiting to be collected
  for (const pid of pids) assert.ok(!existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8') === '', `${pid} is still there`);
  assert.ok(!readdirSync(join(RUN, 'socket')).length);
  const out = made('start');
  assert.ok(out.includes(`&board=${board}`));
  assert.equal(psql(`SELECT count(*) FROM collab.tasks WHERE board_id = '${board}' AND title = 'after the server'`), '1');
  made('stop');
  assert.notEqual(make('token USER=alice').status, 0);
});
