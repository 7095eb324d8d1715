// Reads over WebSocket: every one of the table, whose they are to see, in which order they are answered.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { reads } from '../../docs/tables.mjs';
import { startWorld } from './harness.mjs';

let world, alice, mallory, board, task, comment, attachment;
before(async () => {
  world = await startWorld(import.meta.url);
  board = await world.makeBoard('Readable');
  task = await world.makeTask('Needle in the haystack', { board });
  alice = await world.client('alice');
  mallory = await world.client('mallory');
  comment = (await alice.command('ADD_COMMENT', { task_id: task, text: 'first' })).result.comment_id;
  attachment = (await alice.command('ADD_ATTACHMENT', { task_id: task, name: 'link', url: 'https://example.org/' })).result.attachment_id;
  await alice.command('ASSIGN_TASK', { task_id: task, user_id: world.users.alice });
});
after(() => world.stop());

// What to ask for, and something that must be in the answer. GET_BOARD and GET_EVENTS have tests of their own.
const asked = () => ({
  GET_ME: [{}, ({ user_id }) => user_id === world.users.alice],
  MY_WORKSPACES: [{}, ({ workspaces }) => workspaces.some(({ id }) => id === world.workspace)],
  MY_TASKS: [{}, ({ tasks }) => tasks.some(({ id }) => id === task)],
  GET_NOTIFICATIONS: [{ limit: 5 }, ({ notifications }) => Array.isArray(notifications)],
  GET_PREFERENCES: [{}, ({ preferences }) => typeof preferences === 'object'],
  GET_WORKSPACE: [{ workspace_id: world.workspace }, ({ workspace }) => workspace.id === world.workspace],
  GET_MEMBERS: [{ workspace_id: world.workspace }, ({ members }) => members.length === 4],
  GET_INVITES: [{ workspace_id: world.workspace }, ({ invites }) => invites.length === 0],
  GET_BOARDS: [{ workspace_id: world.workspace }, ({ boards }) => boards.some(({ id }) => id === board.id)],
  GET_BOARD_AT: [{ board_id: board.id, at_version: 1 }, ({ version, board: { lists } }) => version === 1 && lists.length === 3],
  GET_LIST: [{ list_id: board.lists['To do'] }, ({ list }) => list.task_count === 1],
  GET_LABELS: [{ board_id: board.id }, ({ labels }) => Array.isArray(labels)],
  GET_ARCHIVED: [{ board_id: board.id }, ({ lists, tasks }) => lists.length === 0 && tasks.length === 0],
  GET_TASK: [{ task_id: task }, (result) => result.task.id === task && result.comments[0].id === comment && result.attachments.length === 1],
  GET_COMMENTS: [{ task_id: task }, ({ comments }) => comments[0].id === comment],
  GET_ATTACHMENT: [{ attachment_id: attachment }, (result) => result.attachment.id === attachment],
  GET_ANALYTICS: [{ board_id: board.id, report: 'workload' }, ({ report, rows }) => report === 'workload' && rows.length > 0],
  EXPORT_BOARD: [{ board_id: board.id, format: 'json' }, (result) => JSON.stringify(result).includes('Needle')],
  SEARCH: [{ workspace_id: world.workspace, query: 'haystack' }, ({ results }) => results[0].id === task],
  GET_ACTIVITY: [{ task_id: task }, ({ entries }) => entries.length >= 3],
});
const OWN_ANSWER = ['GET_BOARD', 'GET_EVENTS'];

describe('every read', () => {
  for (const { name, about, result: members } of reads.filter((read) => !OWN_ANSWER.includes(read.name))) {
    test(`${name} is answered by an ACK with its result`, async () => {
      assert.ok(name in asked(), `a test for ${name}`);
      const [payload, isThere] = asked()[name];
      const ack = await alice.command(name, payload);
      assert.equal(ack.command, name);
      assert.equal(ack.changed, false);
      assert.equal(ack.replayed, false);
      assert.equal('events' in ack, false);
      if (members.length) assert.deepEqual(Object.keys(ack.result).sort(), [...members].sort());
      assert.ok(isThere(ack.result), JSON.stringify(ack.result));
      if (about === 'BOARD' && members.includes('event')) assert.equal(typeof ack.result.event, 'string');
    });

    if (about !== 'ACTOR')
      test(`${name} of what one may not see is refused`, async () => {
        const [payload] = asked()[name];
        const answer = await mallory.ask(name, payload);
        if (name === 'SEARCH' && answer.type === 'ACK') assert.deepEqual(answer.payload.result.results, []);
        else assert.deepEqual([answer.type, answer.payload.code, answer.payload.command], ['ERROR', 'not_found', name]);
      });
  }
});

describe('answers', () => {
  test('an export as csv is a text', async () => {
    const { result } = await alice.command('EXPORT_BOARD', { board_id: board.id, format: 'csv' });
    assert.equal(typeof result, 'string');
    assert.match(result, /Needle in the haystack/);
  });

  test('a refusal names the field, the command and its id', async () => {
    const id = randomUUID();
    const refused = await alice.refused('GET_TASK', { task_id: 'x' }, id);
    assert.deepEqual([refused.code, refused.command, refused.command_id], ['invalid', 'GET_TASK', id]);
    assert.match(refused.message, /task_id/);
  });

  test('a payload may be missing, an id, too', async () => {
    alice.sendText('{"type":"GET_ME"}');
    const { command, result } = await alice.expect('ACK', ({ command }) => command === 'GET_ME');
    assert.equal(command, 'GET_ME');
    assert.equal(result.user_id, world.users.alice);
    alice.sendText('{"type":"GET_TASK"}');
    assert.equal((await alice.expect('ERROR', ({ command }) => command === 'GET_TASK')).code, 'invalid');
  });

  test('reads and commands are carried out in the order sent', async () => {
    const made = randomUUID();
    alice.inbox.length = 0;
    alice.send('CREATE_TASK', { board_id: board.id, list_id: board.lists.Done, title: 'before the read' }, made);
    alice.send('GET_LIST', { list_id: board.lists.Done }, randomUUID());
    alice.send('GET_ME', {}, randomUUID());
    alice.send('GET_LABELS', { board_id: board.id }, randomUUID());
    const answers = [];
    while (answers.length < 4) answers.push(await alice.expect('ACK'));
    assert.deepEqual(answers.map(({ command }) => command), ['CREATE_TASK', 'GET_LIST', 'GET_ME', 'GET_LABELS']);
    assert.equal(answers[1].result.list.task_count, 1, 'the read sees what the command did');
    assert.equal(answers[1].result.version, answers[0].version);
  });

  test('pages go on where the last one ended', async () => {
    for (let n = 0; n < 3; n++) await alice.command('UPDATE_TASK', { task_id: task, updates: { title: `Needle ${n}` } });
    const seen = [];
    for (let before = undefined, more = true; more;) {
      const { result } = await alice.command('GET_ACTIVITY', { task_id: task, limit: 2, ...(before ? { before } : {}) });
      assert.ok(result.entries.length <= 2);
      seen.push(...result.entries);
      before = result.next_cursor;
      more = before !== null;
    }
    const { result: whole } = await alice.command('GET_ACTIVITY', { task_id: task });
    assert.deepEqual(seen, whole.entries);
  });

  test('a large answer passes whole', async () => {
    const wide = await world.makeBoard('Wide');
    await world.sql.query(`SELECT collab.create_task($1, $2, 'wide ' || n, description => repeat('ä', 8000)) FROM generate_series(1, 200) AS n`, [wide.id, wide.lists['To do']]);
    const { result } = await alice.command('EXPORT_BOARD', { board_id: wide.id, format: 'json' });
    assert.ok(JSON.stringify(result).length > 1_500_000);
    await alice.settled();
    assert.equal(alice.isClosed, undefined);
  });
});

describe('GET_BOARD with its archive', () => {
  let archived;
  before(async () => {
    archived = await world.makeTask('put away', { board });
    await alice.command('ARCHIVE_TASK', { task_id: archived });
  });
  const tasks = (state) => state.board.lists.flatMap((list) => list.tasks.map(({ id }) => id));

  test('of a board that is not joined', async () => {
    alice.send('GET_BOARD', { board_id: board.id, archived: true });
    const state = await alice.expect('BOARD_STATE');
    assert.ok(tasks(state).includes(archived));
    assert.deepEqual(state.active_users, []);
    alice.send('GET_BOARD', { board_id: board.id });
    assert.ok(!tasks(await alice.expect('BOARD_STATE')).includes(archived));
    alice.send('GET_BOARD', { board_id: board.id, archived: false, detail: 'cards' });
    assert.ok(!tasks(await alice.expect('BOARD_STATE')).includes(archived));
  });

  test('of a board that is joined it is the new base of the order', async () => {
    const bob = await world.joined('bob', board);
    bob.send('GET_BOARD', { board_id: board.id, archived: true, detail: 'cards' });
    const state = await bob.expect('BOARD_STATE', (payload) => tasks(payload).includes(archived));
    assert.equal('description' in state.board.lists[0].tasks[0], false);
    const made = await world.makeTask('after it', { board });
    const event = await bob.expect('TASK_CREATED', ({ task: { id } }) => id === made);
    assert.ok(event.version > state.version);
    bob.send('GET_BOARD', { board_id: board.id });
    assert.ok(!tasks(await bob.expect('BOARD_STATE')).includes(archived), 'the next one has none again');
  });

  test('of a board that one may not see', async () => {
    const refused = await mallory.refused('GET_BOARD', { board_id: board.id, archived: true });
    assert.equal(refused.code, 'not_found');
  });
});
