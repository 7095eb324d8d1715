// A client that was away says what it saw last and gets exactly what it missed, or the whole board when that cannot be.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url, { config: { event_page: 4 } }); });
after(() => world.stop());

const types = (client, ...names) => client.everything.filter(({ type }) => names.includes(type));

// A client that saw the board at some version and left; what it needs to come back.
async function wasHere(board, user = 'bob') {
  const client = await world.joined(user, board);
  const { version, event } = client.state;
  await client.close();
  return { since_version: version, since_event: event };
}

async function resume(board, since, user = 'bob') {
  const client = await world.client(user);
  client.send('JOIN_BOARD', { board_id: board.id, ...since });
  return client;
}

async function pages(client) {
  const all = [];
  do all.push(await client.expect('BOARD_EVENTS')); while (all.at(-1).has_more);
  return all;
}

test('exactly the missed events, then live ones', async () => {
  const board = await world.makeBoard();
  const since = await wasHere(board);
  for (const title of ['a', 'b', 'c']) await world.makeTask(title, { board });
  const client = await resume(board, since);
  const [page] = await pages(client);
  assert.deepEqual([page.board_id, page.from_version, page.to_version], [board.id, 1, 4]);
  assert.deepEqual(page.events.map(({ payload }) => payload.task.title), ['a', 'b', 'c']);
  assert.equal(page.event, page.events.at(-1).payload.event);
  assert.deepEqual((await client.expect('PRESENCE')).users.map(({ user_id }) => user_id), [world.users.bob]);
  await world.makeTask('live', { board });
  await client.expect('TASK_CREATED', ({ task }) => task.title === 'live');
  assertConsecutive(client.events(board.id), 1);
  assert.deepEqual(types(client, 'BOARD_STATE'), []);
});

test('nothing missed: one empty page', async () => {
  const board = await world.makeBoard();
  await world.makeTask('seen', { board });
  const client = await resume(board, await wasHere(board));
  const page = await client.expect('BOARD_EVENTS');
  assert.deepEqual([page.events, page.has_more, page.from_version, page.to_version], [[], false, 2, 2]);
  await client.expect('PRESENCE');
});

test('more than a page: as many as are needed, in a row', async () => {
  const board = await world.makeBoard();
  const since = await wasHere(board);
  for (let i = 0; i < 11; i++) await world.makeTask(`${i}`, { board });
  const client = await resume(board, since);
  const all = await pages(client);
  assert.deepEqual(all.map(({ events }) => events.length), [4, 4, 3]);
  assert.deepEqual(all.map(({ has_more }) => has_more), [true, true, false]);
  assertConsecutive(client.events(board.id), 1);
});

test('without since_event the version alone is believed', async () => {
  const board = await world.makeBoard();
  const { since_version } = await wasHere(board);
  await world.makeTask('missed', { board });
  const client = await resume(board, { since_version });
  assert.equal((await pages(client)).flatMap(({ events }) => events).length, 1);
});

test('a mark that is no text starts over', async () => {
  const board = await world.makeBoard();
  const client = world.connectTo(`/ws/board/${board.id}?token=${world.freshToken('bob')}&since=1&since_event=%ff`);
  assert.equal((await client.expect('BOARD_STATE')).reset, true);
});

/** While the function is not there every read that calls it fails. */
async function without(name, during) {
  await world.sql.query(`ALTER FUNCTION collab.${name} RENAME TO away`);
  try {
    await during();
  } finally {
    await world.sql.query(`ALTER FUNCTION collab.away RENAME TO ${name}`);
  }
}

const failures = () => world.log.filter((line) => /read_failed/.test(line)).length;

test('a board of a joined workspace is asked for again when that fails', async () => {
  const board = await world.makeBoard(), { since_version: version, since_event: event } = await wasHere(board);
  const task_id = await world.makeTask('missed', { board }), client = await world.client('bob'), before = failures();
  await without('room_resume', async () => {
    client.send('JOIN_WORKSPACE', { workspace_id: world.workspace, boards: { [board.id]: { version, event } } });
    await client.expect('WORKSPACE_STATE');
    await until(() => failures() > before, 'a resume fails');
  });
  assert.deepEqual((await client.expect('BOARD_EVENTS')).events.map(({ payload }) => payload.task.title), ['missed']);
  assert.equal((await client.command('GET_TASK', { task_id })).result.task.id, task_id);
});

test('a stream of events whose first read fails ends with 503', async () => {
  await without('room_state', async () => {
    const answer = await fetch(`${world.http}/sse/boards/${world.board.id}`, { headers: { authorization: `Bearer ${world.freshToken('alice')}` } });
    assert.equal(answer.status, 503);
    assert.equal((await answer.json()).code, 'unavailable');
  });
});

test('while others write, every version comes once', async () => {
  const board = await world.makeBoard();
  const since = await wasHere(board);
  const writer = await world.joined('alice', board);
  const command = (i) => writer.command('CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title: `${i}` });
  for (let i = 0; i < 10; i++) await command(i);
  const writing = Promise.all(Array.from({ length: 40 }, (_, i) => command(i + 10)));
  const client = await resume(board, since);
  await writing;
  await until(() => client.events(board.id).at(-1)?.payload.version === 51, 'version 51');
  assertConsecutive(client.events(board.id), 1);
});

for (const [what, change] of [
  ['a mark that is not that version’s', (since) => ({ ...since, since_event: '1-1' })],
  ['a mark that is no mark', (since) => ({ ...since, since_event: 'nonsense' })],
  ['a version above the head', (since) => ({ ...since, since_version: since.since_version + 1000 })],
  ['a version above the head, alone', (since) => ({ since_version: since.since_version + 1000 })],
]) {
  test(`${what}: the whole board, with reset`, async () => {
    const board = await world.makeBoard();
    const since = await wasHere(board);
    await world.makeTask('since then', { board });
    const client = await resume(board, change(since));
    const state = await client.expect('BOARD_STATE');
    assert.equal(state.reset, true);
    assert.equal(state.version, 2);
    assert.equal(state.board.lists[0].tasks[0].title, 'since then');
    await world.makeTask('live', { board });
    await client.expect('TASK_CREATED', ({ version }) => version === 3);
    assert.deepEqual(types(client, 'ERROR', 'BOARD_EVENTS'), []);
  });
}

for (const since_version of [-1, 1.5, '3', true, 2 ** 53]) {
  test(`since_version ${JSON.stringify(since_version)} is invalid`, async () => {
    const client = await resume(world.board, { since_version });
    const refusal = await client.expect('ERROR');
    assert.equal(refusal.code, 'invalid');
    assert.match(refusal.message, /since_version/);
    await client.settled();
  });
}

test('/ws/board/{id}?since= joins at once and resumes', async () => {
  const board = await world.makeBoard();
  const since = await wasHere(board);
  await world.makeTask('missed', { board });
  const fresh = await world.client('bob', { path: `/ws/board/${board.id}` });
  assert.equal((await fresh.expect('BOARD_STATE')).version, 2);
  const client = await world.client('bob', { path: `/ws/board/${board.id}`,
    query: `&since=${since.since_version}&since_event=${encodeURIComponent(since.since_event)}` });
  assert.deepEqual((await pages(client))[0].events.map(({ payload }) => payload.task.title), ['missed']);
});

test('/ws/board of a board one may not see: not_found, close 4003', async () => {
  const client = await world.client('mallory', { path: `/ws/board/${world.board.id}` });
  assert.equal((await client.expect('ERROR')).code, 'not_found');
  assert.equal((await client.closed).code, 4003);
});

test('a command whose ACK was lost: its event is in the resumed stream, sent again it is replayed', async () => {
  const board = await world.makeBoard();
  const client = await world.joined('bob', board);
  const since = { since_version: client.state.version, since_event: client.state.event };
  const id = '11111111-2222-4333-8444-555555555555';
  const payload = { board_id: board.id, list_id: board.lists['To do'], title: 'in doubt' };
  client.send('CREATE_TASK', payload, id);
  client.socket.on('message', () => {});
  await until(async () => (await world.boardEvents(board.id)).length === 2, 'the command is carried out');
  client.cut();
  const back = await resume(board, since);
  const [page] = await pages(back);
  assert.deepEqual(page.events.map(({ payload: event }) => event.command_id), [id]);
  const ack = await back.command('CREATE_TASK', payload, id);
  assert.equal(ack.replayed, true);
  assert.equal((await world.boardEvents(board.id)).length, 2);
});
