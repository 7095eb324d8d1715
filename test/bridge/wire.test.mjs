// The wire as its documents tell it: the tables, asyncapi.json and the running bridge say the same.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { commands, events as eventTypes, reads } from '../../docs/tables.mjs';
import { read, startWorld } from './harness.mjs';

const document = JSON.parse(read('docs/asyncapi.json'));
const { messages, schemas } = document.components;
const FROM_CLIENT = document.operations['connection.fromClient'].messages.map(({ $ref }) => $ref.split('/').pop());
const TO_CLIENT = document.operations['connection.toClient'].messages.map(({ $ref }) => $ref.split('/').pop());

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: 'wire', ...document });
const checks = {};
/** What a message is that the document does not say it may be. */
function faults(message) {
  if (!messages[message.type]) return [`${message.type} is not in the document`];
  const check = (checks[message.type] ??= ajv.compile({ $ref: `wire#/components/messages/${message.type}/payload` }));
  return check(message) ? [] : check.errors.map(({ instancePath, message: text }) => `${message.type}${instancePath} ${text}: ${JSON.stringify(message).slice(0, 300)}`);
}
const isBoardName = (name) => /^[A-Z_]+$/.test(name);
/** Members of a message's payload that its table does not have. */
function unknownMembers({ type, payload }) {
  const name = isBoardName(type) ? type : messages[type]['x-other-dialect'];
  return Object.keys(payload).filter((member) => !(member in schemas[`payload.${name}`].properties)).map((member) => `${type}.${member}`);
}
/** The messages inside an ACK or a page. */
const inside = ({ payload, data = payload }) => (data?.events ?? []).map((event) => ({ payload: event.data, ...event }));

describe('the document', () => {
  test('is an AsyncAPI 3.0 document', () => {
    const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const check = new Ajv({ strict: false, validateFormats: false }).compile(specification);
    assert.ok(check(document), JSON.stringify(check.errors?.slice(0, 5), null, 1));
  });

  test('names nothing that it does not have', () => {
    const missing = [];
    const walk = (value) => {
      if (typeof value !== 'object' || value === null) return;
      if (typeof value.$ref === 'string' && value.$ref.slice(2).split('/').reduce((at, name) => at?.[name], document) === undefined) missing.push(value.$ref);
      Object.values(value).forEach(walk);
    };
    walk(document);
    assert.deepEqual(missing, []);
  });

  test('has every message of the tables in both dialects, each with one name', () => {
    for (const { name } of [...commands, ...reads]) assert.ok(FROM_CLIENT.includes(name), name);
    for (const { name } of eventTypes) assert.ok(TO_CLIENT.includes(name.replace(/(?!^)[A-Z]/g, '_$&').toUpperCase()), name);
    for (const [name, message] of Object.entries(messages)) {
      const other = message['x-other-dialect'];
      assert.equal(messages[other]['x-other-dialect'], name);
      assert.notEqual(isBoardName(name), isBoardName(other), name);
      assert.match(name, /^([A-Z_]+|[a-z_]+(\.[a-z_]+)?)$/);
    }
  });

  test('has the golden messages under the names they have there', () => {
    for (const { type, workspace } of JSON.parse(read('test/vectors/client_messages.json')).cases)
      if (workspace) assert.equal(messages[type]['x-other-dialect'], JSON.parse(workspace).type);
    const { cases, events } = JSON.parse(read('test/vectors/server_messages.json'));
    for (const { name, message, workspace } of [...cases, ...events])
      if (workspace && name !== 'an event of a later database') assert.equal(messages[message.type]['x-other-dialect'], workspace.type);
  });

  test('every message of a client is among the golden ones, or a command', () => {
    const golden = new Set(JSON.parse(read('test/vectors/client_messages.json')).cases.map(({ type }) => type));
    for (const name of FROM_CLIENT) assert.ok(golden.has(name) || commands.some((command) => command.name === name), name);
  });
});

describe('the bridge', () => {
  let world, alice, bob, watcher;
  before(async () => { world = await startWorld(import.meta.url, { config: { max_waiting_commands: 1000 } }); });
  after(() => world.stop());

  /** Sends every message with an empty payload; the answers by the id of what they answer. */
  async function sendAll(client, names, envelope) {
    const ids = Object.fromEntries(names.map((name) => [name, randomUUID()]));
    for (const name of names) client.sendText(JSON.stringify({ type: name, id: ids[name], [envelope]: {} }));
    return ids;
  }

  /** Connections of both dialects. */
  const dialects = [
    { dialect: 'board', envelope: 'payload', own: isBoardName, connect: () => world.client('carol') },
    {
      dialect: 'workspace', envelope: 'data', own: (name) => !isBoardName(name),
      connect: async () => {
        const client = world.connectTo(`/ws/workspace/${world.workspace}?token=${world.freshToken('carol')}`);
        await client.expect('workspace.state');
        return client;
      },
    },
  ];
  const boardName = (name) => (isBoardName(name) ? name : messages[name]['x-other-dialect']);

  for (const { dialect, envelope, own, connect } of dialects) {
    test(`knows every message of the ${dialect} dialect`, async () => {
      const client = await connect();
      const names = Object.keys(messages).filter((name) => own(name) && FROM_CLIENT.includes(boardName(name)) && !/^heartbeat$/i.test(name) && !/LEAVE_WORKSPACE|workspace\.leave/.test(name));
      const ids = await sendAll(client, names, envelope);
      for (const [name, id] of Object.entries(ids)) {
        // without a workspace_id it is the path's, and its answer has no command_id
        if (name === 'workspace.resume') continue;
        const answer = await answerTo(client, id);
        assert.notEqual(answer.payload.code, 'unknown_type', name);
        assert.equal(answer.payload.command, name);
        assert.deepEqual(faults(answer), []);
        assert.ok(boardName(answer.type) === 'ERROR' || messages[name]['x-answered-by'].includes(boardName(answer.type)), `${name} is answered by ${answer.type}`);
      }
    });

    test(`knows nothing else in the ${dialect} dialect`, async () => {
      const client = await connect();
      const others = [...Object.keys(messages).filter((name) => !own(name) || TO_CLIENT.includes(boardName(name))), 'EXPLODE', 'task.explode', ''];
      const ids = await sendAll(client, others, envelope);
      for (const [name, id] of Object.entries(ids)) assert.equal((await answerTo(client, id)).payload.code, 'unknown_type', name);
    });
  }

  async function answerTo(client, id) {
    let answer;
    await client.expect(null, (payload, message) => {
      answer = message;
      return payload?.command_id === id;
    });
    return answer;
  }

  test('sends what the document says, every event of the log among it', async () => {
    alice = await world.client('alice');
    bob = await world.client('bob');
    await everything();
    await alice.settled();
    for (const clients of [[alice, bob], [watcher]]) {
      const seen = clients.flatMap((client) => client.everything).flatMap((message) => [message, ...inside(message)]);
      assert.deepEqual([...new Set(seen.flatMap(faults))].slice(0, 10), []);
      assert.deepEqual([...new Set(seen.filter(({ type }) => boardName(type) !== 'SERVER_SHUTDOWN').flatMap(unknownMembers))], []);
    }
    const types = new Set([alice, bob].flatMap((client) => client.everything).flatMap(inside).map(({ type }) => type));
    const unseen = TO_CLIENT.filter((name) => messages[name]['x-about'] === 'event' && !types.has(name));
    assert.deepEqual(unseen, [], 'events that no command of this test made');
    const watched = new Set(watcher.everything.map(({ type }) => type));
    for (const type of ['task.moved', 'checklist_item.checked', 'member.added', 'board.state', 'board.removed', 'connection.disconnect']) assert.ok(watched.has(type), type);
  });

  /** A session that makes an event of every type, and most of what the bridge itself sends. */
  async function everything() {
    const run = (type, payload) => alice.command(type, payload);
    const make = async (type, payload) => (await run(type, payload)).result;
    const { workspace_id } = await make('CREATE_WORKSPACE', { name: 'Wire' });
    watcher = world.connectTo(`/ws/workspace/${workspace_id}?token=${world.freshToken('alice')}`);
    await watcher.expect('workspace.state');
    await run('UPDATE_WORKSPACE', { workspace_id, updates: { description: 'all of it' } });
    const { carol } = world.users;
    await run('ADD_MEMBER', { workspace_id, user_id: carol, role: 'member' });
    await run('CHANGE_ROLE', { workspace_id, user_id: carol, role: 'viewer' });
    await run('CHANGE_ROLE', { workspace_id, user_id: carol, role: 'member' });
    const { invite_id, token } = await make('CREATE_INVITE', { workspace_id });
    await bob.command('JOIN_BY_INVITE', { token });
    await run('REVOKE_INVITE', { workspace_id, invite_id });

    const { board_id } = await make('CREATE_BOARD', { workspace_id, name: 'Board' });
    await alice.join(board_id);
    await run('UPDATE_BOARD', { board_id, updates: { description: 'x', visibility: 'private' } });
    await run('ADD_BOARD_MEMBER', { board_id, user_id: carol });
    await run('REMOVE_BOARD_MEMBER', { board_id, user_id: carol });
    await run('UPDATE_BOARD', { board_id, updates: { visibility: 'workspace' } });
    await bob.join(board_id);
    const { label_id } = await make('CREATE_LABEL', { board_id, name: 'bug', color: 'red' });
    await run('UPDATE_LABEL', { label_id, updates: { color: 'green' } });
    const { field_id } = await make('DEFINE_CUSTOM_FIELD', { board_id, name: 'size', kind: 'choice', options: ['S', 'L'] });
    await run('UPDATE_CUSTOM_FIELD', { field_id, updates: { name: 'Size' } });
    const { list_id } = await make('CREATE_LIST', { board_id, name: 'Later' });
    await run('UPDATE_LIST', { list_id, updates: { wip_limit: 5 } });
    await run('MOVE_LIST', { list_id, new_position: 0 });
    await run('ARCHIVE_LIST', { list_id });
    await run('RESTORE_LIST', { list_id });

    const { task_id } = await make('CREATE_TASK', { board_id, list_id, title: 'one', labels: [label_id], assignees: [carol], config: { a: 1 } });
    const { task_id: other } = await make('CREATE_TASK', { board_id, title: 'two' });
    await run('UPDATE_TASK', { task_id, updates: { title: 'One', status: 'doing', priority: 'high', due_date: '2030-01-02' } });
    await run('MOVE_TASK', { task_id, to_list_id: list_id, new_position: 0 });
    await run('COMPLETE_TASK', { task_id });
    await run('REOPEN_TASK', { task_id });
    await run('ARCHIVE_TASK', { task_id });
    await run('RESTORE_TASK', { task_id });
    await run('ASSIGN_TASK', { task_id, user_id: world.users.alice });
    await run('UNASSIGN_TASK', { task_id, user_id: carol });
    await run('ADD_DEPENDENCY', { task_id, blocked_by: other });
    await run('REMOVE_DEPENDENCY', { task_id, blocked_by: other });
    await run('SET_CUSTOM_FIELD', { task_id, field_id, value: 'S' });
    await run('SET_CUSTOM_FIELD', { task_id, field_id, value: null });
    await run('UNDO', { board_id });
    const { checklist_id } = await make('CREATE_CHECKLIST', { task_id, name: 'steps' });
    const { checklist_id: second } = await make('CREATE_CHECKLIST', { task_id, name: 'more' });
    await run('UPDATE_CHECKLIST', { checklist_id, updates: { name: 'Steps', position: 1 } });
    const { item_id } = await make('ADD_CHECKLIST_ITEM', { checklist_id, text: 'first', assigned_to: carol });
    await run('UPDATE_CHECKLIST_ITEM', { item_id, updates: { text: 'First' } });
    await run('CHECK_ITEM', { item_id, checked: true });
    await run('MOVE_CHECKLIST_ITEM', { item_id, checklist_id: second, new_position: 0 });
    await run('DELETE_CHECKLIST_ITEM', { item_id });
    await run('DELETE_CHECKLIST', { checklist_id });
    const { comment_id } = await make('ADD_COMMENT', { task_id, text: 'hello @carol' });
    await run('UPDATE_COMMENT', { comment_id, text: 'hello' });
    await run('DELETE_COMMENT', { comment_id });
    const { attachment_id } = await make('ADD_ATTACHMENT', { task_id, name: 'link', url: 'https://example.org/' });
    await run('REMOVE_ATTACHMENT', { attachment_id });
    await run('DELETE_LABEL', { label_id });
    await run('DELETE_CUSTOM_FIELD', { field_id });
    await run('DELETE_TASK', { task_id: other });

    assert.equal((await alice.ask('UPDATE_TASK', { task_id, version: 1, updates: { title: 'late' } })).type, 'CONFLICT_ERROR');
    assert.equal((await alice.ask('UPDATE_TASK', { task_id, updates: {} })).type, 'ERROR');
    bob.send('CURSOR_MOVE', { board_id, x: 1, y: 2 });
    await alice.expect('CURSOR_UPDATE');
    alice.send('GET_EVENTS', { board_id, after_version: 0 });
    await alice.expect('BOARD_EVENTS');
    await bob.command('LEAVE_BOARD', { board_id });
    await alice.expect('USER_LEFT');

    const { result: exported } = await run('EXPORT_BOARD', { board_id, format: 'json' });
    const { board_id: imported } = await run('IMPORT_BOARD', { workspace_id, format: 'collab', document: exported });
    alice.send('GET_EVENTS', { board_id: imported, after_version: 0 });
    await alice.expect('BOARD_EVENTS', (page) => page.board_id === imported);
    await run('DUPLICATE_BOARD', { board_id, name: 'Again', with_tasks: true });
    await run('ARCHIVE_BOARD', { board_id });
    await run('RESTORE_BOARD', { board_id });
    await run('DELETE_BOARD', { board_id });
    await run('REMOVE_MEMBER', { workspace_id, user_id: carol });
    await run('TRANSFER_WORKSPACE', { workspace_id, user_id: world.users.bob });
    await bob.command('DELETE_WORKSPACE', { workspace_id });
    await watcher.closed;
  }
});
