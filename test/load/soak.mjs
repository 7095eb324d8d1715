#!/usr/bin/env node
// soak.mjs: `make soak`. The release bridge for an hour on a durable server of its own: 50 connections held in a
// workspace (half of them in each dialect), 450 that come and go after 5 to 60 s over many boards, 1,000 messages a minute besides
// the joins. Ends with a table of what was measured and must hold, a file with all of it, and status 1 when something did not.
//
//   SOAK_MINUTES=60    SOAK_HELD=50    SOAK_VISITORS=450    SOAK_RATE=1000 (a minute)    SOAK_RESULT=/tmp/…json
//
// soak.test.mjs runs it for less than a minute. Which bridge: COLLAB_BRIDGE, or the release build.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { LoadClient } from './client.mjs';
import { Stage } from './soak_stage.mjs';

process.env.COLLAB_BRIDGE ??= fileURLToPath(new URL('../../bridge/build/collab-bridge', import.meta.url));
const { startWorld, until } = await import('../bridge/harness.mjs');

const MB = 1024 * 1024;
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const any = (list) => list[Math.floor(Math.random() * list.length)];
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;

/** Above these a client would be refused: far from what one of these does, and still counted. */
const RATES = { command_rate: 6000, command_burst: 1000, request_rate: 6000, user_connection_rate: 6000, user_connection_burst: 1000,
  address_connection_rate: 60000, address_connection_burst: 5000 };

class Soak {
  constructor(options) {
    Object.assign(this, options);
    this.stage = new Stage({ people: this.held + 150, workspaces: [12, 6, 6], tasks: 40 });
    this.acknowledged = [];
    this.times = {}; // round trips in ms, by what was sent
    this.delivery = []; // from sending a command to its event at another connection, ms
    this.sentAt = new Map();
    this.counts = { command: 0, cursor: 0, read: 0, heartbeat: 0, auth: 0, visits: 0, cut: 0, resumed: 0 };
    this.refusals = {};
    this.closes = []; // of held connections, by the server
    this.strays = []; // of visitors
    this.problems = [];
    this.samples = [];
    this.seconds = { live: 0, all: 0 };
    this.visiting = new Set();
    this.holding = [];
  }

  async run(url) {
    this.world = await startWorld(url, { ownServer: this.ownServer, config: { ...RATES, log_level: 'info' } });
    if (this.ownServer) await this.#vacuumByItself();
    await this.stage.fill(this.world);
    await this.#hold();
    this.filesBefore = this.#descriptors();
    this.visits = Array.from({ length: this.visitors }, (_, n) => this.#visitor(n * this.rampMs / this.visitors));
    await pause(this.rampMs);
    await this.#play();
    await this.#settle();
    const result = await this.#judge();
    await this.world.stop();
    return result;
  }

  /** The tests' servers do without, an hour does not. */
  async #vacuumByItself() {
    await this.world.sql.query('ALTER SYSTEM SET autovacuum = on');
    await this.world.sql.query('SELECT pg_reload_conf()');
  }

  // -- tokens --

  /** Short-lived, as an application's would be: those who are held need new ones, a visitor's lasts for the visit. */
  #token(person, seconds = this.tokenSeconds) {
    const now = Math.floor(Date.now() / 1000);
    return this.world.forge({ claims: { sub: person.name, name: person.name, iat: now, exp: now + seconds } });
  }

  // -- the connections that are held --

  #watch(extra = {}) {
    return {
      roundTrip: (type, ms) => (this.times[type] ??= []).push(ms),
      asked: (id) => this.sentAt.set(id, performance.now()),
      answer: (type, id, answer, payload) => {
        if (answer !== 'ACK') this.#refused(`${type}: ${payload.code ?? answer}: ${payload.message}`);
        else if (payload.events?.length > 0 && payload.changed && !payload.replayed) this.acknowledged.push(id);
      },
      ...extra,
    };
  }

  #refused(how) { this.refusals[how] = (this.refusals[how] ?? 0) + 1; }

  async #hold() {
    const people = this.stage.people.slice(0, this.held);
    const opening = people.map((person, n) => this.#holdOne(person, n));
    this.holding = await Promise.all(opening);
    this.refreshing = this.holding.map((_, n) => setInterval(() => {
      const client = this.holding[n];
      this.counts.auth++;
      client.ask('AUTH', { token: this.#token(people[n]) });
    }, this.tokenSeconds * 500));
    this.beating = this.#beat();
  }

  /** One interval for all, so that they come one after the other. */
  #beat() {
    let turn = 0;
    return setInterval(() => {
      this.counts.heartbeat++;
      this.holding[turn++ % this.held].heartbeat();
    }, this.heartbeatMs / this.held);
  }

  async #holdOne(person, n) {
    const { id } = this.stage.workspaces[0];
    const workspaceDialect = n % 2 === 0;
    const client = new LoadClient(`${this.world.ws}${workspaceDialect ? `/ws/workspace/${id}` : '/ws'}`,
      { token: this.#token(person), workspaceDialect, name: person.name }, this.#watch({
        event: n >= 5 ? undefined : ({ command_id }) => {
          const at = this.sentAt.get(command_id);
          if (at) this.delivery.push(performance.now() - at);
        },
        closed: (gone, code, trouble) => {
          if (this.isOver) return;
          this.closes.push(`${person.name}: ${code} ${trouble ?? ''} ${new Date().toISOString()}`);
          this.problems.push(...gone.problems);
          this.#holdOne(person, n).then((again) => { this.holding[n] = again; });
        },
      }));
    const state = client.next('WORKSPACE_STATE');
    if (!workspaceDialect) {
      await client.next('WELCOME');
      client.send('JOIN_WORKSPACE', { workspace_id: id });
    }
    await state;
    return client;
  }

  /** Alive: open, and no heartbeat has been waiting for its answer for 5 s. */
  #countSecond() {
    for (const client of this.holding) {
      this.seconds.all++;
      if (client.isOpen && !(performance.now() - client.heartbeats[0] > 5000)) this.seconds.live++;
    }
  }

  // -- those that come and go --

  async #visitor(wait) {
    await pause(wait);
    while (!this.isEnding) await this.#visit();
  }

  async #visit() {
    const person = any(this.stage.people.slice(this.held));
    const board = any(this.stage.boards);
    const onPath = Math.random() < 0.3;
    const client = new LoadClient(`${this.world.ws}${onPath ? `/ws/board/${board.id}` : '/ws'}`,
      { token: this.#token(person, 300), deflate: Math.random() < 0.3, name: person.name }, this.#watch({
        closed: (_, code, trouble) => { if (!this.isOver) this.strays.push(`${code} ${trouble ?? ''}`); } }));
    const joined = client.next('BOARD_STATE', 'BOARD_EVENTS');
    if (!onPath && await client.next('WELCOME')) client.send('JOIN_BOARD', { board_id: board.id, ...this.#since(board) });
    if (await joined) {
      this.counts.visits++;
      client.board = board;
      this.visiting.add(client);
      await this.#stay(5000 + Math.random() * (this.longestVisitMs - 5000));
      this.visiting.delete(client);
    }
    this.problems.push(...client.problems);
    if (client.heads.get(board.id)) board.seen = { since_version: client.heads.get(board.id), since_event: client.marks.get(board.id) };
    const abruptly = Math.random() < 0.2;
    this.counts.cut += abruptly;
    if (!client.isClosed) await client.leave(abruptly);
  }

  /** Every third comes back with what another visitor had. */
  #since(board) {
    if (!board.seen || Math.random() > 0.3) return {};
    this.counts.resumed++;
    return board.seen;
  }

  async #stay(ms) {
    const end = Date.now() + ms;
    while (Date.now() < end && !this.isEnding) await pause(Math.min(1000, Math.max(1, end - Date.now())));
  }

  // -- the time --

  async #play() {
    const started = Date.now();
    const before = this.#messages();
    this.lag = monitorEventLoopDelay({ resolution: 20 });
    this.lag.enable();
    const end = started + this.minutes * 60_000;
    const rate = Math.max(0, this.rate - this.held * 60_000 / this.heartbeatMs); // the heartbeats count
    let sent = 0;
    let second = started;
    let sample = started;
    let minute = started;
    let sampling = Promise.resolve();
    while (Date.now() < end) {
      this.playedSeconds = (Date.now() - started) / 1000;
      for (const due = (Date.now() - started) * rate / 60_000; sent < due; sent++) this.#act();
      if (Date.now() >= second) { this.#countSecond(); second += 1000; }
      if (Date.now() >= sample) { sampling = sampling.then(() => this.#sample()); sample += this.sampleMs; }
      if (Date.now() >= minute) { this.#progress(Date.now() - started); minute += 60_000; }
      await pause(20);
    }
    await sampling;
    this.perMinute = (this.#messages() - before) * 60 / this.playedSeconds;
  }

  #messages() { return this.counts.command + this.counts.cursor + this.counts.read + this.counts.heartbeat; }

  #act() {
    const visitor = Math.random() < 0.7 && this.visiting.size > 0 ? any([...this.visiting]) : null;
    const client = visitor ?? any(this.holding);
    if (client.isOpen) this.counts[this.stage.act(client, visitor ? [visitor.board] : this.stage.workspaces[0].boards)]++;
  }

  #progress(ms) {
    const { cpu, rss, files, backends } = this.samples.at(-1) ?? {};
    if (this.sentAt.size > 100_000) this.sentAt.clear();
    this.report?.(`${Math.round(ms / 60_000)} min: ${this.visiting.size} visitors, ${this.counts.visits} visits, ${this.acknowledged.length} commands, `
      + `live ${this.seconds.live}/${this.seconds.all}, rss ${(rss / MB).toFixed(1)} MB, cpu ${cpu?.toFixed(1)} s, ${files} descriptors, ${backends} backends, `
      + `${this.closes.length} closed, ${this.problems.length} problems`);
  }

  async #sample() {
    const { pid } = this.world.bridge;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const { rows } = await this.world.sql.query(`SELECT pid FROM pg_stat_activity WHERE usename = 'collab_bridge' AND datname = current_database()`);
    this.samples.push({
      at: Date.now(),
      rss: Number(status.match(/VmRSS:\s+(\d+)/)[1]) * 1024,
      files: this.#descriptors(),
      cpu: (Number(stat[11]) + Number(stat[12])) / 100,
      backends: rows.length,
      backendMemory: rows.reduce((sum, row) => sum + this.#anonymous(row.pid), 0),
    });
  }

  #descriptors() { return readdirSync(`/proc/${this.world.bridge.pid}/fd`).length; }

  #anonymous(pid) {
    try { return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/RssAnon:\s+(\d+)/)[1]) * 1024; } catch { return 0; }
  }

  /** Visitors leave, everybody who is held gets to the end of every board. */
  async #settle() {
    this.isEnding = true;
    this.metrics = await (await fetch(`${this.world.http}/metrics`)).text();
    await Promise.all(this.visits);
    await until(() => this.holding.every((client) => client.unanswered === 0), 'everything is answered', 120_000).catch((error) => this.problems.push(error.message));
    await until(() => this.#descriptors() <= this.filesBefore, 'the descriptors of the visitors are closed').catch(() => {});
    this.filesAfter = this.#descriptors();
    const { rows } = await this.world.sql.query(`SELECT id, version FROM collab.boards WHERE workspace_id = $1`, [this.stage.workspaces[0].id]);
    const isThere = (client) => rows.every(({ id, version }) => client.heads.get(id) === version);
    await until(() => this.holding.every(isThere), 'everybody has everything', 30_000).catch(() => {
      for (const client of this.holding) if (!isThere(client)) this.problems.push(`${client.name} did not get everything`);
    });
    for (const timer of [...this.refreshing, this.beating]) clearInterval(timer);
    this.problems.push(...this.holding.flatMap((client) => client.problems));
    this.isOver = true;
  }

  // -- what is said about it --

  async #judge() {
    const { rows: [found] } = await this.world.sql.query(`SELECT count(*)::int AS n, count(DISTINCT command_id)::int AS distinct_n
      FROM collab.events WHERE command_id = ANY ($1::uuid[])`, [this.acknowledged]);
    const wrong = (await this.world.sql.query('SELECT * FROM collab.verify()')).rows;
    const complaints = this.world.log.filter((line) => /"level":"(warning|error)"/.test(line));
    const rss = this.#quarters('rss');
    const memory = this.#quarters('backendMemory');
    const backends = new Set(this.samples.map((sample) => sample.backends));
    const live = this.seconds.live / this.seconds.all;
    const must = [
      ['held connection-seconds live, %', (100 * live).toFixed(3), 'at least 99.9', live >= 0.999],
      ['held connections closed by the server', this.closes.length, 'none', this.closes.length === 0],
      ['visitors closed by the server', this.strays.length, 'none', this.strays.length === 0],
      ['gaps, repeats, stray errors', this.problems.length, 'none', this.problems.length === 0],
      ['commands acknowledged, and once in the log', `${this.acknowledged.length}, ${found.distinct_n}`, 'equal',
        found.n === this.acknowledged.length && found.distinct_n === found.n && found.n > 0],
      ['refusals', JSON.stringify(this.refusals), 'none', Object.keys(this.refusals).length === 0],
      ['messages a minute', this.perMinute.toFixed(0), `${this.rate} ± 10 %`, Math.abs(this.perMinute / this.rate - 1) < 0.1],
      ['resident memory, MB, first and last quarter', `${(rss[0] / MB).toFixed(1)} → ${(rss[1] / MB).toFixed(1)}`, `+ ${this.growthMB} at most`,
        rss[1] - rss[0] <= this.growthMB * MB],
      ['descriptors without visitors, before and after', `${this.filesBefore} → ${this.filesAfter}`, '+ 2 at most', this.filesAfter <= this.filesBefore + 2],
      ['backends of the bridge', [...backends].join(', '), 'always as many', backends.size === 1],
      ['memory of these backends, MB, first and last quarter', `${(memory[0] / MB).toFixed(1)} → ${(memory[1] / MB).toFixed(1)}`,
        `+ ${this.backendGrowthMB} at most`, memory[1] - memory[0] <= this.backendGrowthMB * MB],
      ['warnings and errors in the log', complaints.length, 'none', complaints.length === 0],
      ['collab.verify()', `${wrong.length} rows`, 'none', wrong.length === 0],
    ];
    return { passed: must.every((row) => row[3]), must, figures: this.#figures(),
      detail: { closes: this.closes.slice(0, 50), strays: this.strays.slice(0, 50), problems: this.problems.slice(0, 50), complaints: complaints.slice(0, 50), wrong: wrong.slice(0, 20) },
      metrics: this.metrics.split('\n').filter((line) => /_(resyncs|gaps|dropped|rate_limited|closed|reconnects|refused|events)_?\w*total/.test(line) && !line.startsWith('#')),
      samples: this.samples };
  }

  #quarters(name) {
    const of = this.samples.map((sample) => sample[name]);
    const size = Math.max(1, Math.floor(of.length / 4));
    return [median(of.slice(0, size)), median(of.slice(-size))];
  }

  #figures() {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    return {
      seconds: this.playedSeconds,
      connections: { held: this.held, visitors: this.visitors, ...this.counts },
      cpuPercent: 100 * (last.cpu - first.cpu) / ((last.at - first.at) / 1000),
      events: this.holding.reduce((sum, client) => sum + client.events, 0),
      resyncs: this.holding.reduce((sum, client) => sum + client.resyncs, 0),
      lagOfThisProcessMs: { p50: this.lag.percentile(50) / 1e6, p99: this.lag.percentile(99) / 1e6, max: this.lag.max / 1e6 },
      cpuOfThisProcess: process.cpuUsage(),
      deliveryMs: percentiles(this.delivery),
      roundTripMs: Object.fromEntries(Object.entries(this.times).sort().map(([type, times]) => [type, percentiles(times)])),
    };
  }
}

export function percentiles(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(2));
  return { n: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function print({ must, figures }) {
  const line = (cells, widths) => console.log(cells.map((cell, n) => String(cell).padEnd(widths[n])).join(' ').trimEnd());
  const widths = [60, 24, 18, 4];
  line(['measured', 'value', 'must be', ''], widths);
  for (const [name, value, limit, holds] of must) line([name, value, limit, holds ? 'ok' : 'NOT OK'], widths);
  console.log(`\n${JSON.stringify(figures.connections)}, ${Math.round(figures.seconds)} s, CPU of the bridge ${figures.cpuPercent.toFixed(1)} %, `
    + `${figures.events} events at the held connections, ${figures.resyncs} resyncs`);
  const { p50: lag, p99: lag99, max: lagMax } = figures.lagOfThisProcessMs;
  console.log(`this process's own lag, ms: p50 ${lag.toFixed(1)}, p99 ${lag99.toFixed(1)}, max ${lagMax.toFixed(1)}; it is in the times below`);
  line(['\nround trip, ms', 'n', 'p50', 'p99', 'max'], [22, 8, 8, 8, 8]);
  for (const [type, { n, p50, p99, max }] of [...Object.entries(figures.roundTripMs), ['command → event', figures.deliveryMs]])
    line([type, n, p50, p99, max], [21, 8, 8, 8, 8]);
}

/** What an hour is, unless said otherwise. */
const HOUR = { minutes: 60, held: 50, visitors: 450, rate: 1000, ownServer: true, tokenSeconds: 120, heartbeatMs: 15_000, sampleMs: 10_000,
  rampMs: 30_000, longestVisitMs: 60_000, growthMB: 10, backendGrowthMB: 40 };

export const soak = (url, options = {}) => new Soak({ ...HOUR, ...options }).run(url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const set = (name, value) => (process.env[value] ? { [name]: Number(process.env[value]) } : {});
  const result = await soak(import.meta.url, { ...set('minutes', 'SOAK_MINUTES'), ...set('held', 'SOAK_HELD'), ...set('visitors', 'SOAK_VISITORS'),
    ...set('rate', 'SOAK_RATE'), report: (line) => console.log(`${new Date().toISOString()} ${line}`) });
  const file = process.env.SOAK_RESULT ?? `/tmp/collab-soak-${Date.now()}.json`;
  writeFileSync(file, JSON.stringify(result, null, 1));
  print(result);
  console.log(`\n${file}`);
  process.exit(result.passed ? 0 : 1);
}
