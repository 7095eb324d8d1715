// Every route of the REST door, once with success; each answer is held against the OpenAPI document.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { read, startWorld } from './harness.mjs';
import { apiOf, document } from './rest-support.mjs';

let world, alice, bob;
before(async () => {
  world = await startWorld(import.meta.url);
  const api = apiOf(world);
  alice = api.as('alice');
  bob = api.as('bob');
});
after(() => world.stop());

const board = () => `/api/boards/${world.board.id}`;
const workspace = () => `/api/workspaces/${world.workspace}`;

describe('you', () => {
  test('who you are, your tasks', async () => {
    const me = await bob.does('GET', '/api/me');
    assert.deepEqual([me.user_id, me.username, me.handle, me.avatar], [world.users.bob, 'Bob', 'bob', null]);
    const task = await world.makeTask('mine');
    await alice.does('PATCH', `/api/tasks/${task}/assign`, { user_id: world.users.bob });
    assert.deepEqual((await bob.does('GET', '/api/me/tasks')).tasks.map(({ id, title }) => [id, title]), [[task, 'mine']]);
    const { entries } = await bob.does('GET', `/api/users/${world.users.alice}/activity?limit=1`);
    assert.match(entries[0].sentence, /Alice .*Bob.*mine|Alice assigned/);
  });
});

describe('workspaces', () => {
  test('made, listed, changed, deleted', async () => {
    const made = await alice.post('/api/workspaces', { name: 'Press', description: 'd' });
    assert.equal(made.status, 201);
    const path = made.headers.get('location');
    assert.equal(path, `/api/workspaces/${made.body.result.workspace_id}`);
    assert.equal((await alice.does('GET', path)).workspace.name, 'Press');
    assert.ok((await alice.does('GET', '/api/workspaces')).workspaces.some(({ name }) => name === 'Press'));
    const changed = await alice.does('PUT', path, { name: 'Print' });
    assert.deepEqual([changed.changed, changed.events[0].type], [true, 'WORKSPACE_UPDATED']);
    await alice.does('DELETE', path);
    await alice.refused(404, 'not_found', 'GET', path);
  });

  test('members', async () => {
    const { members } = await bob.does('GET', `${workspace()}/members`);
    assert.deepEqual(members.map(({ username, role }) => [username, role]), [['Alice', 'owner'], ['Bob', 'member'], ['Carol', 'viewer'], ['Dora', 'admin']]);
    const added = await alice.post(`${workspace()}/members`, { user_id: world.users.mallory, role: 'viewer' });
    assert.deepEqual([added.status, added.headers.get('location')], [201, `${workspace()}/members/${world.users.mallory}`]);
    await alice.does('PATCH', added.headers.get('location'), { role: 'member' });
    assert.equal((await bob.does('GET', `${workspace()}/members`)).members.find(({ username }) => username === 'Mallory').role, 'member');
    await alice.does('DELETE', added.headers.get('location'));
    assert.equal((await alice.delete(added.headers.get('location'))).status, 404);
  });

  test('invites', async () => {
    const made = await alice.post(`${workspace()}/invites`, { role: 'viewer', max_uses: 1 });
    assert.equal(made.status, 201);
    const { token, invite_id } = made.body.result;
    assert.equal(made.headers.get('location'), `${workspace()}/invites/${invite_id}`);
    assert.equal((await apiOf(world).as('mallory').does('POST', '/api/workspaces/join', { token })).workspace_id, world.workspace);
    await alice.does('DELETE', `${workspace()}/members/${world.users.mallory}`);
    assert.equal((await apiOf(world).as('mallory').refused(410, 'invite_used_up', 'POST', '/api/workspaces/join', { token })).status, 410);
    const invites = await alice.does('GET', `${workspace()}/invites`);
    assert.ok(!JSON.stringify(invites).includes(token));
    await alice.does('DELETE', made.headers.get('location'));
  });

  test('boards, search', async () => {
    const made = await bob.post(`${workspace()}/boards`, { name: 'Autumn' });
    assert.deepEqual([made.status, made.headers.get('location')], [201, `/api/boards/${made.body.board_id}`]);
    assert.equal(made.headers.get('etag'), `"${made.body.version}"`);
    assert.ok((await bob.does('GET', `${workspace()}/boards`)).boards.some(({ name }) => name === 'Autumn'));
    await bob.does('POST', `/api/boards/${made.body.board_id}/tasks`, { title: 'xylophone' });
    assert.deepEqual((await bob.does('GET', `${workspace()}/search?query=xylo`)).results.map(({ title }) => title), ['xylophone']);
  });
});

describe('boards', () => {
  test('read, changed, deleted', async () => {
    const { id } = await world.makeBoard('Short');
    assert.equal((await bob.does('GET', `/api/boards/${id}`)).board.name, 'Short');
    assert.equal((await alice.does('PUT', `/api/boards/${id}`, { name: 'Shorter' })).changed, true);
    await alice.does('DELETE', `/api/boards/${id}`);
    await alice.refused(404, 'not_found', 'GET', `/api/boards/${id}`);
  });

  test('detail, archive, the past', async () => {
    const own = await world.makeBoard('Past');
    const task = await world.makeTask('old name', { board: own });
    const { version } = await bob.does('GET', `/api/boards/${own.id}`);
    await bob.does('PATCH', `/api/tasks/${task}`, { title: 'new name' });
    const titles = (answer) => answer.board.lists.flatMap(({ tasks }) => tasks.map(({ title }) => title));
    assert.deepEqual(titles(await bob.does('GET', `/api/boards/${own.id}/state?version=${version}`)), ['old name']);
    assert.deepEqual(titles(await bob.does('GET', `/api/boards/${own.id}/state?at=${encodeURIComponent(new Date(Date.now() + 1000).toISOString())}`)), ['new name']);
    assert.equal((await bob.does('GET', `/api/boards/${own.id}?detail=cards`)).board.lists[0].tasks[0].description, undefined);
    const other = await world.makeTask('put away', { board: own, list: 'Done' });
    await bob.does('POST', '/api/commands', { type: 'ARCHIVE_TASK', payload: { task_id: other } });
    await bob.does('POST', `/api/lists/${own.lists['To do']}/archive`);
    const archived = await bob.does('GET', `/api/boards/${own.id}/archived`);
    assert.deepEqual([archived.lists[0].name, archived.tasks[0].title], ['To do', 'put away']);
    assert.deepEqual(titles(await bob.does('GET', `/api/boards/${own.id}?archived=true`)), ['new name', 'put away']);
  });

  test('events, activity, analytics, search', async () => {
    const task = await world.makeTask('findable');
    const events = await bob.does('GET', `${board()}/events?after=0&limit=2`);
    assert.deepEqual([events.from_version, events.to_version, events.has_more, events.events.length], [0, 2, true, 2]);
    assert.match((await bob.does('GET', `${board()}/activity?limit=1`)).entries[0].sentence, /findable/);
    for (const report of ['throughput', 'flow_times', 'cumulative_flow', 'burndown', 'workload'])
      assert.equal((await bob.does('GET', `${board()}/analytics/${report}`)).report, report);
    assert.ok(Array.isArray((await bob.does('GET', `${board()}/analytics/throughput?bucket=week&from=2026-01-01&to=2026-02-01`)).rows));
    const filters = encodeURIComponent(JSON.stringify({ completed: false }));
    assert.deepEqual((await bob.does('GET', `${board()}/search?query=findab&filters=${filters}`)).results.map(({ id }) => id), [task]);
  });

  test('labels', async () => {
    const made = await bob.post(`${board()}/labels`, { name: 'urgent', color: 'red' });
    assert.equal(made.status, 201);
    assert.deepEqual((await bob.does('GET', `${board()}/labels`)).labels.map(({ id, name }) => [id, name]), [[made.body.result.label_id, 'urgent']]);
  });
});

describe('lists', () => {
  test('made, read, changed, moved, archived, restored', async () => {
    const made = await bob.post(`${board()}/lists`, { name: 'Review', category: 'doing' });
    const path = made.headers.get('location');
    assert.deepEqual([made.status, path], [201, `/api/lists/${made.body.result.list_id}`]);
    assert.equal((await bob.does('GET', path)).list.name, 'Review');
    await bob.does('PATCH', path, { wip_limit: 3 });
    await bob.does('POST', `${path}/move`, { new_position: 0 });
    assert.deepEqual([(await bob.does('GET', path)).list].map(({ wip_limit, position }) => [wip_limit, position]), [[3, 0]]);
    await bob.does('POST', `${path}/archive`);
    assert.equal((await bob.does('POST', `${path}/archive`)).changed, false);
    await bob.does('POST', `${path}/restore`, {});
  });
});

describe('tasks', () => {
  test('made, read, changed, moved, assigned, deleted', async () => {
    const made = await bob.post(`${board()}/tasks`, { title: 'T', list_id: world.board.lists['To do'], priority: 'high' });
    const path = made.headers.get('location');
    assert.deepEqual([made.status, path, made.body.events[0].type], [201, `/api/tasks/${made.body.result.task_id}`, 'TASK_CREATED']);
    await bob.does('PATCH', path, { title: 'U', due_date: '2026-12-01', config: { a: 1 } });
    await bob.does('POST', `${path}/move`, { to_list_id: world.board.lists['In progress'], new_position: 0 });
    await bob.does('PATCH', `${path}/assign`, { user_id: world.users.carol });
    const { task } = await bob.does('GET', path);
    assert.deepEqual([task.title, task.status, task.assignees, task.config], ['U', 'doing', [world.users.carol], { a: 1 }]);
    await bob.does('DELETE', `${path}/assign/${world.users.carol}`);
    assert.match((await bob.does('GET', `${path}/activity`)).entries[0].sentence, /Carol/);
    await bob.does('DELETE', path);
    await bob.refused(404, 'not_found', 'GET', path);
  });

  test('comments', async () => {
    const task = await world.makeTask('talk');
    const made = await bob.post(`/api/tasks/${task}/comments`, { text: 'hello @alice' });
    const path = made.headers.get('location');
    assert.deepEqual([made.status, path], [201, `/api/comments/${made.body.result.comment_id}`]);
    await bob.does('PATCH', path, { text: 'hello again' });
    assert.deepEqual((await alice.does('GET', `/api/tasks/${task}/comments`)).comments.map(({ text, username }) => [text, username]), [['hello again', 'Bob']]);
    await alice.does('DELETE', path);
    assert.deepEqual((await alice.does('GET', `/api/tasks/${task}/comments`)).comments, []);
  });

  test('attachments, dependencies, checklists', async () => {
    const task = await world.makeTask('one');
    const other = await world.makeTask('two');
    const link = await bob.post(`/api/tasks/${task}/attachments`, { name: 'spec', url: 'https://example.org/' });
    assert.deepEqual([link.status, link.headers.get('location')], [201, `/api/attachments/${link.body.result.attachment_id}`]);
    await bob.does('DELETE', link.headers.get('location'));
    const blocked = await bob.post(`/api/tasks/${task}/dependencies`, { blocked_by: other });
    assert.deepEqual([blocked.status, blocked.headers.get('location')], [201, `/api/tasks/${task}/dependencies/${other}`]);
    assert.deepEqual((await bob.does('GET', `/api/tasks/${task}`)).blocked_by.map(({ id }) => id), [other]);
    await bob.refused(422, 'rule', 'POST', `/api/tasks/${other}/dependencies`, { blocked_by: task });
    await bob.does('DELETE', blocked.headers.get('location'));
    const list = await bob.post(`/api/tasks/${task}/checklists`, { name: 'Steps' });
    assert.deepEqual([list.status, list.headers.get('location')], [201, null]);
    assert.equal((await bob.does('GET', `/api/tasks/${task}`)).task.checklists[0].name, 'Steps');
  });
});

describe('notifications', () => {
  test('read, marked, preferences', async () => {
    const task = await world.makeTask('ping');
    await alice.does('POST', `/api/tasks/${task}/comments`, { text: '@dora look' });
    const dora = apiOf(world).as('dora');
    const { notifications, unread_count } = await dora.does('GET', '/api/notifications');
    const mention = notifications.find(({ type }) => type === 'mentioned');
    assert.equal(mention.task_id, task);
    const marked = await dora.does('POST', '/api/notifications/read', { ids: [mention.id] });
    assert.equal(marked.result.unread_count, unread_count - 1);
    assert.equal((await dora.does('GET', '/api/notifications/preferences')).preferences.mentioned, true);
    await dora.does('PUT', '/api/notifications/preferences', { mentioned: false });
    assert.equal((await dora.does('GET', '/api/notifications/preferences')).preferences.mentioned, false);
  });
});

describe('the table', () => {
  const routes = [...read('bridge/door/routes.def').matchAll(/^ROUTE\((\w+), "([^"]+)"/gm)].map(([, method, path]) => ({ method, path }));
  const withIds = (path) => path.replace('{user_id}', String(world.users.bob)).replace(/\{report\}/, 'burndown').replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');

  test('every route of the table is in the document, and the other way round', () => {
    const ofDocument = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual(ofDocument.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
    const page = read('docs/rest.md');
    for (const { method, path } of routes) assert.ok(page.includes(`| \`${method}\` | \`${path}\` |`), `${method} ${path} is in docs/rest.md`);
  });

  test('the bridge answers each: never "no such resource", never 405; HEAD as GET', async () => {
    for (const { method, path } of routes) {
      if (path.startsWith('/sse/')) continue;
      const answer = await alice.request(method, withIds(path), method === 'GET' || method === 'DELETE' ? {} : { body: {} });
      assert.notEqual(answer.status, 405, `${method} ${path}`);
      assert.notEqual(answer.body?.detail, 'no such resource', `${method} ${path}`);
      assert.ok(answer.status < 500, `${method} ${path}: ${answer.text}`);
      if (method !== 'GET') continue;
      const head = await alice.request('HEAD', withIds(path));
      assert.deepEqual([head.status, head.text], [answer.status, ''], `HEAD ${path}`);
    }
  });

  test('it serves the document', async () => {
    const answer = await apiOf(world).anyone.get('/openapi.json');
    assert.deepEqual(answer.body, document);
  });
});
