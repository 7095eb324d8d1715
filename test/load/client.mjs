// client.mjs: a connection of the load tests. It keeps no messages: it checks their order as they come, counts, and
// measures round trips. `problems` is what must stay empty. Both dialects; used by soak.mjs.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

const WebSocket = createRequire(new URL('../bridge/package.json', import.meta.url))('ws');

/** What the load tests send, by its name in the board dialect, and what that is in the workspace dialect. */
const WORKSPACE_NAMES = {
  ADD_COMMENT: 'comment.add', ASSIGN_TASK: 'task.assign', AUTH: 'auth.refresh', COMPLETE_TASK: 'task.complete', CREATE_TASK: 'task.create',
  CURSOR_MOVE: 'cursor.move', DELETE_TASK: 'task.delete', FOCUS_TASK: 'task.focus', GET_ACTIVITY: 'activity.get', GET_COMMENTS: 'comments.get',
  GET_MEMBERS: 'members.get', GET_NOTIFICATIONS: 'notifications.get', GET_TASK: 'task.get', HEARTBEAT: 'heartbeat', MOVE_TASK: 'task.move',
  MY_TASKS: 'tasks.mine', REOPEN_TASK: 'task.reopen', SEARCH: 'search', UPDATE_TASK: 'task.update',
};

const BOARD_NAMES = {
  ack: 'ACK', 'board.events': 'BOARD_EVENTS', 'board.removed': 'BOARD_REMOVED', 'board.state': 'BOARD_STATE', conflict: 'CONFLICT_ERROR',
  'connection.disconnect': 'SERVER_SHUTDOWN', 'connection.welcome': 'WELCOME', error: 'ERROR', 'heartbeat.ack': 'HEARTBEAT_ACK',
  'workspace.events': 'WORKSPACE_EVENTS', 'workspace.state': 'WORKSPACE_STATE',
};

const ANSWERS = new Set(['ACK', 'CONFLICT_ERROR', 'ERROR']);

export class LoadClient {
  heads = new Map(); // of boards and workspaces: the version that was the last one
  marks = new Map(); // and its mark
  problems = [];
  events = 0;
  resyncs = 0;
  heartbeats = []; // when those not yet answered were sent
  #asked = new Map(); // command id → { at, type, done }
  #waiting = new Map(); // type → [resolve]

  /** `watch` gets roundTrip(type, ms), answer(type, id, answerType, payload), event(payload), closed(client, code). */
  constructor(url, { token, workspaceDialect = false, deflate = false, name = '' }, watch) {
    Object.assign(this, { name, workspaceDialect, watch });
    this.socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: deflate });
    this.socket.on('message', (bytes) => this.#take(bytes));
    this.socket.on('error', (error) => { this.trouble = error.message; });
    this.closed = new Promise((done) => this.socket.on('close', (code) => {
      this.isClosed = true;
      for (const { done: answered } of this.#asked.values()) answered(null);
      for (const waiters of this.#waiting.values()) for (const got of waiters) got(null);
      if (!this.isLeaving) this.watch.closed?.(this, code, this.trouble);
      done(code);
    }));
  }

  get unanswered() { return this.#asked.size; }

  get isOpen() { return this.socket.readyState === WebSocket.OPEN; }

  /** The next message of one of these types, or null when the connection is closed before it. */
  next(...types) {
    if (this.isClosed) return null;
    return new Promise((got) => {
      for (const type of types) this.#waiting.set(type, [...this.#waiting.get(type) ?? [], got]);
    });
  }

  send(type, payload = {}, id = undefined) {
    if (!this.isOpen) return;
    this.socket.send(JSON.stringify(this.workspaceDialect
      ? { type: WORKSPACE_NAMES[type], ...(id ? { id } : {}), data: payload } : { type, ...(id ? { id } : {}), payload }));
  }

  /** A command or read; resolves to { type, payload } of its answer, or to null when the connection ended. */
  ask(type, payload) {
    const id = randomUUID();
    if (!this.isOpen) return Promise.resolve(null);
    return new Promise((done) => {
      this.#asked.set(id, { at: performance.now(), type, done });
      this.watch.asked?.(id);
      this.send(type, payload, id);
    });
  }

  heartbeat(payload) {
    this.heartbeats.push(performance.now());
    this.send('HEARTBEAT', payload);
  }

  leave(abruptly = false) {
    this.isLeaving = true;
    if (abruptly) this.socket.terminate();
    else this.socket.close();
    return this.closed;
  }

  // -- what comes --

  #take(bytes) {
    const message = JSON.parse(bytes);
    const type = BOARD_NAMES[message.type] ?? message.type;
    const payload = message.payload ?? message.data ?? {};
    this.#order(type, payload);
    if (type === 'HEARTBEAT_ACK') this.watch.roundTrip?.('HEARTBEAT', performance.now() - this.heartbeats.shift());
    if (ANSWERS.has(type)) this.#answer(type, payload);
    const waiters = this.#waiting.get(type);
    if (waiters) {
      this.#waiting.delete(type);
      for (const got of waiters) got(payload);
    }
  }

  #answer(type, payload) {
    const asked = this.#asked.get(payload.command_id);
    if (!asked) {
      if (type === 'ERROR') this.problems.push(`ERROR ${payload.code} that answers nothing: ${payload.message}`);
      return;
    }
    this.#asked.delete(payload.command_id);
    this.watch.roundTrip?.(asked.type, performance.now() - asked.at);
    this.watch.answer?.(asked.type, payload.command_id, type, payload);
    asked.done({ type, payload });
  }

  #order(type, payload) {
    switch (type) {
      case 'BOARD_STATE': this.#base(payload.board.id, payload); break;
      case 'WORKSPACE_STATE':
        this.#base(payload.workspace.id, payload);
        for (const board of payload.boards) this.#base(board.id, board);
        break;
      case 'BOARD_EVENTS': case 'WORKSPACE_EVENTS': this.#page(payload); break;
      case 'BOARD_REMOVED': this.heads.delete(payload.board_id); break;
      case 'ACK':
        if (payload.changed && !payload.replayed) for (const event of payload.events ?? []) this.#event(event.payload ?? event.data);
        break;
      default:
        if (payload.version && payload.timestamp && payload.event) this.#event(payload);
    }
  }

  #base(id, { version, event }) {
    if (this.heads.has(id)) this.resyncs++;
    this.heads.set(id, version);
    this.marks.set(id, event);
  }

  #page({ board_id, workspace_id, from_version, to_version, events }) {
    const id = board_id ?? workspace_id;
    if (!this.heads.has(id)) this.heads.set(id, from_version);
    else this.resyncs++;
    for (const event of events) this.#event(event.payload ?? event.data);
    if (this.heads.get(id) !== to_version) this.problems.push(`a page of ${id} up to ${to_version} ended at ${this.heads.get(id)}`);
  }

  #event(payload) {
    const id = payload.board_id ?? payload.workspace_id;
    const head = this.heads.get(id);
    this.events++;
    if (payload.version !== head + 1) this.problems.push(`${id}: version ${payload.version} after ${head}`);
    this.heads.set(id, payload.version);
    this.marks.set(id, payload.event);
    this.watch.event?.(payload);
  }
}
