// Two people change the same thing from the same version: one wins, the other learns how it is now.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

const place = (state, task_id) => state.board.lists.find(({ tasks }) => tasks.some(({ id }) => id === task_id)).name;

test('the same task moved by two: one event, one CONFLICT_ERROR, the same board for both', async () => {
  const board = await world.makeBoard();
  const task_id = await world.makeTask('wanted', { board });
  const clients = [await world.joined('alice', board), await world.joined('bob', board)];
  const version = clients[0].state.version;
  assert.equal(clients[1].state.version, version);
  const targets = ['In progress', 'Done'];
  const answers = await Promise.all(clients.map((client, i) => client.ask('MOVE_TASK',
    { board_id: board.id, task_id, from_list_id: board.lists['To do'], to_list_id: board.lists[targets[i]], new_position: 0, version })));
  const winner = answers.findIndex(({ type }) => type === 'ACK'), loser = 1 - winner;
  assert.ok(winner >= 0);
  assert.equal(answers[loser].type, 'CONFLICT_ERROR');
  const conflict = answers[loser].payload;
  assert.deepEqual([conflict.command, conflict.reason, conflict.expected_version, conflict.current_version],
    ['MOVE_TASK', 'Version mismatch', version, version + 1]);
  assert.deepEqual([conflict.current.id, conflict.current.list_id, conflict.current.version, conflict.current.title],
    [task_id, board.lists[targets[winner]], version + 1, 'wanted']);
  await clients[loser].expect('TASK_MOVED', (event) => event.version === version + 1);
  const log = await world.boardEvents(board.id);
  assert.equal(log.filter(({ event_type }) => event_type === 'TaskMoved').length, 1);
  for (const client of clients) {
    client.send('GET_BOARD', { board_id: board.id });
    assert.equal(place(await client.expect('BOARD_STATE'), task_id), targets[winner]);
  }
});

test('ten rounds of it: always exactly one wins', async () => {
  const board = await world.makeBoard();
  const task_id = await world.makeTask('contested', { board });
  const clients = [await world.joined('alice', board), await world.joined('bob', board), await world.joined('dora', board)];
  for (let round = 0; round < 10; round++) {
    const version = 2 + round;
    const answers = await Promise.all(clients.map((client, i) => client.ask('UPDATE_TASK', { task_id, updates: { title: `${round}/${i}` }, version })));
    assert.deepEqual(answers.map(({ type }) => type).sort(), ['ACK', 'CONFLICT_ERROR', 'CONFLICT_ERROR']);
    await Promise.all(clients.map((client) => until(() => client.events(board.id).at(-1)?.payload.version === version + 1, `version ${version + 1}`)));
  }
  assert.equal((await world.boardEvents(board.id)).length, 12);
});

test('different tasks from the same version: both go through', async () => {
  const board = await world.makeBoard();
  const ids = [await world.makeTask('a', { board }), await world.makeTask('b', { board })];
  const clients = [await world.joined('alice', board), await world.joined('bob', board)];
  const answers = await Promise.all(clients.map((client, i) => client.ask('MOVE_TASK',
    { task_id: ids[i], to_list_id: board.lists.Done, new_position: 0, version: 3 })));
  assert.deepEqual(answers.map(({ type }) => type), ['ACK', 'ACK']);
});

test('without a version the later one wins', async () => {
  const board = await world.makeBoard();
  const task_id = await world.makeTask('a', { board });
  const client = await world.client('alice');
  await client.command('UPDATE_TASK', { task_id, updates: { title: 'b' } });
  await client.command('UPDATE_TASK', { task_id, updates: { title: 'c' } });
  assert.equal((await world.one('SELECT title FROM collab.tasks WHERE id = $1', [task_id])).title, 'c');
});

test('a list moved from an old version conflicts, with the list as it is', async () => {
  const board = await world.makeBoard();
  const client = await world.client('alice');
  await client.command('MOVE_LIST', { list_id: board.lists.Done, new_position: 0, version: 1 });
  const answer = await client.ask('MOVE_LIST', { list_id: board.lists.Done, new_position: 1, version: 1 });
  assert.equal(answer.type, 'CONFLICT_ERROR');
  assert.deepEqual([answer.payload.current.id, answer.payload.current.position, answer.payload.current.version], [board.lists.Done, 0, 2]);
});

test('a task deleted meanwhile is not found, not a conflict', async () => {
  const board = await world.makeBoard();
  const task_id = await world.makeTask('a', { board });
  const client = await world.client('alice');
  await client.command('DELETE_TASK', { task_id });
  assert.equal((await client.refused('MOVE_TASK', { task_id, to_list_id: board.lists.Done, new_position: 0, version: 2 })).code, 'not_found');
});

test('the same from SQL: TB001', async () => {
  const board = await world.makeBoard();
  const task_id = await world.makeTask('a', { board });
  const client = await world.client('alice');
  await client.command('UPDATE_TASK', { task_id, updates: { title: 'b' } });
  await assert.rejects(world.sql.query(`SELECT collab.update_task(task_id => $1, updates => '{"title": "c"}', version => 2)`, [task_id]),
    { code: 'TB001' });
});
