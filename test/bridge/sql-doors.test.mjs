// Whoever changes a board through SQL is seen by everybody who looks at it, and LISTEN gets a pointer to the event.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { read, startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

// What arrives on a board's channel while `work` runs.
async function listen(board, work, enough) {
  const sql = await world.connect(), got = [];
  sql.on('notification', ({ channel, payload }) => got.push({ channel, payload }));
  await sql.query(`LISTEN "collab:board:${board.id}"`);
  await work();
  await until(() => enough(got), 'the notification');
  await sql.end();
  return got;
}

test('collab.execute changes the board and the clients see it', async () => {
  const board = await world.makeBoard(), client = await world.joined('bob', board);
  const id = randomUUID();
  const { ack } = await world.one('SELECT collab.execute($1) AS ack', [JSON.stringify(
    { type: 'CREATE_TASK', id, payload: { board_id: board.id, list_id: board.lists['To do'], title: 'by execute' } })]);
  const event = await client.expect('TASK_CREATED');
  assert.deepEqual([event.task.title, event.version, event.command_id, event.user_id, event.username], ['by execute', 2, id, world.users.alice, 'Alice']);
  assert.equal(ack.result.task_id, event.task.id);
  assert.deepEqual(ack.events[0].payload, event);
});

test('every typed function', async () => {
  const board = await world.makeBoard(), client = await world.joined('bob', board);
  const task = await world.makeTask('typed', { board });
  await client.expect('TASK_CREATED');
  await world.sql.query(`SELECT collab.update_task($1, '{"title": "changed"}')`, [task]);
  assert.equal((await client.expect('TASK_UPDATED')).updates.title, 'changed');
  await world.sql.query('SELECT collab.move_task($1, $2, 0)', [task, board.lists.Done]);
  assert.equal((await client.expect('TASK_MOVED')).to_list_id, board.lists.Done);
  await world.sql.query(`SELECT collab.create_list($1, 'Later')`, [board.id]);
  const { list } = await client.expect('LIST_CREATED');
  await world.sql.query('SELECT collab.move_list($1, 0)', [list.id]);
  assert.equal((await client.expect('LIST_MOVED')).new_position, 0);
  await world.sql.query('SELECT collab.delete_task($1)', [task]);
  assert.equal((await client.expect('TASK_DELETED')).task_id, task);
});

test('LISTEN prints a pointer: the board and its newest version, no content', async () => {
  const board = await world.makeBoard();
  const [{ channel, payload }] = await listen(board, () => world.makeTask('quiet words', { board }), (got) => got.length);
  assert.equal(channel, `collab:board:${board.id}`);
  assert.deepEqual(JSON.parse(payload), { board_id: board.id, version: 2 });
});

test('LISTEN hears of a change that came through the bridge', async () => {
  const board = await world.makeBoard(), client = await world.client('bob');
  const got = await listen(board, () => client.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: 'x' }), (all) => all.length);
  assert.deepEqual(JSON.parse(got.at(-1).payload), { board_id: board.id, version: 2 });
});

test('a transaction that is rolled back is heard of by nobody', async () => {
  const board = await world.makeBoard(), client = await world.joined('bob', board);
  const got = await listen(board, async () => {
    await world.sql.query('BEGIN');
    await world.makeTask('never', { board });
    await world.sql.query('ROLLBACK');
    await world.makeTask('ever', { board });
  }, (all) => all.length);
  assert.deepEqual(got.map(({ payload }) => JSON.parse(payload).version), [2]);
  assert.equal((await client.expect('TASK_CREATED')).task.title, 'ever');
});

test('a session acts as the user it sets; without a user it is refused', async () => {
  const sql = await world.connect();
  await assert.rejects(sql.query(`SELECT collab.create_list($1, 'x')`, [world.board.id]), { code: 'TB009' });
  await sql.query(`SET collab.user_id = '${world.users.carol}'`);
  await assert.rejects(sql.query(`SELECT collab.create_list($1, 'x')`, [world.board.id]), { code: 'TB003' });
  await sql.query(`SET collab.user_id = '${world.users.mallory}'`);
  await assert.rejects(sql.query(`SELECT collab.create_list($1, 'x')`, [world.board.id]), { code: 'TB002' });
  await sql.query(`SET collab.user_id = '${world.users.bob}'`);
  await sql.query(`SELECT collab.create_list($1, 'by bob')`, [world.board.id]);
  await sql.end();
});

test('the bridge’s role can call the API and nothing else', async () => {
  const sql = await world.connect({ user: 'collab_bridge' });
  for (const text of ['SELECT * FROM collab.events', 'SELECT * FROM collab.users', 'DELETE FROM collab.tasks', 'INSERT INTO collab.members DEFAULT VALUES',
    'CREATE TABLE collab.mine ()', `SET collab.user_id = '1'; SELECT collab.create_workspace('x')`])
    await assert.rejects(sql.query(text), ({ code }) => ['42501', 'TB009', 'TB003'].includes(code), text);
  await sql.end();
});

test('an imported board can be joined, with everything that was in the export', async () => {
  const { report } = await world.one('SELECT collab.import_trello($1, $2) AS report', [world.workspace, read('test/fixtures/trello-full.json')]);
  const { id } = await world.one(`SELECT id FROM collab.boards WHERE name = 'Fieldwork 2.0'`);
  const full = JSON.parse(read('test/fixtures/trello-full.json'));
  const { board } = (await world.joined('bob', { id })).state;
  const open = full.lists.filter(({ closed }) => !closed).sort((a, b) => a.pos - b.pos);
  assert.deepEqual(board.lists.map(({ name }) => name), open.map(({ name }) => name));
  open.forEach((list, i) => assert.deepEqual(board.lists[i].tasks.map(({ title }) => title),
    full.cards.filter(({ idList, closed }) => idList === list.id && !closed).sort((a, b) => a.pos - b.pos).map(({ name }) => name)));
  const route = board.lists.flatMap(({ tasks }) => tasks).find(({ title }) => title === 'Reschedule a whole route');
  assert.deepEqual([route.assignees.length, route.comments_count, route.checklist_counts], [2, 4, { total: 7, checked: 3 }]);
  assert.ok(route.assignees.includes(world.users.alice) && route.assignees.includes(world.users.bob));
  assert.match(JSON.stringify(report), /custom/i);
});
