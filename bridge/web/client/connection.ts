/*
 * One WebSocket to the bridge that comes back by itself: back-off with jitter, at once when the machine is online again
 * or the page is looked at, when the server says so after a shutdown. Boards are joined again from the version they have.
 * Owns the socket and its timers; what the messages mean for a board is the store's business (board_store.ts).
 */
import { retryDelay } from "./backoff";
import { BoardStore, type BoardListener } from "./board_store";
import type { Message, Refusal, User } from "./protocol";

export type ConnectionState = "connecting" | "live" | "reconnecting" | "refused" | "closed";

export interface ConnectionListener {
  stateChanged(state: ConnectionState, problem?: Refusal): void;
  welcomed?(user: User): void;
}

export interface ConnectionOptions {
  /** ws://host/ws */
  url: string;
  token: string;
  listener: ConnectionListener;
}

const CLOSE_LOST = 1006;
const CLOSE_NO_TOKEN = 4001;
const CLOSE_TOKEN_EXPIRED = 4010;
/** From opening the socket to WELCOME. */
const WELCOME_TIMEOUT_MS = 10_000;
/** An attempt older than this is given up for a fresh one when there is reason to think that it will work now. */
const FRESH_ATTEMPT_MS = 1_000;
const PROBE_TIMEOUT_MS = 3_000;
/** A connection that lived shorter belongs to the same outage: a server that dies at every WELCOME is not hammered. */
const STEADY_MS = 2_000;

type Timer = ReturnType<typeof setTimeout> | undefined;

export class Connection {
  state: ConnectionState = "connecting";
  private socket: WebSocket | undefined;
  private boards = new Map<string, BoardStore>();
  /** Attempts that failed, and the start of it all, in this outage. */
  private attempt = 0;
  private lostAt = 0;
  private openedAt = 0;
  private liveAt = 0;
  private heardAt = 0;
  private heartbeatMs = 30_000;
  private retryTimer: Timer;
  private welcomeTimer: Timer;
  private heartbeatTimer: Timer;
  private probeTimer: Timer;
  /** What the server asked for before it went. */
  private shutdownDelay: number | undefined;
  private problem: Refusal | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    this.lostAt = Date.now();
    addEventListener("online", this.retryNow);
    document.addEventListener("visibilitychange", this.lookedAt);
    this.open();
  }

  /** For good: nothing is retried, nothing more is heard of it. */
  close(): void {
    removeEventListener("online", this.retryNow);
    document.removeEventListener("visibilitychange", this.lookedAt);
    this.drop();
    clearTimeout(this.retryTimer);
    for (const store of this.boards.values()) store.disconnected();
    this.setState("closed");
  }

  join(boardId: string, listener: BoardListener): BoardStore {
    const store = new BoardStore(boardId, listener, (message) => this.send(message));
    this.boards.set(boardId, store);
    if (this.state === "live") this.send(store.joinMessage());
    return store;
  }

  leave(boardId: string): void {
    this.boards.get(boardId)?.disconnected();
    if (this.boards.delete(boardId)) this.send({ type: "LEAVE_BOARD", payload: { board_id: boardId } });
  }

  /** Dropped while there is no connection: boards resend what is pending, cursors are not worth it. */
  send(message: Message): void {
    if (this.state === "live" && this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /* The token goes as the first message, so that it stands in no URL and no log. */
  private open(): void {
    this.drop();
    this.problem = undefined;
    this.openedAt = Date.now();
    const socket = new WebSocket(this.options.url, "collab.v1");
    this.socket = socket;
    this.welcomeTimer = setTimeout(() => this.lost(CLOSE_LOST), WELCOME_TIMEOUT_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "AUTH", payload: { token: this.options.token } }));
    socket.onmessage = (event) => socket === this.socket && this.receive(JSON.parse(event.data as string));
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
  }

  /** Lets go of the socket without waiting for the other side, which may not be there any more. */
  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    for (const timer of [this.welcomeTimer, this.heartbeatTimer, this.probeTimer]) clearTimeout(timer);
    socket?.close();
  }

  private receive(message: Message): void {
    this.heardAt = Date.now();
    if (message.type === "WELCOME") return this.welcome(message.payload);
    if (message.type === "SERVER_SHUTDOWN") {
      this.shutdownDelay = message.payload.reconnect_after_ms;
      return;
    }
    if (message.type === "ERROR" && (this.state !== "live" || message.payload.code === "unauthenticated")) {
      this.problem = message.payload; /* why the server is about to close */
      return;
    }
    this.dispatch(message);
  }

  private dispatch(message: Message): void {
    const payload = message.payload ?? {};
    const boardId: string | undefined = payload.board_id ?? payload.board?.id;
    const store = boardId ? this.boards.get(boardId) : this.storeOfCommand(payload.command_id);
    if (store) return store.receive(message);
    if (!boardId) for (const each of this.boards.values()) each.receive(message);
  }

  private storeOfCommand(commandId: string | undefined): BoardStore | undefined {
    for (const store of this.boards.values()) {
      if (store.pending.some((command) => command.id === commandId)) return store;
    }
    return undefined;
  }

  private welcome(payload: { user: User; heartbeat_interval?: number }): void {
    clearTimeout(this.welcomeTimer);
    this.liveAt = Date.now();
    this.shutdownDelay = undefined;
    if (payload.heartbeat_interval) this.heartbeatMs = payload.heartbeat_interval * 1000; /* it is in seconds */
    this.setState("live");
    this.options.listener.welcomed?.(payload.user);
    this.heartbeatTimer = setInterval(() => this.beat(), this.heartbeatMs);
    for (const store of this.boards.values()) this.send(store.joinMessage());
  }

  /** A connection that is silent for two heartbeats is dead, whatever the system says. */
  private beat(): void {
    if (Date.now() - this.heardAt > 2 * this.heartbeatMs) this.lost(CLOSE_LOST);
    else this.send({ type: "HEARTBEAT", payload: {} });
  }

  /** Is anybody there? Asked when the machine may have slept or changed its network. */
  private probe(): void {
    const askedAt = Date.now();
    this.send({ type: "HEARTBEAT", payload: {} });
    clearTimeout(this.probeTimer);
    this.probeTimer = setTimeout(() => this.heardAt < askedAt && this.lost(CLOSE_LOST), PROBE_TIMEOUT_MS);
  }

  private lost(code: number): void {
    const now = Date.now();
    this.drop();
    if (this.state === "live" && now - this.liveAt >= STEADY_MS) {
      this.attempt = 0;
      this.lostAt = now;
    }
    const hasBeenLive = this.state !== "connecting";
    for (const store of this.boards.values()) store.disconnected();
    if (code === CLOSE_NO_TOKEN || code === CLOSE_TOKEN_EXPIRED) return this.setState("refused", this.problem);
    this.setState(hasBeenLive || this.attempt > 0 ? "reconnecting" : "connecting", this.problem);
    const delay = this.shutdownDelay ?? retryDelay(this.attempt, now - this.lostAt, Math.random());
    this.shutdownDelay = undefined;
    this.attempt += 1;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.open(), delay);
  }

  private lookedAt = (): void => {
    if (!document.hidden) this.retryNow();
  };

  private retryNow = (): void => {
    if (this.state === "refused" || this.state === "closed") return;
    if (this.state === "live") return this.probe();
    if (this.socket && Date.now() - this.openedAt < FRESH_ATTEMPT_MS) return;
    clearTimeout(this.retryTimer);
    this.open();
  };

  private setState(state: ConnectionState, problem?: Refusal): void {
    this.state = state;
    this.options.listener.stateChanged(state, problem);
  }
}
