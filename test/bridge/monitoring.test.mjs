// What is watched: the page of metrics, the dashboard, the alert rules and the queries of the database's own numbers.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startWorld } from './harness.mjs';

const top = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const read = (path) => readFileSync(join(top, path), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'collab-monitoring-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

let world;
before(async () => { world = await startWorld(import.meta.url); });
after(() => world.stop());

const page = async () => (await fetch(`${world.http}/metrics`)).text();
const number = (text, series) => Number(text.split('\n').find((line) => line.startsWith(`${series} `))?.split(' ').at(-1) ?? NaN);

function promtool(args, input) {
  const done = spawnSync('promtool', args, { encoding: 'utf8', input });
  assert.equal(done.error, undefined, 'promtool is there');
  assert.equal(done.status, 0, done.stdout + done.stderr);
  return done.stdout + done.stderr;
}

/** Names of metrics in PromQL or a page, without what histograms add. */
const names = (text) => new Set([...text.matchAll(/\bcollab_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, '')));

/** What can exist: the families of the page and the columns of the queries. */
async function known() {
  const families = [...(await page()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const queries = read('bridge/dist/postgres-queries.yml');
  let group;
  for (const line of queries.split('\n')) {
    group = line.match(/^(collab_\w+):/)?.[1] ?? group;
    const column = line.match(/^ {4}- (\w+): \{ usage: (GAUGE|COUNTER)/)?.[1];
    if (column) families.push(`${group}_${column}`);
  }
  return new Set(families);
}

test('the page is as Prometheus wants it', async () => {
  const alice = await world.joined('alice');
  await alice.command('CREATE_TASK', { board_id: world.board.id, list_id: world.board.lists['To do'], title: 'x' });
  await alice.refused('DELETE_BOARD', { board_id: '00000000-0000-4000-8000-000000000000' });
  assert.equal(promtool(['check', 'metrics'], await page()), '');
});

test('commands are counted by type and result, the database and the process are measured', async () => {
  const text = await page();
  assert.equal(number(text, 'collab_bridge_command_results_total{type="CREATE_TASK",result="ack"}'), 1);
  assert.equal(number(text, 'collab_bridge_command_results_total{type="DELETE_BOARD",result="refused"}'), 1);
  assert.ok(number(text, 'collab_bridge_database_seconds_count') >= 3);
  assert.ok(number(text, 'collab_bridge_resident_memory_bytes') > 1e6);
  assert.ok(number(text, 'collab_bridge_open_files') > 5);
  assert.equal(number(text, 'collab_bridge_room_lag_versions'), 0);
  assert.equal(number(text, 'collab_bridge_listener_up'), 1);
  // whatever a client calls its command, no label comes of it
  const alice = await world.client('alice');
  alice.send('NO_SUCH_COMMAND', {});
  await alice.expect('ERROR');
  assert.ok(!(await page()).includes('NO_SUCH_COMMAND'));
});

test('the dashboard is JSON, and every metric in it exists', async () => {
  const dashboard = JSON.parse(read('bridge/dist/grafana-dashboard.json'));
  const there = await known();
  const used = names(dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n'));
  assert.deepEqual([...used].filter((name) => !there.has(name)), []);
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  for (const { title, targets } of dashboard.panels) assert.ok(title && targets.length > 0);
});

test('the alert rules are sound, every metric in them exists, and they fire when they should and only then', async () => {
  const rules = join(top, 'bridge/dist/alerts.yml');
  promtool(['check', 'rules', rules]);
  const there = await known();
  const expressions = read('bridge/dist/alerts.yml').replace(/^ *(summary|description):.*$|#.*$/gm, '');
  assert.deepEqual([...names(expressions)].filter((name) => !there.has(name)), []);
  const tests = join(dir, 'alerts.test.yml');
  writeFileSync(tests, read('test/fixtures/alerts.test.yml').replace('[ALERTS]', `["${rules}"]`));
  promtool(['test', 'rules', tests]);
});

test('an administrator who may monitor can ask the queries', async () => {
  const queries = [...read('bridge/dist/postgres-queries.yml').matchAll(/query: >-\n((?: {4}.*\n)+)/g)].map(([, text]) => text);
  assert.equal(queries.length, 3);
  await world.sql.query(`DO $$ BEGIN CREATE ROLE collab_exporter LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    GRANT pg_monitor TO collab_exporter; SELECT collab.grant_access('collab_exporter', 'admin')`);
  const exporter = await world.connect({ user: 'collab_exporter' });
  for (const query of queries) await exporter.query(query);
  const { rows: [notify] } = await exporter.query(queries[1]);
  assert.equal(notify.worker_wanted, 0);
  await exporter.end();
});
