// Every command and message of the board dialect, as a client sends it and as the others in the room see it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { read, startWorld } from './harness.mjs';

let world, alice, bob;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

// Two people on a fresh board.
async function twoOnABoard() {
  const board = await world.makeBoard();
  alice = await world.joined('alice', board);
  bob = await world.joined('bob', board);
  await alice.expect('USER_JOINED', ({ user }) => user.user_id === world.users.bob);
  return board;
}

// Sends a command as alice; the ACK's only event must be of that type and be what bob receives.
async function command(type, payload, eventType) {
  const ack = await alice.command(type, payload);
  assert.equal(ack.command, type);
  assert.equal(ack.changed, true);
  assert.equal(ack.replayed, false);
  assert.equal(ack.events.length, 1);
  const [event] = ack.events;
  assert.equal(event.type, eventType);
  assert.equal(event.payload.version, ack.version);
  assert.equal(event.payload.user_id, world.users.alice);
  assert.equal(event.payload.username, 'Alice');
  assert.equal(event.payload.command_id, ack.command_id);
  assert.match(event.payload.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  assert.deepEqual(await bob.expect(eventType, ({ version }) => version === ack.version), event.payload);
  return { ack, event: event.payload };
}

const titles = (state, list) => state.board.lists.find(({ id }) => id === list).tasks.map(({ title }) => title);

describe('opening', () => {
  test('WELCOME says who one is and what the limits are', async () => {
    const client = await world.client('alice');
    const { user, connection_id, server_time, heartbeat_interval, protocol, limits, unread_count } = client.welcome;
    assert.deepEqual({ user_id: user.user_id, username: user.username, avatar: user.avatar }, { user_id: world.users.alice, username: 'Alice', avatar: null });
    assert.match(connection_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(Math.abs(Date.parse(server_time) - Date.now()) < 60_000);
    assert.equal(heartbeat_interval, 30);
    assert.equal(protocol, 'collab.v1');
    assert.ok(Object.keys(limits).length > 0);
    assert.equal(unread_count, 0);
    assert.equal(client.everything[0].type, 'WELCOME');
  });

  test('JOIN_BOARD is answered with the board and who is on it', async () => {
    const board = await world.makeBoard('Shapes');
    await world.makeTask('first', { board });
    const client = await world.joined('alice', board);
    const { state } = client;
    assert.equal(state.version, 2);
    assert.equal(state.board.version, 2);
    assert.equal(state.board.name, 'Shapes');
    assert.equal(state.board.workspace_id, world.workspace);
    assert.deepEqual(state.board.lists.map(({ name, position, category }) => [name, position, category]),
      [['To do', 0, 'todo'], ['In progress', 1, 'doing'], ['Done', 2, 'done']]);
    const [task] = state.board.lists[0].tasks;
    assert.equal(task.title, 'first');
    assert.equal(task.status, 'todo');
    assert.equal(task.position, 0);
    assert.equal(task.version, 2);
    assert.equal(typeof state.event, 'string');
    assert.deepEqual(state.active_users.map(({ user_id }) => user_id), [world.users.alice]);
  });

  test('detail "cards" leaves the descriptions out', async () => {
    const board = await world.makeBoard();
    await world.makeTask('card', { board });
    const client = await world.joined('bob', board, { detail: 'cards' });
    const [task] = client.state.board.lists[0].tasks;
    assert.equal(task.title, 'card');
    for (const left_out of ['description', 'config', 'checklists', 'custom_fields']) assert.ok(!(left_out in task), left_out);
  });
});

describe('tasks', () => {
  let board, todo, done;
  before(async () => {
    board = await twoOnABoard();
    [todo, , done] = Object.values(board.lists);
  });
  after(() => world.closeClients());

  test('CREATE_TASK', async () => {
    const { ack, event } = await command('CREATE_TASK', { board_id: board.id, list_id: todo, title: 'Write the guide', description: '*soon*', priority: 'high',
      due_date: '2030-01-31T12:00:00Z', assignees: [world.users.bob], config: { colour: 'red' } }, 'TASK_CREATED');
    assert.equal(event.task.id, ack.result.task_id);
    assert.equal(event.list_id, todo);
    assert.deepEqual({ title: event.task.title, description: event.task.description, priority: event.task.priority, assignees: event.task.assignees,
      assigned_to: event.task.assigned_to, config: event.task.config, position: event.task.position },
    { title: 'Write the guide', description: '*soon*', priority: 'high', assignees: [world.users.bob], assigned_to: world.users.bob, config: { colour: 'red' }, position: 0 });
    assert.equal(Date.parse(event.task.due_date), Date.UTC(2030, 0, 31, 12));
  });

  test('UPDATE_TASK', async () => {
    const task_id = await world.makeTask('before', { board });
    const { event } = await command('UPDATE_TASK', { task_id, updates: { title: 'after', config: { a: 1 } } }, 'TASK_UPDATED');
    assert.equal(event.task_id, task_id);
    assert.equal(event.updates.title, 'after');
    assert.deepEqual(event.updates.config, { a: 1 });
  });

  test('UPDATE_TASK with a status moves it to the first list of that category', async () => {
    const task_id = await world.makeTask('to be done', { board });
    const { event } = await command('UPDATE_TASK', { task_id, updates: { status: 'done' } }, 'TASK_UPDATED');
    assert.equal(event.to_list_id, done);
    assert.equal(typeof event.new_position, 'number');
  });

  test('MOVE_TASK to a position, before and after another, and past the end', async () => {
    const fresh = await twoOnABoard();
    const [from, to] = Object.values(fresh.lists);
    const ids = [];
    for (const title of ['a', 'b', 'c']) ids.push(await world.makeTask(title, { board: fresh }));
    const { event } = await command('MOVE_TASK', { board_id: fresh.id, task_id: ids[2], from_list_id: from, to_list_id: from, new_position: 0 }, 'TASK_MOVED');
    assert.deepEqual([event.task_id, event.from_list_id, event.to_list_id, event.new_position], [ids[2], from, from, 0]);
    await command('MOVE_TASK', { task_id: ids[0], to_list_id: to, new_position: 99 }, 'TASK_MOVED');
    await command('MOVE_TASK', { task_id: ids[1], to_list_id: to, before_task_id: ids[0] }, 'TASK_MOVED');
    await command('MOVE_TASK', { task_id: ids[2], to_list_id: to, after_task_id: ids[1] }, 'TASK_MOVED');
    alice.send('GET_BOARD', { board_id: fresh.id });
    const state = await alice.expect('BOARD_STATE');
    assert.deepEqual(titles(state, from), []);
    assert.deepEqual(titles(state, to), ['b', 'c', 'a']);
  });

  test('a move into a done list sets completed_at, a move out clears it', async () => {
    const fresh = await twoOnABoard();
    const task_id = await world.makeTask('x', { board: fresh });
    const into = await command('MOVE_TASK', { task_id, to_list_id: fresh.lists.Done, new_position: 0 }, 'TASK_MOVED');
    assert.equal(into.event.status, 'done');
    assert.ok(Date.parse(into.event.completed_at));
    const out = await command('MOVE_TASK', { task_id, to_list_id: fresh.lists['To do'], new_position: 0 }, 'TASK_MOVED');
    assert.equal(out.event.status, 'todo');
    assert.equal(out.event.completed_at, null);
  });

  test('DELETE_TASK', async () => {
    const fresh = await twoOnABoard();
    const task_id = await world.makeTask('gone soon', { board: fresh });
    const { event } = await command('DELETE_TASK', { task_id }, 'TASK_DELETED');
    assert.deepEqual([event.task_id, event.list_id], [task_id, fresh.lists['To do']]);
    assert.equal((await alice.refused('UPDATE_TASK', { task_id, updates: { title: 'x' } })).code, 'not_found');
  });
});

describe('lists', () => {
  test('CREATE_LIST and MOVE_LIST', async () => {
    const board = await twoOnABoard();
    const { ack, event } = await command('CREATE_LIST', { board_id: board.id, name: 'Review', position: 2, category: 'doing', wip_limit: 3 }, 'LIST_CREATED');
    assert.equal(event.list.id, ack.result.list_id);
    assert.deepEqual([event.list.name, event.list.category, event.list.wip_limit, event.position], ['Review', 'doing', 3, 2]);
    const moved = await command('MOVE_LIST', { list_id: ack.result.list_id, new_position: 0 }, 'LIST_MOVED');
    assert.deepEqual([moved.event.list_id, moved.event.new_position], [ack.result.list_id, 0]);
    bob.send('GET_BOARD', { board_id: board.id });
    const state = await bob.expect('BOARD_STATE');
    assert.deepEqual(state.board.lists.map(({ name }) => name), ['Review', 'To do', 'In progress', 'Done']);
  });
});

describe('workspaces, members, boards', () => {
  test('CREATE_WORKSPACE, ADD_MEMBER, CREATE_BOARD: a board that the new member can join', async () => {
    const owner = await world.client('bob');
    const { result: { workspace_id } } = await owner.command('CREATE_WORKSPACE', { name: 'Bob’s', description: 'mine' });
    const made = await owner.command('CREATE_BOARD', { workspace_id, name: 'Plans' });
    const { board_id } = made.result;
    assert.deepEqual(made.events[0].payload.board.lists.map(({ name }) => name), ['To do', 'In progress', 'Done']);
    const guest = await world.client('mallory');
    guest.send('JOIN_BOARD', { board_id });
    assert.equal((await guest.expect('ERROR')).code, 'not_found');
    const added = await owner.command('ADD_MEMBER', { workspace_id, user_id: world.users.mallory, role: 'viewer' });
    assert.equal(added.events[0].type, 'MEMBER_ADDED');
    assert.deepEqual([added.events[0].payload.member_id, added.events[0].payload.role], [world.users.mallory, 'viewer']);
    assert.equal((await guest.join(board_id)).board.name, 'Plans');
  });

  test('IMPORT_BOARD answers with a report, and the board is there', async () => {
    const owner = await world.client('alice');
    const ack = await owner.command('IMPORT_BOARD', { workspace_id: world.workspace, format: 'trello',
      document: JSON.parse(read('test/fixtures/trello-project100.json')) });
    assert.equal(ack.changed, true);
    const { board } = await owner.join(ack.board_id);
    assert.equal(board.name, 'Project 100');
    assert.deepEqual(board.lists.map(({ name, tasks }) => [name, tasks.map(({ title }) => title)]),
      [['Todo', ['Write code', 'Review code']], ['In Progress', ['Visualize code']], ['Done', []]]);
  });
});

describe('roles', () => {
  let board, task_id;
  before(async () => {
    board = await world.makeBoard();
    task_id = await world.makeTask('guarded', { board });
  });
  const attempts = () => [
    ['CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: 'x' }],
    ['UPDATE_TASK', { task_id, updates: { title: 'x' } }],
    ['MOVE_TASK', { task_id, to_list_id: board.lists.Done, new_position: 0 }],
    ['DELETE_TASK', { task_id }],
    ['CREATE_LIST', { board_id: board.id, name: 'x' }],
    ['MOVE_LIST', { list_id: board.lists.Done, new_position: 0 }],
    ['CREATE_BOARD', { workspace_id: world.workspace, name: 'x' }],
    ['ADD_MEMBER', { workspace_id: world.workspace, user_id: world.users.mallory, role: 'member' }],
    ['IMPORT_BOARD', { workspace_id: world.workspace, format: 'trello', document: {} }],
  ];

  for (const [name, code] of [['carol', 'forbidden'], ['mallory', 'not_found']]) {
    test(`${name === 'carol' ? 'a viewer' : 'an outsider'} gets ${code} for every command`, async () => {
      const client = await world.client(name);
      const before = await world.eventCount();
      for (const [type, payload] of attempts()) assert.equal((await client.refused(type, payload)).code, code, type);
      assert.equal(await world.eventCount(), before);
    });
  }

  test('a member may change the board but not add members; an admin may add a member but not an owner', async () => {
    const member = await world.client('bob'), admin = await world.client('dora');
    const add = (role) => ({ workspace_id: world.workspace, user_id: world.users.mallory, role });
    assert.equal((await member.refused('ADD_MEMBER', add('viewer'))).code, 'forbidden');
    assert.equal((await admin.refused('ADD_MEMBER', add('owner'))).code, 'forbidden');
    assert.equal((await member.command('UPDATE_TASK', { task_id, updates: { title: 'by a member' } })).changed, true);
  });

  test('an outsider can neither join nor read', async () => {
    const client = await world.client('mallory');
    for (const [type, more] of [['JOIN_BOARD', {}], ['GET_BOARD', {}], ['GET_EVENTS', { after_version: 0 }]]) {
      client.send(type, { board_id: board.id, ...more });
      const refusal = await client.expect('ERROR');
      assert.equal(refusal.code, 'not_found', type);
    }
  });
});

describe('presence', () => {
  test('USER_JOINED and USER_LEFT, several tabs counted once', async () => {
    const board = await world.makeBoard();
    const watcher = await world.joined('alice', board);
    const first = await world.joined('bob', board);
    const { user } = await watcher.expect('USER_JOINED');
    assert.deepEqual([user.user_id, user.username], [world.users.bob, 'Bob']);
    const second = await world.joined('bob', board);
    assert.deepEqual(second.state.active_users.map(({ user_id }) => user_id).sort(), [world.users.alice, world.users.bob].sort());
    await first.close();
    // carol's coming is the mark: had bob's first tab been announced, or its end, it would stand before
    await world.joined('carol', board);
    assert.equal((await watcher.expect(null, (_, { type }) => type.startsWith('USER_'))).user.user_id, world.users.carol);
    await second.close();
    assert.equal((await watcher.expect('USER_LEFT')).user_id, world.users.bob);
  });

  test('LEAVE_BOARD ends the events and is seen', async () => {
    const board = await world.makeBoard();
    const stays = await world.joined('alice', board), leaves = await world.joined('bob', board);
    leaves.send('LEAVE_BOARD', { board_id: board.id });
    assert.equal((await stays.expect('USER_LEFT')).user_id, world.users.bob);
    await stays.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: 'unseen' });
    await leaves.settled();
    assert.deepEqual(leaves.events(board.id), []);
  });

  test('CURSOR_MOVE reaches the others and not oneself', async () => {
    const board = await twoOnABoard();
    const task_id = await world.makeTask('pointed at', { board });
    alice.send('CURSOR_MOVE', { board_id: board.id, x: 12.5, y: -3, task_id });
    const { x, y, user_id, username, task_id: at } = await bob.expect('CURSOR_UPDATE');
    assert.deepEqual([x, y, user_id, username, at], [12.5, -3, world.users.alice, 'Alice', task_id]);
    bob.send('CURSOR_MOVE', { board_id: board.id, x: 1, y: 1 });
    await alice.expect('CURSOR_UPDATE', (cursor) => cursor.user_id === world.users.bob);
    assert.ok(!alice.everything.some(({ type, payload }) => type === 'CURSOR_UPDATE' && payload.user_id === world.users.alice));
  });

  test('HEARTBEAT is answered with the time', async () => {
    const client = await world.client('carol');
    client.send('HEARTBEAT');
    assert.ok(Math.abs(Date.parse((await client.expect('HEARTBEAT_ACK')).server_time) - Date.now()) < 60_000);
  });
});

describe('the id of a command', () => {
  test('sent again, it gives the first result and writes nothing', async () => {
    const client = await world.client('alice');
    const id = randomUUID(), payload = { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'once' };
    const first = await client.command('CREATE_TASK', payload, id);
    const count = await world.eventCount();
    const again = await client.command('CREATE_TASK', payload, id);
    assert.equal(again.replayed, true);
    assert.equal(again.result.task_id, first.result.task_id);
    assert.equal(await world.eventCount(), count);
  });

  test('with other content it is refused, as for another user', async () => {
    const client = await world.client('alice'), other = await world.client('bob');
    const id = randomUUID(), payload = { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'mine' };
    await client.command('CREATE_TASK', payload, id);
    assert.equal((await client.refused('CREATE_TASK', { ...payload, title: 'other' }, id)).code, 'command_id_reused');
    assert.equal((await other.refused('CREATE_TASK', payload, id)).code, 'command_id_reused');
  });

  test('without one, sent twice is done twice', async () => {
    const board = await world.makeBoard(), client = await world.joined('alice', board);
    const text = JSON.stringify({ type: 'CREATE_TASK', payload: { board_id: board.id, list_id: board.lists['To do'], title: 'twin' } });
    client.sendText(text);
    client.sendText(text);
    const [first, second] = [await client.expect('ACK'), await client.expect('ACK')];
    assert.notEqual(first.result.task_id, second.result.task_id);
    assert.deepEqual([first.version, second.version], [2, 3]);
  });

  test('a command that changes nothing says so', async () => {
    const client = await world.joined('alice');
    const task_id = await world.makeTask('same');
    const ack = await client.command('UPDATE_TASK', { task_id, updates: { title: 'same' } });
    assert.equal(ack.changed, false);
  });
});

describe('reading', () => {
  test('GET_EVENTS gives the events after a version, in pages', async () => {
    const board = await world.makeBoard(), client = await world.client('bob');
    for (const title of ['a', 'b', 'c']) await world.makeTask(title, { board });
    client.send('GET_EVENTS', { board_id: board.id, after_version: 1, limit: 2 });
    const page = await client.expect('BOARD_EVENTS');
    assert.deepEqual([page.from_version, page.to_version, page.has_more, page.events.map(({ payload }) => payload.version)], [1, 3, true, [2, 3]]);
    client.send('GET_EVENTS', { board_id: board.id, after_version: 3 });
    const rest = await client.expect('BOARD_EVENTS');
    assert.deepEqual([rest.to_version, rest.has_more, rest.events.map(({ payload }) => payload.task.title)], [4, false, ['c']]);
  });
});
