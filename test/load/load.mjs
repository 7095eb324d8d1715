#!/usr/bin/env node
// load.mjs: `make load` and `make storm`. Makes a durable server with people, boards and tasks, the release bridge in front of it, and lets
// the load generator (load_client.c) at it, which prints what it measured.
//
//   CLIENTS=100 BOARDS=1 TASKS=200 RATE=50 (commands a second in all) CURSORS=100 (likewise) SECONDS=20
//   STORM=1: CLIENTS all join at once; then TASKS=5000 and CLIENTS=1000 unless said otherwise
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.COLLAB_BRIDGE ??= fileURLToPath(new URL('../../bridge/build/collab-bridge', import.meta.url));
const { startWorld } = await import('../bridge/harness.mjs');

/** Nothing is limited: that is another test's. */
export const NO_LIMITS = { command_rate: 0, request_rate: 0, user_connection_rate: 0, address_connection_rate: 0, message_rate: 0, cursor_rate: 0,
  max_user_connections: 10_000, log_level: 'info' };

/** `size`: { clients, boards, tasks }. People, one a client up to 100; their tokens and the tasks, in files for the generator. */
export async function stage(world, dir, { clients, boards, tasks }) {
  await world.sql.query('SET collab.member_limit = 1000');
  const names = Array.from({ length: Math.min(clients, 100) }, (_, n) => `loader${n + 1}`);
  for (const name of names) {
    const { user_id } = await world.one('SELECT user_id FROM collab.upsert_user($1, $2, $3)', ['test', name, name]);
    await world.sql.query('SELECT collab.add_member($1, $2, $3)', [world.workspace, user_id, 'member']);
  }
  const lines = [];
  for (let n = 0; n < boards; n++) {
    const board = await world.makeBoard(`Load ${n + 1}`);
    const { rows } = await world.sql.query(`SELECT collab.create_task($1, $2, 'A task of the usual length, number ' || n)->'result'->>'task_id' AS id
      FROM generate_series(1, $3::int) AS n`, [board.id, board.lists['To do'], tasks]);
    lines.push(...rows.map(({ id }) => `${board.id} ${id}`));
  }
  await world.sql.query('VACUUM ANALYZE');
  const now = Math.floor(Date.now() / 1000);
  const files = { tokens: join(dir, 'tokens'), tasks: join(dir, 'tasks') };
  writeFileSync(files.tokens, names.map((name) => world.forge({ claims: { sub: name, name, iat: now, exp: now + 3600 } })).join('\n'));
  writeFileSync(files.tasks, lines.join('\n'));
  return files;
}

/** Runs the generator; what it printed, and its status. */
export function generate(world, files, options) {
  const program = fileURLToPath(new URL('build/load_client', import.meta.url));
  const child = spawn(program, [`127.0.0.1:${world.port}`, files.tokens, files.tasks, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done) => {
    let output = '';
    child.stdout.on('data', (bytes) => { output += bytes; });
    child.on('close', (status) => done({ status, output }));
  });
}

export async function load({ clients, boards, tasks, rate, cursors, seconds, isStorm, ownServer = true }) {
  execFileSync('make', ['-s', '-C', fileURLToPath(new URL('.', import.meta.url))]);
  const dir = mkdtempSync(join(tmpdir(), 'collab-load-'));
  const world = await startWorld(import.meta.url, { ownServer, config: NO_LIMITS });
  const cpu = () => readFileSync(`/proc/${world.bridge.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((sum, ticks) => sum + ticks / 100, 0);
  try {
    const files = await stage(world, dir, { clients, boards, tasks });
    const before = [cpu(), Date.now()];
    const { status, output } = await generate(world, files, [`--clients=${clients}`, ...(isStorm ? ['--storm']
      : [`--rate=${rate}`, `--cursors=${cursors}`, `--seconds=${seconds}`])]);
    const used = cpu() - before[0];
    const took = (Date.now() - before[1]) / 1000;
    const peak = readFileSync(`/proc/${world.bridge.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1] / 1024;
    return { status, output: `${output}bridge: ${used.toFixed(1)} s of processor time in ${took.toFixed(1)} s, at most ${peak.toFixed(0)} MB\n` };
  } finally {
    rmSync(dir, { recursive: true });
    await world.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isStorm = process.env.STORM === '1';
  const number = (name, otherwise) => Number(process.env[name] || otherwise);
  const { status, output } = await load({ isStorm, clients: number('CLIENTS', isStorm ? 1000 : 100), boards: number('BOARDS', 1),
    tasks: number('TASKS', isStorm ? 5000 : 200), rate: number('RATE', 50), cursors: number('CURSORS', 100), seconds: number('SECONDS', 20) });
  console.log(output);
  process.exit(status);
}
