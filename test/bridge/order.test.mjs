// Every connection sees a board's versions one after the other, each once, the same for all, whoever wrote them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

const create = (board, title, list = 'To do') => ['CREATE_TASK', { board_id: board.id, list_id: board.lists[list], title }];

// All of a client's events from its join on, once it has seen `version`.
async function seenUpTo(client, board, version) {
  await until(() => Math.max(client.state.version, client.events(board.id).at(-1)?.payload.version ?? 0) >= version, `version ${version} of ${board.id}`);
  return client.events(board.id);
}

test('five clients and SQL write at once: the same consecutive versions for all', async () => {
  const board = await world.makeBoard();
  const names = ['alice', 'bob', 'dora', 'alice', 'bob'];
  const clients = [];
  for (const name of names) clients.push(await world.joined(name, board));
  const sql = await world.connect();
  await sql.query(`SELECT set_config('collab.user_id', $1, false)`, [String(world.users.dora)]);
  const each = 20;
  const writers = clients.map(async (client, who) => {
    const acks = [];
    for (let i = 0; i < each; i++) acks.push(client.command(...create(board, `${who}/${i}`)));
    return Promise.all(acks);
  });
  for (let i = 0; i < each; i++) await sql.query('SELECT collab.create_task($1, $2, $3)', [board.id, board.lists.Done, `sql/${i}`]);
  await Promise.all(writers);
  await sql.end();
  const head = 1 + each * (clients.length + 1);
  const streams = [];
  for (const client of clients) streams.push((await seenUpTo(client, board, head)).filter(({ payload }) => payload.version > client.state.version));
  clients.forEach((client, i) => assertConsecutive(streams[i], client.state.version));
  for (const stream of streams) assert.deepEqual(stream.slice(-each), streams[0].slice(-each));
  assert.equal((await world.boardEvents(board.id)).length, head);
});

test('commands of one connection are carried out in the order sent, over two boards too', async () => {
  const one = await world.makeBoard('one'), two = await world.makeBoard('two');
  const client = await world.joined('alice', one);
  await client.join(two.id);
  const sent = Array.from({ length: 40 }, (_, i) => [i % 2 ? one : two, `${i}`]);
  const acks = await Promise.all(sent.map(([board, title]) => client.command(...create(board, title))));
  const { rows } = await world.sql.query(`SELECT event_data->'task'->>'title' AS title FROM collab.events
    WHERE event_type = 'TaskCreated' AND aggregate_id = ANY ($1) ORDER BY id`, [[one.id, two.id]]);
  assert.deepEqual(rows.map(({ title }) => title), sent.map(([, title]) => title));
  assert.deepEqual(client.everything.filter(({ type }) => type === 'ACK').map(({ payload }) => payload.command_id), acks.map(({ command_id }) => command_id));
});

test('the sender gets ACK in the place of its own events; its other tab gets the events', async () => {
  const board = await world.makeBoard();
  const sender = await world.joined('alice', board), tab = await world.joined('alice', board);
  const ack = await sender.command(...create(board, 'mine'));
  const event = await tab.expect('TASK_CREATED');
  assert.deepEqual(event, ack.events[0].payload);
  await sender.settled();
  assert.ok(!sender.everything.some(({ type }) => type === 'TASK_CREATED'));
});

test('with echo the ACK comes first, without events, then the event', async () => {
  const board = await world.makeBoard();
  const client = await world.joined('alice', board, { echo: true });
  const id = randomUUID();
  client.send(...create(board, 'echoed'), id);
  const ack = await client.expect('ACK', ({ command_id }) => command_id === id);
  assert.ok(!('events' in ack));
  const event = await client.expect('TASK_CREATED');
  assert.equal(event.version, ack.version);
  const types = client.everything.map(({ type }) => type);
  assert.ok(types.indexOf('ACK') < types.indexOf('TASK_CREATED'));
});

test('a sender that has not joined gets its ACK, and nothing else', async () => {
  const board = await world.makeBoard();
  const outside = await world.client('bob'), inside = await world.joined('alice', board);
  const ack = await outside.command(...create(board, 'from outside'));
  assert.equal(ack.events.length, 1);
  await inside.expect('TASK_CREATED', ({ version }) => version === ack.version);
  await outside.settled();
  assert.deepEqual(outside.everything.map(({ type }) => type), ['WELCOME', 'ACK', 'HEARTBEAT_ACK']);
});

test('events of one SQL transaction arrive in order, those of a rolled back one never', async () => {
  const board = await world.makeBoard();
  const client = await world.joined('bob', board);
  await world.sql.query('BEGIN');
  for (let i = 0; i < 50; i++) await world.makeTask(`kept ${i}`, { board });
  await world.sql.query('COMMIT');
  await world.sql.query('BEGIN');
  await world.makeTask('dropped', { board });
  await world.sql.query('ROLLBACK');
  await world.makeTask('last', { board });
  const events = await seenUpTo(client, board, 52);
  assertConsecutive(events, 1);
  assert.deepEqual(events.map(({ payload }) => payload.task.title), [...Array.from({ length: 50 }, (_, i) => `kept ${i}`), 'last']);
});

test('a forged NOTIFY is only a hint: it moves nobody and loses nothing', async () => {
  const board = await world.makeBoard();
  const client = await world.joined('bob', board);
  const other = await world.makeBoard(), neighbour = await world.joined('carol', other);
  // of another board on this one's channel, too, and of this one on the other's
  await world.sql.query('SELECT pg_notify($1, $2)', [`collab:board:${other.id}`, `{"board_id": "${board.id}", "version": 7}`]);
  for (const payload of [`{"board_id": "${board.id}", "version": 2147483647}`, `{"board_id": "${other.id}", "version": 9}`, 'not json', '{"board_id": 7}', `{"board_id": "${board.id}", "version": -1}`, ''])
    await world.sql.query('SELECT pg_notify($1, $2)', [`collab:board:${board.id}`, payload]);
  await world.makeTask('still here', { board });
  const events = await seenUpTo(client, board, 2);
  assertConsecutive(events, 1);
  assert.equal((await client.join(board.id)).version, 2);
  await neighbour.settled();
  assert.deepEqual(neighbour.events(other.id), []);
});

test('one who joins in the middle of the writing misses nothing and gets nothing twice', async () => {
  const board = await world.makeBoard();
  const writer = await world.joined('alice', board);
  const writing = Promise.all(Array.from({ length: 60 }, (_, i) => writer.command(...create(board, `${i}`))));
  const late = [];
  for (const name of ['bob', 'carol', 'dora']) late.push(await world.joined(name, board));
  await writing;
  for (const client of late) {
    const events = (await seenUpTo(client, board, 61)).filter(({ payload }) => payload.version > client.state.version);
    assertConsecutive(events, client.state.version);
    const known = new Set(client.state.board.lists.flatMap(({ tasks }) => tasks.map(({ title }) => title)));
    for (const { payload } of events) assert.ok(!known.has(payload.task.title), 'an event that the state holds already');
    assert.equal(known.size + events.length, 60);
  }
});

test('a room that falls further behind than its ring fetches the rest', async () => {
  const board = await world.makeBoard();
  const client = await world.joined('carol', board);
  await world.sql.query(`SELECT collab.create_task($1, $2, 'bulk ' || i) FROM generate_series(1, 700) i`, [board.id, board.lists['To do']]);
  assertConsecutive(await seenUpTo(client, board, 701), 1);
});
