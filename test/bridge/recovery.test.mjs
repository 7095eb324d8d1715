// Something is killed: the bridge, its database connections, the server. Whatever was acknowledged is there, once, and
// every client sees every version. This file has a cluster of its own, with fsync on.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { assertConsecutive, startWorld, until } from './harness.mjs';

let world;
// a busy machine may need longer than the five seconds that commands wait by default
before(async () => { world = await startWorld(import.meta.url, { ownServer: true, config: { database_wait: '30s' } }); });
after(() => world.stop());
afterEach(() => world.closeClients());

const create = (board, title) => ['CREATE_TASK', { board_id: board.id, list_id: board.lists['To do'], title }];

// Sends commands one after the other until told to stop; a command whose answer was lost is sent again under its id.
// Reconnects by itself. `acknowledged` holds what was answered with ACK.
function writer(user, board) {
  const state = { acknowledged: [], stopped: false, refused: [] };
  const open = async () => until(async () => {
    try { return await world.joined(user, board); } catch { return null; }
  }, `${user} is back`);
  state.done = (async () => {
    let client = await open();
    for (let i = 0; !state.stopped; i++) {
      const id = randomUUID();
      for (let answered = false; !answered;) {
        try {
          const answer = await client.ask(...create(board, `${user} ${i}`), id);
          answered = answer.type === 'ACK' || answer.payload.code !== 'unavailable';
          if (answer.type === 'ACK') state.acknowledged.push(id);
          else if (answered) state.refused.push(answer.payload);
        } catch {
          client = await open();
        }
      }
    }
  })();
  state.stop = async () => {
    state.stopped = true;
    await state.done;
    return state;
  };
  return state;
}

async function assertOnce(board, writers) {
  const events = await world.boardEvents(board.id);
  assert.deepEqual(events.map(({ version }) => version), events.map((_, i) => i + 1));
  const ids = events.filter(({ event_type }) => event_type === 'TaskCreated').map(({ command_id }) => command_id);
  assert.equal(new Set(ids).size, ids.length, 'a command was carried out twice');
  for (const { acknowledged, refused } of writers) {
    assert.deepEqual(refused, []);
    assert.ok(acknowledged.length > 0);
    for (const id of acknowledged) assert.ok(ids.includes(id), 'an acknowledged command is lost');
  }
}

const progressed = (writers, more) => {
  const from = writers.map(({ acknowledged }) => acknowledged.length);
  return until(() => writers.every(({ acknowledged }, i) => acknowledged.length >= from[i] + more), `${more} more commands each`, 20_000);
};

test('the bridge is killed while people write', async () => {
  const board = await world.makeBoard();
  const writers = [writer('alice', board), writer('bob', board)];
  for (let round = 0; round < 3; round++) {
    await progressed(writers, 10);
    await world.restartBridge();
  }
  await progressed(writers, 5);
  await Promise.all(writers.map((each) => each.stop()));
  await assertOnce(board, writers);
});

test('its backends are killed while people write: nobody is disconnected, nobody misses anything', async () => {
  const board = await world.makeBoard();
  const watcher = await world.joined('carol', board);
  const writers = [writer('alice', board), writer('bob', board)];
  for (let round = 0; round < 5; round++) {
    await progressed(writers, 10);
    assert.ok(await world.killBackends() >= 2);
  }
  await progressed(writers, 5);
  await Promise.all(writers.map((each) => each.stop()));
  const head = (await world.boardEvents(board.id)).at(-1).version;
  await until(() => watcher.events(board.id).at(-1)?.payload.version === head, `version ${head}`);
  assertConsecutive(watcher.events(board.id), 1);
  assert.ok(!watcher.isClosed);
  await assertOnce(board, writers);
});

test('what SQL wrote while the listener was away arrives', async () => {
  const board = await world.makeBoard();
  const watcher = await world.joined('carol', board);
  await world.killBackends();
  for (const title of ['a', 'b', 'c']) await world.makeTask(title, { board });
  await until(() => watcher.events(board.id).length === 3, 'three events');
  assertConsecutive(watcher.events(board.id), 1);
});

for (const mode of ['fast', 'immediate']) {
  test(`the server restarts (${mode}): clients stay, commands sent meanwhile are answered, within 2 s of its return`, async () => {
    const board = await world.makeBoard();
    const watcher = await world.joined('carol', board), sender = await world.joined('alice', board);
    await sender.command(...create(board, 'before'));
    world.haltServer(mode);
    assert.equal((await fetch(`${world.http}/healthz`)).status, 200);
    await until(async () => (await fetch(`${world.http}/readyz`)).status === 503, 'not ready without a database');
    const id = randomUUID();
    sender.send(...create(board, 'during'), id);
    await world.resumeServer();
    const back = Date.now();
    const answer = await Promise.race([sender.expect('ACK', ({ command_id }) => command_id === id), sender.expect('ERROR', ({ command_id }) => command_id === id)]);
    assert.ok(answer.changed, JSON.stringify(answer));
    await watcher.expect('TASK_CREATED', ({ task }) => task.title === 'during');
    assert.ok(Date.now() - back < 2000, `${Date.now() - back} ms`);
    await world.makeTask('after, from SQL', { board });
    await watcher.expect('TASK_CREATED', ({ task }) => task.title === 'after, from SQL');
    assertConsecutive(watcher.events(board.id), 1);
    assert.ok(!watcher.isClosed && !sender.isClosed);
  });
}

test('the server crashes: who is there comes back on both bridges, and nobody is said to have left', async () => {
  const board = await world.makeBoard();
  const peer = await world.startPeer();
  const [alice, bob] = [await world.joined('alice', board), await peer.joined('bob', board)];
  await alice.expect('USER_JOINED', ({ user }) => user.user_id === world.users.bob);
  const said = async () => (await world.one('SELECT count(*)::int AS n FROM collab.room_members m JOIN collab.connections USING (bridge_id, connection_id) WHERE board_id = $1', [board.id])).n;
  await until(async () => await said() === 2, 'both are said');
  await until(async () => /^collab_bridge_remote_users 1$/m.test(await (await fetch(`${peer.http}/metrics`)).text()), 'the other bridge knows alice');
  world.haltServer('immediate');
  await world.resumeServer();
  await until(async () => await said() === 2, 'both are said again');
  const carol = await peer.joined('carol', board);
  assert.deepEqual(carol.state.active_users.map(({ username }) => username).sort(), ['Alice', 'Bob', 'Carol']);
  bob.send('CURSOR_MOVE', { board_id: board.id, x: 1, y: 2 });
  await alice.expect('CURSOR_UPDATE', ({ x }) => x === 1);
  for (const client of [alice, bob]) assert.ok(!client.everything.some(({ type }) => type === 'USER_LEFT'));
  assert.deepEqual(await peer.stopBridge(), { code: 0, signal: null });
  await alice.expect('USER_LEFT', ({ user_id }) => user_id === world.users.bob);
});

test('a database that stays away: unavailable, with a time to come back', async () => {
  await world.stopBridge();
  await world.startBridge({ database_wait: '200ms' });
  const board = await world.makeBoard(), client = await world.joined('alice', board);
  world.haltServer('fast');
  const refusal = await client.refused(...create(board, 'x'));
  assert.equal(refusal.code, 'unavailable');
  assert.ok(refusal.retry_after_ms > 0);
  await world.resumeServer();
  assert.equal((await world.boardEvents(board.id)).length, 1);
  await until(async () => (await client.ask(...create(board, 'y'))).type === 'ACK', 'it works again');
  await world.stopBridge();
  await world.startBridge();
});

test('a failure at commit is not acknowledged, and takes no neighbour with it', async () => {
  const board = await world.makeBoard();
  const clients = [await world.joined('alice', board), await world.joined('bob', board)];
  await world.sql.query(`CREATE FUNCTION public.refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.event_data->'task'->>'title' = 'doomed' THEN RAISE 'not this one'; END IF; RETURN NULL; END $$`);
  await world.sql.query(`CREATE CONSTRAINT TRIGGER refuse_at_commit AFTER INSERT ON collab.events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.refuse_at_commit()`);
  try {
    // many at once, so that doomed and good ones share a batch
    const titles = Array.from({ length: 30 }, (_, i) => (i % 10 === 5 ? 'doomed' : `good ${i}`));
    const answers = await Promise.all(titles.map((title, i) => clients[i % 2].ask(...create(board, title))));
    titles.forEach((title, i) => assert.equal(answers[i].type, title === 'doomed' ? 'ERROR' : 'ACK', `${title}: ${JSON.stringify(answers[i])}`));
    const { rows } = await world.sql.query('SELECT title FROM collab.tasks WHERE board_id = $1', [board.id]);
    assert.deepEqual(rows.map(({ title }) => title).sort(), titles.filter((title) => title !== 'doomed').sort());
    for (const client of clients) {
      await until(() => client.events(board.id).at(-1)?.payload.version === 28, 'the last version');
      assertConsecutive(client.events(board.id), client.state.version);
    }
  } finally {
    await world.sql.query('DROP TRIGGER refuse_at_commit ON collab.events');
  }
});

test('a backend cancelled at commit: what it was doing is done once, by another attempt', async () => {
  const board = await world.makeBoard(), client = await world.joined('alice', board), watcher = await world.joined('carol', board);
  await world.sql.query('CREATE TABLE public.slow_commits (waiting bool)');
  await world.sql.query('INSERT INTO public.slow_commits VALUES (true)');
  await world.sql.query(`CREATE FUNCTION public.wait_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN IF EXISTS (SELECT FROM public.slow_commits) THEN PERFORM pg_sleep(60); END IF; RETURN NULL; END $$`);
  await world.sql.query(`CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON collab.events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.wait_at_commit()`);
  try {
    const answers = ['a', 'b', 'c'].map((title) => client.ask(...create(board, title)));
    await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)).n > 0, 'it waits at its commit');
    await world.sql.query('DELETE FROM public.slow_commits');
    await world.sql.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    for (const answer of await Promise.all(answers)) assert.ok(answer.type === 'ACK' && answer.payload.changed, JSON.stringify(answer));
    await until(() => watcher.events(board.id).length === 3, 'three events');
    assertConsecutive(watcher.events(board.id), 1);
  } finally {
    await world.sql.query('DROP TRIGGER wait_at_commit ON collab.events');
  }
});

test('reads that hang: commands, events and other people go on', async () => {
  await world.stopBridge();
  await world.sql.query('CREATE TABLE public.hanging (is_hanging bool)');
  await world.sql.query('INSERT INTO public.hanging VALUES (true)');
  await world.sql.query('GRANT SELECT ON public.hanging TO PUBLIC');
  const { room_state } = await world.one(`SELECT pg_get_functiondef('collab.room_state'::regproc) AS room_state`);
  await world.sql.query(room_state.replaceAll('room_state', 'quick_room_state'));
  // for bob only
  await world.sql.query(`CREATE OR REPLACE FUNCTION collab.room_state(user_id bigint, board_id uuid, detail text)
    RETURNS TABLE (code text, version int, event text, acl_version bigint, body text) LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      WHILE user_id = ${world.users.bob} AND EXISTS (SELECT FROM public.hanging) LOOP PERFORM pg_sleep(0.01); END LOOP;
      RETURN QUERY SELECT * FROM collab.quick_room_state(user_id, board_id, detail);
    END $$`);
  await world.startBridge();
  const board = await world.makeBoard(), client = await world.joined('alice', board), watcher = await world.joined('carol', board);
  const slow = await Promise.all(Array.from({ length: 12 }, () => world.client('bob')));
  try {
    for (const each of slow) each.send('GET_BOARD', { board_id: board.id });
    await until(async () => (await world.one(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%room_state%' AND wait_event = 'PgSleep'`)).n > 0, 'reads hang');
    for (let i = 0; i < 10; i++) await client.command(...create(board, `meanwhile ${i}`));
    await world.makeTask('from SQL', { board }); // has to be fetched
    await until(() => watcher.events(board.id).length === 11, 'eleven events');
    assertConsecutive(watcher.events(board.id), 1);
    await (await world.client('dora')).settled(); // a user is looked up
    assert.ok(slow.every(({ everything }) => !everything.some(({ type }) => type === 'BOARD_STATE')));
    await world.sql.query('DELETE FROM public.hanging');
    for (const each of slow) await each.expect('BOARD_STATE');
  } finally {
    await world.sql.query('DELETE FROM public.hanging');
    await world.stopBridge();
    await world.sql.query(room_state);
    await world.startBridge();
  }
});

test('a board locked by another transaction: its commands wait or are refused, those of others go on', async () => {
  await world.stopBridge();
  await world.startBridge({ lock_timeout: '300ms', pool_size: 2 });
  const locked = await world.makeBoard();
  const client = await world.joined('alice', locked);
  const other = await world.connect();
  await other.query('BEGIN');
  await other.query(`SELECT set_config('collab.user_id', $1, true)`, [String(world.users.bob)]);
  await other.query('SELECT collab.create_task($1, $2, $3)', [locked.id, locked.lists['To do'], 'holder']);
  const refusal = await client.refused(...create(locked, 'blocked'));
  assert.equal(refusal.code, 'unavailable');
  assert.ok(refusal.retry_after_ms > 0);
  await other.query('COMMIT');
  await other.end();
  await client.command(...create(locked, 'free'));
  const { rows } = await world.sql.query('SELECT title FROM collab.tasks WHERE board_id = $1', [locked.id]);
  assert.deepEqual(rows.map(({ title }) => title).sort(), ['free', 'holder']);
});

test('SIGTERM: what was accepted is answered, clients are told when to come back, close 1001, status 0', async () => {
  const board = await world.makeBoard(), client = await world.joined('alice', board);
  const ids = Array.from({ length: 20 }, () => randomUUID());
  ids.forEach((id, i) => client.send(...create(board, `${i}`), id));
  await client.expect('ACK');
  const ended = world.stopBridge();
  const { reconnect_after_ms } = await client.expect('SERVER_SHUTDOWN');
  assert.ok(reconnect_after_ms >= 0 && reconnect_after_ms <= 1000);
  assert.equal((await client.closed).code, 1001);
  assert.deepEqual(await ended, { code: 0, signal: null });
  const known = new Set((await world.boardEvents(board.id)).map(({ command_id }) => command_id));
  const answers = client.everything.filter(({ payload }) => ids.includes(payload.command_id));
  assert.equal(answers.length, ids.length);
  for (const { type, payload } of answers) assert.equal(type === 'ACK', known.has(payload.command_id), JSON.stringify(payload));
  await world.startBridge();
});

test('one bridge on a port: a second one says so and ends', async () => {
  const mine = world.bridge, ended = world.bridgeEnded;
  await assert.rejects(world.startBridge());
  world.bridge = mine;
  world.bridgeEnded = ended;
  await (await world.client('alice')).settled();
});
