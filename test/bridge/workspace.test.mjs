// A connection that has joined a workspace: its own events, those of every board in it that the user sees, in both dialects.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

// ---- a workspace of a test's own ------------------------------------------------------------------------------------

/** A workspace with these boards, everybody but mallory in it; { id, boards: { name: board } }. */
async function makeWorkspace(...names) {
  const id = (await world.one('SELECT collab.create_workspace($1) AS ack', [randomUUID()])).ack.result.workspace_id;
  for (const [name, role] of [['bob', 'member'], ['carol', 'viewer'], ['dora', 'admin']])
    await world.sql.query('SELECT collab.add_member($1, $2, $3)', [id, world.users[name], role]);
  const boards = {};
  for (const name of names) boards[name] = await makeBoard(id, name);
  return { id, boards };
}

async function makeBoard(workspace_id, name) {
  const id = (await world.one('SELECT collab.create_board($1, $2) AS ack', [workspace_id, name])).ack.result.board_id;
  const { rows } = await world.sql.query('SELECT id, name FROM collab.lists WHERE board_id = $1', [id]);
  return { id, lists: Object.fromEntries(rows.map((row) => [row.name, row.id])) };
}

/** A connection on /ws/workspace/{id} (workspace dialect), its state in `state`. */
async function onPath(user, workspace) {
  const client = world.connectTo(`/ws/workspace/${workspace.id}?token=${world.freshToken(user)}`);
  client.user_id = world.users[user];
  client.welcome = await client.expect('connection.welcome');
  client.state = await client.expect('workspace.state');
  return client;
}

/** A connection on /ws (board dialect) that has joined the workspace. */
async function joined(user, workspace, more = {}) {
  const client = await world.client(user);
  client.send('JOIN_WORKSPACE', { workspace_id: workspace.id, ...more });
  if (Object.keys(more).length === 0) client.state = await client.expect('WORKSPACE_STATE');
  return client;
}

const names = (state) => state.boards.map(({ name }) => name);
const markOf = (state, board) => {
  const { version, event } = state.boards.find(({ id }) => id === board.id);
  return { version, event };
};
const countOf = (client, type) => client.everything.filter((message) => message.type === type).length;
const setPrivate = (board) => world.sql.query(`SELECT collab.update_board($1, '{"visibility": "private"}')`, [board.id]);

// ---- state and events ------------------------------------------------------------------------------------------------

test('WORKSPACE_STATE names the boards and the members, then come the events of each board', async () => {
  const workspace = await makeWorkspace('One', 'Two');
  const client = await joined('bob', workspace);
  assert.equal(client.state.workspace.id, workspace.id);
  assert.deepEqual(names(client.state), ['One', 'Tasks', 'Two']);
  assert.deepEqual(client.state.workspace.members.map(({ username, role }) => [username, role]),
    [['Alice', 'owner'], ['Bob', 'member'], ['Carol', 'viewer'], ['Dora', 'admin']]);
  assert.deepEqual(client.state.presence.map(({ username }) => username), ['Alice', 'Bob', 'Carol', 'Dora']);
  const before = markOf(client.state, workspace.boards.One).version;
  await world.makeTask('a', { board: workspace.boards.One });
  await world.makeTask('b', { board: workspace.boards.Two });
  await world.makeTask('c', { board: workspace.boards.One });
  await client.expect('TASK_CREATED', ({ task }) => task.title === 'b');
  await client.expect('TASK_CREATED', ({ task }) => task.title === 'c');
  assert.deepEqual(client.events(workspace.boards.One.id).map(({ payload }) => payload.version), [before + 1, before + 2]);
});

test('the path speaks the workspace dialect', async () => {
  const workspace = await makeWorkspace('One');
  const client = await onPath('bob', workspace);
  assert.equal(client.everything[0].workspace_id, workspace.id);
  assert.deepEqual(names(client.state), ['One', 'Tasks']);
  await world.makeTask('a', { board: workspace.boards.One });
  await client.expect('task.created', ({ task }, message) => task.title === 'a' && message.workspace_id === workspace.id
    && message.user_id === world.users.alice && Boolean(message.timestamp));
  client.say('heartbeat');
  await client.expect('heartbeat.ack');
  client.say('NONSENSE');
  assert.equal((await client.expect('error')).code, 'unknown_type');
});

test("the workspace's own events come in their order", async () => {
  const workspace = await makeWorkspace();
  const client = await joined('carol', workspace);
  await world.sql.query(`SELECT collab.update_workspace($1, '{"name": "Renamed"}')`, [workspace.id]);
  await world.sql.query('SELECT collab.change_role($1, $2, $3)', [workspace.id, world.users.bob, 'viewer']);
  const first = await client.expect('WORKSPACE_UPDATED');
  assert.deepEqual([first.version, first.updates.name], [client.state.version + 1, 'Renamed']);
  assert.equal((await client.expect('ROLE_CHANGED')).version, client.state.version + 2);
});

test("a command's answer takes the place of its events, on boards and in the workspace's log", async () => {
  const workspace = await makeWorkspace('One');
  const [alice, bob] = [await onPath('alice', workspace), await onPath('bob', workspace)];
  const id = randomUUID();
  const { One } = workspace.boards;
  alice.say('task.create', { board_id: One.id, list_id: One.lists['To do'], title: 'mine' }, { id });
  const ack = await alice.expect('ack');
  assert.deepEqual([ack.command_id, ack.events.map(({ type }) => type)], [id, ['task.created']]);
  await bob.expect('task.created', ({ task }) => task.title === 'mine');
  alice.say('workspace.update', { workspace_id: workspace.id, updates: { description: 'new' } });
  assert.deepEqual((await alice.expect('ack')).events.map(({ type }) => type), ['workspace.updated']);
  await bob.expect('workspace.updated');
  await world.makeTask('after', { board: One });
  await alice.expect('task.created', ({ task }) => task.title === 'after');
  assert.equal(countOf(alice, 'task.created'), 1);
  assert.equal(countOf(alice, 'workspace.updated'), 0);
});

test('cursors of a board reach those on the workspace', async () => {
  const workspace = await makeWorkspace('One');
  const [alice, bob] = [await onPath('alice', workspace), await onPath('bob', workspace)];
  alice.say('cursor.move', { board_id: workspace.boards.One.id, x: 3, y: 4 });
  const cursor = await bob.expect('cursor.update');
  assert.deepEqual([cursor.board_id, cursor.user_id, cursor.x], [workspace.boards.One.id, world.users.alice, 3]);
});

const online = ({ users }) => users.filter((user) => user.online).map(({ username }) => username);

test('members who come and go are seen by those on the workspace', async () => {
  world.closeClients();
  const workspace = await makeWorkspace();
  const alice = await onPath('alice', workspace);
  assert.deepEqual(alice.state.presence.map(({ username }) => username), ['Alice', 'Bob', 'Carol', 'Dora']);
  await alice.expect('presence.update', (payload, message) => online(payload).join() === 'Alice' && payload.workspace_id === workspace.id
    && message.workspace_id === workspace.id && payload.users.length === 4);
  const bob = await world.client('bob');
  await alice.expect('presence.update', (payload) => online(payload).join() === 'Alice,Bob');
  await bob.close();
  const gone = await alice.expect('presence.update', (payload) => online(payload).join() === 'Alice');
  assert.ok(Date.now() - Date.parse(gone.users.find(({ username }) => username === 'Bob').last_seen) < 10_000);
  const carol = await joined('carol', workspace, { since_version: alice.state.version, since_event: alice.state.event });
  await carol.expect('PRESENCE', (payload) => payload.workspace_id === workspace.id && payload.users.length === 4);
  await alice.expect('presence.update', (payload) => online(payload).join() === 'Alice,Carol');
  await world.sql.query('SELECT collab.remove_member($1, $2)', [workspace.id, world.users.dora]);
});

test('many who come and go at once make few messages', async () => {
  world.closeClients();
  const workspace = await makeWorkspace();
  const alice = await onPath('alice', workspace);
  await alice.expect('presence.update', (payload) => online(payload).join() === 'Alice');
  const before = countOf(alice, 'presence.update');
  const started = Date.now();
  for (let i = 0; i < 10; i++) await Promise.all(['bob', 'carol', 'dora'].map(async (name) => (await world.client(name)).close()));
  await joined('bob', workspace);
  await alice.expect('presence.update', (payload) => online(payload).join() === 'Alice,Bob');
  const most = 2 + (Date.now() - started) / 1000;
  assert.ok(countOf(alice, 'presence.update') - before <= most, `${countOf(alice, 'presence.update') - before} of at most ${most}`);
});

// ---- which boards ----------------------------------------------------------------------------------------------------

test('a board made through SQL joins the stream with its state, then its events', async () => {
  const workspace = await makeWorkspace('One');
  const client = await onPath('bob', workspace);
  const board = await makeBoard(workspace.id, 'New');
  const state = await client.expect('board.state', (payload) => payload.board.id === board.id);
  assert.equal(state.board.name, 'New');
  await world.makeTask('first', { board });
  const { version } = await client.expect('task.created', ({ task }) => task.title === 'first');
  assert.equal(version, state.version + 1);
});

test('a board made by one connection is there for the others', async () => {
  const workspace = await makeWorkspace();
  const [alice, bob] = [await joined('alice', workspace), await joined('bob', workspace)];
  const { result } = await alice.command('CREATE_BOARD', { workspace_id: workspace.id, name: 'Made' });
  for (const client of [alice, bob]) await client.expect('BOARD_STATE', ({ board }) => board.id === result.board_id);
});

test('a board that becomes private leaves the stream of who is not on it, and comes back with the membership', async () => {
  const workspace = await makeWorkspace('One', 'Two');
  const [bob, dora] = [await onPath('bob', workspace), await onPath('dora', workspace)];
  const { One, Two } = workspace.boards;
  await setPrivate(One);
  await bob.expect('board.removed', ({ board_id }) => board_id === One.id);
  await world.makeTask('hidden', { board: One });
  await dora.expect('task.created', ({ task }) => task.title === 'hidden');
  await world.makeTask('open', { board: Two });
  await bob.expect('task.created', ({ task }) => task.title === 'open');
  assert.equal(countOf(bob, 'board.updated'), 0, 'not even the event that made it private');
  await world.sql.query('SELECT collab.add_board_member($1, $2)', [One.id, world.users.bob]);
  const state = await bob.expect('board.state', ({ board }) => board.id === One.id);
  assert.ok(JSON.stringify(state.board).includes('hidden'));
  await world.makeTask('seen', { board: One });
  await bob.expect('task.created', ({ task }) => task.title === 'seen');
  assert.deepEqual(bob.events(One.id).map(({ payload }) => payload.task.title), ['seen']);
});

test('a deleted board leaves the stream', async () => {
  const workspace = await makeWorkspace('One');
  const client = await joined('bob', workspace);
  await world.sql.query('SELECT collab.delete_board($1)', [workspace.boards.One.id]);
  const removed = await client.expect('BOARD_REMOVED');
  assert.deepEqual([removed.board_id, removed.workspace_id], [workspace.boards.One.id, workspace.id]);
});

test('a private board is not in the state of who is not on it', async () => {
  const workspace = await makeWorkspace('One', 'Two');
  await setPrivate(workspace.boards.One);
  assert.deepEqual(names((await joined('carol', workspace)).state), ['Tasks', 'Two']);
  assert.deepEqual(names((await joined('dora', workspace)).state), ['One', 'Tasks', 'Two']);
});

test('a board joined for itself too has one order; leaving the workspace leaves it joined', async () => {
  const workspace = await makeWorkspace('One', 'Two');
  const { One, Two } = workspace.boards;
  const client = await joined('bob', workspace);
  await client.join(One.id);
  client.send('LEAVE_WORKSPACE', { workspace_id: workspace.id });
  await client.expect('ACK', ({ command }) => command === 'LEAVE_WORKSPACE');
  await world.makeTask('two', { board: Two });
  await world.makeTask('one', { board: One });
  await client.expect('TASK_CREATED', ({ task }) => task.title === 'one');
  assert.deepEqual(client.events(Two.id), []);
  client.send('JOIN_WORKSPACE', { workspace_id: workspace.id });
  await client.expect('WORKSPACE_STATE');
  client.send('LEAVE_BOARD', { board_id: One.id });
  await client.expect('ACK', ({ command }) => command === 'LEAVE_BOARD');
  await world.makeTask('still', { board: One });
  await client.expect('TASK_CREATED', ({ task }) => task.title === 'still');
  assert.equal(client.events(One.id).length, 2, 'each once');
});

// ---- losing it -------------------------------------------------------------------------------------------------------

test('a removed member loses the workspace before the next event', async () => {
  const workspace = await makeWorkspace('One');
  const [path, plain, dora] = [await onPath('bob', workspace), await joined('bob', workspace), await joined('dora', workspace)];
  await world.sql.query('SELECT collab.remove_member($1, $2)', [workspace.id, world.users.bob]);
  await world.makeTask('secret', { board: workspace.boards.One });
  await dora.expect('TASK_CREATED', ({ task }) => task.title === 'secret');
  assert.equal((await path.expect('error')).code, 'not_found');
  const goodbye = await path.expect('connection.disconnect');
  assert.deepEqual([goodbye.code, goodbye.reconnect_after_ms], [4003, null]);
  assert.equal((await path.closed).code, 4003);
  assert.equal((await plain.expect('ERROR')).code, 'not_found');
  await plain.settled();
  for (const client of [path, plain]) assert.equal(JSON.stringify(client.everything).includes('secret'), false);
  assert.equal(countOf(plain, 'MEMBER_REMOVED'), 0);
});

test('a deleted workspace is lost', async () => {
  const workspace = await makeWorkspace('One');
  const client = await onPath('carol', workspace);
  await world.sql.query('SELECT collab.delete_workspace($1)', [workspace.id]);
  assert.equal((await client.expect('error')).code, 'not_found');
  assert.equal((await client.closed).code, 4003);
});

test('somebody else, a board and nonsense are the same: not found', async () => {
  const workspace = await makeWorkspace('One');
  for (const [user, id] of [['mallory', workspace.id], ['alice', workspace.boards.One.id], ['alice', randomUUID()], ['alice', 'x']]) {
    const client = world.connectTo(`/ws/workspace/${id}?token=${world.freshToken(user)}`);
    assert.equal((await client.expect('error')).code, 'not_found');
    assert.equal((await client.closed).code, 4003);
  }
  const client = await world.client('alice');
  client.send('JOIN_WORKSPACE', { workspace_id: workspace.boards.One.id });
  assert.equal((await client.expect('ERROR')).code, 'not_found');
  client.send('JOIN_WORKSPACE', {});
  assert.equal((await client.expect('ERROR')).code, 'invalid');
  client.send('JOIN_BOARD', { board_id: workspace.id });
  assert.equal((await client.expect('ERROR')).code, 'not_found');
});

test("a board's room is not disturbed by who asks for a workspace of its id", async () => {
  const workspace = await makeWorkspace('One');
  const [mallory, bob] = [await world.client('mallory'), await world.client('bob')];
  for (let i = 0; i < 20; i++) mallory.send('JOIN_WORKSPACE', { workspace_id: workspace.boards.One.id });
  await bob.join(workspace.boards.One.id);
  await world.sql.query('SELECT collab.change_role($1, $2, $3)', [workspace.id, world.users.carol, 'member']);
  await world.makeTask('there', { board: workspace.boards.One });
  await bob.expect('TASK_CREATED', ({ task }) => task.title === 'there');
});

// ---- resuming --------------------------------------------------------------------------------------------------------

/** What a connection that saw this state would say when it comes back. */
const resumeOf = (state) => ({
  workspace_version: state.version, workspace_event: state.event,
  boards: Object.fromEntries(state.boards.map(({ id, version, event }) => [id, { version, event }])),
});

async function comeBack(user, workspace, resume) {
  const client = world.connectTo(`/ws/workspace/${workspace.id}?token=${world.freshToken(user)}`);
  await client.opened;
  client.say('workspace.resume', resume);
  await client.expect('connection.welcome');
  return client;
}

test('who comes back gets what was missed, and nothing else', async () => {
  const workspace = await makeWorkspace('One', 'Two', 'Three');
  const { One, Two, Three } = workspace.boards;
  const away = await onPath('bob', workspace);
  await away.close();
  await world.makeTask('missed', { board: One });
  await setPrivate(Three);
  const fresh = await makeBoard(workspace.id, 'Fresh');
  await world.sql.query(`SELECT collab.update_workspace($1, '{"name": "Renamed"}')`, [workspace.id]);
  const client = await comeBack('bob', workspace, resumeOf(away.state));
  const own = await client.expect('workspace.events');
  assert.deepEqual([own.workspace_id, own.events.map(({ type }) => type)], [workspace.id, ['workspace.updated']]);
  const page = await client.expect('board.events');
  assert.deepEqual([page.board_id, page.events.map(({ data }) => data.task.title)], [One.id, ['missed']]);
  await client.expect('board.state', ({ board }) => board.id === fresh.id);
  await client.expect('board.removed', ({ board_id }) => board_id === Three.id);
  await world.makeTask('live', { board: Two });
  await world.makeTask('more', { board: One });
  await client.expect('task.created', ({ task }) => task.title === 'live');
  const { version } = await client.expect('task.created', ({ task }) => task.title === 'more');
  assert.equal(version, page.to_version + 1);
  assert.deepEqual([countOf(client, 'workspace.state'), countOf(client, 'board.state'), countOf(client, 'board.events')], [0, 1, 1]);
});

test('nothing missed: one empty page', async () => {
  const workspace = await makeWorkspace('One');
  const away = await joined('bob', workspace);
  await away.close();
  const { workspace_version: since_version, workspace_event: since_event, boards } = resumeOf(away.state);
  const client = await joined('bob', workspace, { since_version, since_event, boards });
  const page = await client.expect('WORKSPACE_EVENTS');
  assert.deepEqual([page.events, page.has_more, page.to_version], [[], false, away.state.version]);
  client.send('LEAVE_BOARD', { board_id: randomUUID() }); // waits until the boards go on
  await client.expect('ACK');
  await world.makeTask('live', { board: workspace.boards.One });
  await client.expect('TASK_CREATED', ({ version }) => version === markOf(away.state, workspace.boards.One).version + 1);
  assert.deepEqual([countOf(client, 'BOARD_EVENTS'), countOf(client, 'BOARD_STATE'), countOf(client, 'WORKSPACE_STATE')], [0, 0, 0]);
});

test('a mark the database does not know: that board starts over', async () => {
  const workspace = await makeWorkspace('One', 'Two');
  const { One, Two } = workspace.boards;
  const { state } = await onPath('bob', workspace);
  const resume = resumeOf(state);
  resume.boards[One.id].event = '1-1';
  resume.boards[Two.id].version += 5;
  const client = await comeBack('bob', workspace, resume);
  for (const board of [One, Two]) assert.equal((await client.expect('board.state', (payload) => payload.board.id === board.id)).reset, true);
  assert.equal((await client.expect('workspace.events')).events.length, 0);
});

test('a mark of the workspace that the database does not know: the workspace starts over, its boards go on', async () => {
  const workspace = await makeWorkspace('One');
  const { state } = await onPath('bob', workspace);
  await world.makeTask('missed', { board: workspace.boards.One });
  const client = await comeBack('bob', workspace, { ...resumeOf(state), workspace_event: '1-1' });
  assert.equal((await client.expect('workspace.state')).reset, true);
  assert.equal((await client.expect('board.events')).events[0].data.task.title, 'missed');
  client.say('workspace.resume', { workspace_version: -1 });
  assert.equal((await client.expect('error')).code, 'invalid');
});

test('a resume that comes late is served all the same', async () => {
  const workspace = await makeWorkspace('One');
  const away = await onPath('bob', workspace);
  await world.makeTask('missed', { board: workspace.boards.One });
  const client = await onPath('bob', workspace);
  client.say('workspace.resume', resumeOf(away.state));
  assert.equal((await client.expect('board.events')).events[0].data.task.title, 'missed');
  await world.makeTask('live', { board: workspace.boards.One });
  await client.expect('task.created', ({ task }) => task.title === 'live');
});

// ---- the bridge's own troubles ---------------------------------------------------------------------------------------

test('the database goes and comes back: nothing is lost, the connection stays', async () => {
  const workspace = await makeWorkspace('One');
  const client = await onPath('bob', workspace);
  await until(() => world.killBackends(), 'there was something to end');
  await world.makeTask('meanwhile', { board: workspace.boards.One });
  await client.expect('task.created', ({ task }) => task.title === 'meanwhile');
  const board = await makeBoard(workspace.id, 'New');
  await client.expect('board.state', (payload) => payload.board.id === board.id);
});

test('two bridges: what is made through one joins the streams of the other', async () => {
  const peer = await world.startPeer();
  const workspace = await makeWorkspace('One');
  const client = await joined('bob', workspace);
  const other = await peer.client('alice');
  const { result } = await other.command('CREATE_BOARD', { workspace_id: workspace.id, name: 'Made' });
  await client.expect('BOARD_STATE', ({ board }) => board.id === result.board_id);
  await other.command('REMOVE_MEMBER', { workspace_id: workspace.id, user_id: world.users.bob });
  await other.command('UPDATE_BOARD', { board_id: workspace.boards.One.id, updates: { description: 'secret' } });
  await client.expect('ERROR', ({ code }) => code === 'not_found');
  assert.equal(JSON.stringify(client.everything).includes('secret'), false);
  assert.equal((await peer.stopBridge()).code, 0);
});

test('without NOTIFY: the poll finds it, and a removed member loses the workspace all the same', async () => {
  const workspace = await makeWorkspace('One');
  const [bob, dora] = [await joined('bob', workspace), await joined('dora', workspace)];
  await until(() => world.one(`SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE '%listener%'`), 'the listener is cut');
  await world.sql.query('SELECT collab.remove_member($1, $2)', [workspace.id, world.users.bob]);
  await world.makeTask('secret', { board: workspace.boards.One });
  await dora.expect('TASK_CREATED', ({ task }) => task.title === 'secret');
  assert.equal((await bob.expect('ERROR')).code, 'not_found');
  await bob.settled();
  assert.equal(JSON.stringify(bob.everything).includes('secret'), false);
});

test('many boards: one state, no read for each', async () => {
  const workspace = await makeWorkspace();
  await world.sql.query(`SELECT count(collab.create_board($1, 'B' || n)) FROM generate_series(1, 100) AS n`, [workspace.id]);
  const clients = await Promise.all(Array.from({ length: 5 }, () => joined('bob', workspace)));
  for (const client of clients) assert.equal(client.state.boards.length, 101);
  const { board_id } = await world.one(`SELECT id AS board_id FROM collab.boards WHERE workspace_id = $1 AND name = 'B77'`, [workspace.id]);
  await world.sql.query(`SELECT collab.update_board($1, '{"name": "Seen"}')`, [board_id]);
  for (const client of clients) await client.expect('BOARD_UPDATED', ({ updates }) => updates.name === 'Seen');
  for (const client of clients) assert.equal(countOf(client, 'BOARD_STATE'), 0);
});
