/*
 * One WebSocket to the bridge that comes back by itself: back-off with jitter, at once when the machine is online again
 * or the page is looked at, when the server says so after a shutdown. Boards are joined again from the version they have.
 */
import { retryDelay } from "./backoff";
import { BoardStore, type BoardListener } from "./board_store";
import type { Message, Refusal, User } from "./protocol";

export type ConnectionState = "connecting" | "live" | "reconnecting" | "refused";

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

const CLOSE_NO_TOKEN = 4001;
const CLOSE_TOKEN_EXPIRED = 4010;
const WELCOME_TIMEOUT_MS = 10_000;

export class Connection {
  state: ConnectionState = "connecting";
  private socket: WebSocket | undefined;
  private boards = new Map<string, BoardStore>();
  private attempt = 0;
  private lostAt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeatTimer: ReturnType<typeof setInterval> | undefined;
  private welcomeTimer: ReturnType<typeof setTimeout> | undefined;
  private shutdownDelay: number | undefined;
  private problem: Refusal | undefined;
  private heardAt = 0;
  private heartbeatMs = 30_000;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    this.lostAt = Date.now();
    addEventListener("online", this.retryNow);
    document.addEventListener("visibilitychange", this.retryNow);
    this.open();
  }

  join(boardId: string, listener: BoardListener): BoardStore {
    const store = new BoardStore(boardId, listener, (message) => this.send(message));
    this.boards.set(boardId, store);
    if (this.state === "live") this.send(store.joinMessage());
    return store;
  }

  leave(boardId: string): void {
    if (this.boards.delete(boardId)) this.send({ type: "LEAVE_BOARD", payload: { board_id: boardId } });
  }

  /** Dropped while there is no connection: boards resend what is pending, cursors are not worth it. */
  send(message: Message): void {
    if (this.state === "live" && this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /* The token goes as the first message, so that it stands in no URL and no log. */
  private open(): void {
    this.socket?.close();
    const socket = new WebSocket(this.options.url, "collab.v1");
    this.socket = socket;
    this.welcomeTimer = setTimeout(() => socket.close(), WELCOME_TIMEOUT_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "AUTH", payload: { token: this.options.token } }));
    socket.onmessage = (event) => socket === this.socket && this.receive(JSON.parse(event.data as string));
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
  }

  private receive(message: Message): void {
    this.heardAt = Date.now();
    switch (message.type) {
      case "WELCOME":
        return this.welcome(message.payload);
      case "SERVER_SHUTDOWN":
        this.shutdownDelay = message.payload.reconnect_after_ms;
        return;
      case "ERROR":
        if (message.payload.code === "unauthenticated") this.problem = message.payload;
        break;
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
    this.attempt = 0;
    this.shutdownDelay = undefined;
    if (payload.heartbeat_interval) this.heartbeatMs = payload.heartbeat_interval * 1000; /* it is in seconds */
    this.setState("live");
    this.options.listener.welcomed?.(payload.user);
    clearInterval(this.heartbeatTimer);
    this.heartbeatTimer = setInterval(() => this.beat(), this.heartbeatMs);
    for (const store of this.boards.values()) this.send(store.joinMessage());
  }

  /** A connection that is silent for two heartbeats is dead, whatever the system says. */
  private beat(): void {
    if (Date.now() - this.heardAt > 2 * this.heartbeatMs) this.socket?.close();
    else this.send({ type: "HEARTBEAT", payload: {} });
  }

  private lost(code: number): void {
    clearTimeout(this.welcomeTimer);
    clearInterval(this.heartbeatTimer);
    this.socket = undefined;
    if (this.state === "live") this.lostAt = Date.now();
    for (const store of this.boards.values()) store.disconnected();
    if (code === CLOSE_NO_TOKEN || code === CLOSE_TOKEN_EXPIRED) return this.setState("refused", this.problem);
    this.setState(this.attempt === 0 && this.state === "connecting" ? "connecting" : "reconnecting");
    const delay = this.shutdownDelay ?? retryDelay(this.attempt, Date.now() - this.lostAt, Math.random());
    this.shutdownDelay = undefined;
    this.attempt += 1;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.open(), delay);
  }

  private retryNow = (): void => {
    if (this.socket || this.state === "live" || this.state === "refused" || document.hidden) return;
    clearTimeout(this.retryTimer);
    this.open();
  };

  private setState(state: ConnectionState, problem?: Refusal): void {
    this.state = state;
    this.options.listener.stateChanged(state, problem);
  }
}
