// harness.mjs: what every test file of the bridge stands on: a database of its own with the extension, users, a
// workspace with a board, and a real bridge in front of it on a free port.
//
//   const world = await startWorld(import.meta.url);        // before the tests
//   after(() => world.stop());                              // asserts that the bridge ended cleanly
//   const alice = await world.client('alice');              // connected, WELCOME read
//
// The cluster is the one PGHOST names (test/run.sh starts it once for all); without that variable, or with
// { ownServer: true }, it is one of this file's own. COLLAB_BRIDGE names the bridge's program. Nothing here sleeps:
// everything waits for a condition, with a deadline.
import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import pg from 'pg';
import WebSocket from 'ws';

export const DEADLINE = 10_000;
const TOP = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const CLUSTER = join(TOP, 'test/cluster.sh');
export const BRIDGE = resolve(process.env.COLLAB_BRIDGE
  ?? ['bridge/build-asan/collab-bridge', 'bridge/build/collab-bridge'].map((name) => join(TOP, name)).find(existsSync)
  ?? join(TOP, 'bridge/build/collab-bridge'));
const ISSUER = 'test';

// the read model's bigints are ids below 2^53
pg.types.setTypeParser(20, Number);

/** Resolves when `condition` gives something true, which it returns; asked again every few milliseconds. */
export async function until(condition, what, deadline = DEADLINE) {
  const end = Date.now() + deadline;
  for (;;) {
    const got = await condition();
    if (got) return got;
    if (Date.now() > end) throw new Error(`not within ${deadline} ms: ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}

// ---- a client ------------------------------------------------------------------------------------------------------

/** A WebSocket with an inbox. Messages stay in it, in their order, until a test takes them. */
export class Client {
  constructor(url, { protocols, headers } = {}) {
    this.inbox = [];
    this.everything = [];
    this.waiting = new Set();
    this.socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
    this.closed = new Promise((done) => this.socket.on('close', (code, reason) => done({ code, reason: String(reason) })));
    this.opened = new Promise((done, failed) => this.socket.on('open', done).on('error', failed));
    this.opened.catch(() => {});
    this.socket.on('message', (bytes) => {
      const message = JSON.parse(bytes);
      if ('data' in message) message.payload = message.data; // the workspace dialect's name for it
      this.inbox.push(message);
      this.everything.push(message);
      this.#offer();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#offer();
    });
  }

  #offer() {
    for (const waiter of [...this.waiting]) waiter();
  }

  /** The first message in the inbox of that type (or any, when null) for which `matches` holds; takes it out. */
  expect(type, matches = () => true, deadline = DEADLINE) {
    return new Promise((found, failed) => {
      const look = () => {
        const at = this.inbox.findIndex((message) => (type === null || message.type === type) && matches(message.payload, message));
        if (at >= 0) {
          end();
          found(this.inbox.splice(at, 1)[0].payload);
        } else if (this.isClosed) {
          end();
          failed(new Error(`closed while waiting for ${type}; in the inbox: ${this.#summary()}`));
        }
      };
      const timer = setTimeout(() => {
        end();
        failed(new Error(`no ${type} within ${deadline} ms; in the inbox: ${this.#summary()}`));
      }, deadline);
      const end = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** The next message, whatever it is. */
  next(deadline = DEADLINE) {
    return new Promise((found, failed) => {
      this.expect(null, (payload, message) => { this.#taken = message; return true; }, deadline).then(() => found(this.#taken), failed);
    });
  }
  #taken;

  #summary() {
    return JSON.stringify(this.inbox.map(({ type, payload }) => [type, payload?.version ?? payload?.code])).slice(0, 600);
  }

  sendText(text) { this.socket.send(text); }

  send(type, payload = {}, id = undefined) { this.sendText(JSON.stringify({ type, ...(id ? { id } : {}), payload })); }

  /** A message of the workspace dialect. */
  say(type, data = {}, envelope = {}) { this.sendText(JSON.stringify({ type, ...envelope, data })); }

  /** Sends a command and gives the ACK, CONFLICT_ERROR or ERROR that answers it, as { type, payload }. */
  async ask(type, payload, id = randomUUID()) {
    this.send(type, payload, id);
    let answer;
    await this.expect(null, (got, message) => {
      answer = message;
      return ['ACK', 'CONFLICT_ERROR', 'ERROR'].includes(message.type) && got.command_id === id;
    });
    return answer;
  }

  /** The payload of the ACK; anything else fails. */
  async command(type, payload, id) {
    const answer = await this.ask(type, payload, id);
    assert.equal(answer.type, 'ACK', `${type}: ${JSON.stringify(answer)}`);
    return answer.payload;
  }

  /** The payload of the ERROR; anything else fails. */
  async refused(type, payload, id) {
    const answer = await this.ask(type, payload, id);
    assert.equal(answer.type, 'ERROR', `${type}: ${JSON.stringify(answer)}`);
    return answer.payload;
  }

  async join(board_id, more = {}) {
    this.send('JOIN_BOARD', { board_id, ...more });
    return this.expect('BOARD_STATE', (payload) => payload.board.id === board_id);
  }

  /** Everything sent before this call has been answered or will not be. */
  async settled() {
    this.send('HEARTBEAT');
    await this.expect('HEARTBEAT_ACK');
  }

  /** Every board event in the order received, those inside ACK and BOARD_EVENTS at the place of these. */
  events(board_id) {
    return this.everything.flatMap(({ type, payload }) => {
      if (type === 'ACK') return payload.changed && !payload.replayed ? payload.events ?? [] : [];
      if (type === 'BOARD_EVENTS') return payload.events;
      return payload?.version && payload.timestamp && payload.event ? [{ type, payload }] : [];
    }).filter(({ payload }) => payload.board_id === board_id);
  }

  close() {
    this.socket.close();
    return this.closed;
  }

  cut() { this.socket.terminate(); }
}

// ---- a server ------------------------------------------------------------------------------------------------------

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.error ?? done.stderr}`);
  return done.stdout;
}

// whoever is told to end still runs what 'exit' has
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]]) process.once(signal, () => process.exit(128 + number));

/** A cluster of this process's own; gone with the process. */
function startServer({ durable = false } = {}) {
  const dir = join('/tmp', `collab-node-${process.pid}-${randomBytes(3).toString('hex')}`);
  const printed = run(CLUSTER, ['start', dir], { env: { ...process.env, COLLAB_TEST_DURABLE: durable ? '1' : '' } });
  const value = (name) => printed.match(new RegExp(`${name}=(\\S+)`))[1];
  process.on('exit', () => run(CLUSTER, ['stop', dir]));
  return { host: value('PGHOST'), port: 5432, user: 'postgres', dir };
}

/** A standby of a cluster of this process's own. */
export function startStandby(of) {
  const dir = join('/tmp', `collab-node-${process.pid}-${randomBytes(3).toString('hex')}`);
  const printed = run(CLUSTER, ['standby', dir, of.dir]);
  // before the primary's own handler: the standby uses its programs
  process.prependListener('exit', () => run(CLUSTER, ['stop', dir]));
  return { ...of, host: printed.match(/PGHOST=(\S+)/)[1], dir };
}

export const promoteServer = ({ dir }) => run(CLUSTER, ['promote', dir]);

// ---- a world -------------------------------------------------------------------------------------------------------

const ROLES = { alice: 'owner', bob: 'member', carol: 'viewer', dora: 'admin', mallory: null };

class World {
  users = {};
  log = [];
  peers = [];
  configFile = 'bridge.conf';
  clients = new Set();

  constructor(name, { ownServer = false, config = {}, environment = {} }) {
    this.database = `bridge_${name.replace(/\W/g, '_')}_${process.pid}`;
    this.ownServer = ownServer;
    this.config = config;
    this.environment = environment; // of the bridge
    this.dir = mkdtempSync(join(tmpdir(), 'collab-bridge-'));
    this.key = randomBytes(32).toString('hex');
    writeFileSync(join(this.dir, 'jwt.key'), this.key, { mode: 0o600 });
    process.on('exit', () => {
      for (const each of [...this.peers, this]) each.bridge?.kill('SIGKILL');
      rmSync(this.dir, { recursive: true, force: true });
    });
  }

  async start() {
    this.server = this.ownServer || !process.env.PGHOST
      ? startServer({ durable: this.ownServer })
      : { host: process.env.PGHOST, port: Number(process.env.PGPORT ?? 5432), user: process.env.PGUSER ?? 'postgres' };
    await this.#makeDatabase();
    await this.#fillDatabase();
    await this.startBridge();
  }

  async #makeDatabase() {
    const admin = new pg.Client({ ...this.server, database: 'postgres' });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${this.database}`);
    await admin.query(`DO $$ BEGIN CREATE ROLE collab_bridge LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    await admin.end();
    this.sql = await this.connect();
    await this.sql.query('CREATE EXTENSION collab');
    await this.sql.query(`SELECT collab.grant_access('collab_bridge', 'bridge')`);
  }

  async #fillDatabase() {
    for (const name of Object.keys(ROLES)) {
      const { rows: [user] } = await this.sql.query('SELECT * FROM collab.upsert_user($1, $2, $3)', [ISSUER, name, name[0].toUpperCase() + name.slice(1)]);
      this.users[name] = user.user_id;
    }
    await this.sql.query(`SELECT set_config('collab.user_id', $1, false)`, [String(this.users.alice)]);
    this.workspace = (await this.one(`SELECT collab.create_workspace('Team') AS ack`)).ack.result.workspace_id;
    for (const [name, role] of Object.entries(ROLES)) {
      if (role && role !== 'owner') await this.sql.query('SELECT collab.add_member($1, $2, $3)', [this.workspace, this.users[name], role]);
    }
    this.board = await this.makeBoard();
  }

  /** One row of a query by the database's owner, who acts as alice. */
  async one(text, values) { return (await this.sql.query(text, values)).rows[0]; }

  async connect(options = {}) {
    const client = new pg.Client({ ...this.server, database: this.database, ...options });
    client.on('error', () => {}); // a server that is stopped on purpose
    await client.connect();
    return client;
  }

  /** A new board; its lists by name: { id, lists: { 'To do': id, … } }. */
  async makeBoard(name = 'Board') {
    const id = (await this.one('SELECT collab.create_board($1, $2) AS ack', [this.workspace, name])).ack.result.board_id;
    const { rows } = await this.sql.query('SELECT id, name FROM collab.lists WHERE board_id = $1', [id]);
    return { id, lists: Object.fromEntries(rows.map((row) => [row.name, row.id])) };
  }

  /** A task made through SQL; its id. */
  async makeTask(title, { board = this.board, list = 'To do' } = {}) {
    return (await this.one('SELECT collab.create_task($1, $2, $3) AS ack', [board.id, board.lists[list], title])).ack.result.task_id;
  }

  /** How many events there are at all, for "nothing was written". */
  async eventCount() { return (await this.one('SELECT count(*)::int AS n FROM collab.events')).n; }

  async boardEvents(board_id = this.board.id) {
    return (await this.sql.query('SELECT * FROM collab.events WHERE aggregate_id = $1 ORDER BY version', [board_id])).rows;
  }

  // -- the bridge --

  /** The bridge's file, with `more` on top of what every test needs; its path. */
  writeConfig(more = {}) {
    const file = join(this.dir, this.configFile);
    const settings = {
      listen: `127.0.0.1:${this.port ?? 0}`,
      database: `host=${this.server.host} port=${this.server.port} dbname=${this.database} user=collab_bridge`,
      jwt_key_file: join(this.dir, 'jwt.key'), jwt_issuer: ISSUER, log_format: 'json', log_level: 'debug',
      command_rate: 0, request_rate: 0, user_connection_rate: 0, address_connection_rate: 0, // a test of the rates sets its own
      ...this.config, ...more,
    };
    writeFileSync(file, Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join(''));
    return file;
  }

  async startBridge(more = {}) {
    this.isKilled = false;
    const file = this.writeConfig(more);
    const child = spawn(BRIDGE, ['--config', file], { stdio: ['ignore', 'pipe', 'pipe'], env: {
      PATH: process.env.PATH, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
      ...(process.env.GCOV_PREFIX ? { GCOV_PREFIX: process.env.GCOV_PREFIX } : {}), ...this.environment } });
    this.bridge = child;
    this.bridgeEnded = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => this.log.push(line));
    let ended = null;
    this.bridgeEnded.then((how) => { ended = how; });
    const before = this.log.length;
    const line = await until(() => {
      if (ended) throw new Error(`the bridge ended (${JSON.stringify(ended)}):\n${this.log.slice(-20).join('\n')}`);
      return this.log.slice(before).find((text) => text.includes('listening') && text.includes('127.0.0.1:'));
    }, 'the bridge listens');
    this.port = Number(line.match(/127\.0\.0\.1:(\d+)/)[1]);
    const secure = this.config.tls_certificate_file || more.tls_certificate_file ? 's' : '';
    this.http = `http${secure}://127.0.0.1:${this.port}`;
    this.ws = `ws${secure}://127.0.0.1:${this.port}`;
    await until(async () => (await fetch(`${this.http}/readyz`)).status === 200, 'the bridge is ready');
  }

  /** Another bridge on the same database: the same world with a port, a log and a process of its own. */
  async startPeer(more = {}) {
    const peer = Object.create(this, Object.fromEntries(Object.entries({
      port: undefined, log: [], configFile: `bridge-${this.peers.length + 2}.conf`,
    }).map(([name, value]) => [name, { value, writable: true }])));
    this.peers.push(peer);
    await peer.startBridge(more);
    return peer;
  }

  /** SIGTERM; resolves to { code, signal } when it is gone. */
  async stopBridge(signal = 'SIGTERM') {
    this.isKilled = signal === 'SIGKILL';
    this.bridge.kill(signal);
    return this.bridgeEnded;
  }

  /** As if it had crashed, and come back on the same port. */
  async restartBridge() {
    await this.stopBridge('SIGKILL');
    await this.startBridge();
  }

  /** Ends every database connection of the bridge; how many there were. */
  async killBackends() {
    return (await this.one(`SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
      WHERE usename = 'collab_bridge' AND datname = current_database()`)).n;
  }

  haltServer(mode = 'fast', server = this.server) {
    assert.ok(this.ownServer, 'a shared server is not stopped');
    run(CLUSTER, ['halt', server.dir, mode]);
  }

  async resumeServer(server = this.server) {
    run(CLUSTER, ['resume', server.dir]);
    if (server === this.server) await this.reconnect();
  }

  /** A new connection of the owner, after the server was away or is another. */
  async reconnect() {
    this.sql = await this.connect();
    await this.sql.query(`SELECT set_config('collab.user_id', $1, false)`, [String(this.users.alice)]);
  }

  async restartServer(mode) {
    this.haltServer(mode);
    await this.resumeServer();
  }

  // -- tokens --

  token(user, { ttl = 300, key = join(this.dir, 'jwt.key'), issuer = ISSUER } = {}) {
    return run(BRIDGE, ['token', '--key-file', key, '--issuer', issuer, '--subject', user, '--name', user[0].toUpperCase() + user.slice(1),
      '--ttl', String(ttl)]).trim();
  }

  /** The same one for a while: minting starts a program. */
  freshToken(user) {
    this.tokens ??= {};
    if (!(Date.now() - this.tokens[user]?.at < 60_000)) this.tokens[user] = { token: this.token(user), at: Date.now() };
    return this.tokens[user].token;
  }

  /** A token with anything in it; signed with this key unless `signature` is given. */
  forge({ header = { alg: 'HS256', typ: 'JWT' }, claims = {}, key = this.key, signature } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode(header)}.${encode({ iss: ISSUER, sub: 'alice', name: 'Alice', iat: now, exp: now + 300, ...claims })}`;
    return `${signed}.${signature ?? createHmac('sha256', key).update(signed).digest('base64url')}`;
  }

  // -- clients --

  connectTo(path, options) {
    const client = new Client(`${this.ws}${path}`, options);
    this.clients.add(client);
    return client;
  }

  /** A connection of that user, its WELCOME read into `welcome`. */
  async client(user, { path = '/ws', query = '' } = {}) {
    const client = this.connectTo(`${path}?token=${this.freshToken(user)}${query}`);
    client.user_id = this.users[user];
    client.welcome = await client.expect('WELCOME');
    return client;
  }

  /** A connection of that user that has joined the board, its state in `state`. */
  async joined(user, board = this.board, more = {}) {
    const client = await this.client(user);
    client.state = await client.join(board.id, more);
    return client;
  }

  closeClients() {
    for (const client of this.clients) client.cut();
    this.clients.clear();
  }

  // -- the end --

  /** Ends everything. A bridge that leaks, crashes or does not stop fails the file. */
  async stop() {
    this.closeClients();
    const ended = [];
    for (const each of [...this.peers.filter(({ isKilled }) => !isKilled), this]) ended.push(await each.stopBridge());
    await this.sql.end().catch(() => {});
    if (!this.ownServer && process.env.PGHOST) {
      const admin = new pg.Client({ ...this.server, database: 'postgres' });
      await admin.connect();
      await admin.query(`DROP DATABASE ${this.database} WITH (FORCE)`);
      await admin.end();
    }
    rmSync(this.dir, { recursive: true });
    for (const { log } of [...this.peers, this]) {
      const complaints = log.filter((line) => /Sanitizer|runtime error:|assertion/i.test(line));
      assert.deepEqual(complaints, [], log.slice(-60).join('\n'));
    }
    for (const how of ended) assert.deepEqual(how, { code: 0, signal: null }, this.log.slice(-20).join('\n'));
  }
}

/** Makes and starts everything a test file needs. Options: ownServer, config (settings of the bridge). */
export async function startWorld(url, options = {}) {
  const world = new World(basename(fileURLToPath(url), '.test.mjs'), options);
  await world.start();
  return world;
}

// ---- what several files assert -------------------------------------------------------------------------------------

/** The versions are after + 1, after + 2, …: no gap, nothing twice. */
export function assertConsecutive(events, after) {
  assert.deepEqual(events.map(({ payload }) => payload.version), events.map((_, i) => after + 1 + i));
}

export const read = (name) => readFileSync(join(TOP, name), 'utf8');
