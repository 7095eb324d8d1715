/*
 * One board: what the server has said (confirmed), the commands it has not answered yet (pending), and the two together
 * (view). Knows no socket: the connection hands messages in and takes what shall be sent.
 */
import { applyPending } from "./commands";
import { Outbox, type PendingCommand } from "./outbox";
import type { Board, BoardEvent, Conflict, Cursor, Message, Refusal, User } from "./protocol";
import { reduce } from "./reduce";

export interface BoardListener {
  /** Something to draw has changed. */
  changed(): void;
  /** A pending command was taken back. */
  refused?(refusal: Refusal, command: PendingCommand | undefined): void;
  conflicted?(conflict: Conflict, command: PendingCommand | undefined): void;
  cursorMoved?(cursor: Cursor): void;
  /** Someone else's event was applied. */
  applied?(event: BoardEvent): void;
}

export type BoardSituation = "joining" | "live" | "unavailable";

interface EventPage {
  events: BoardEvent[];
  has_more: boolean;
}

/** The server could not just now: the same again, later, may go well. */
const PASSING_CODES = ["unavailable", "rate_limited"];
const RETRY_MS = 1_000;

export class BoardStore {
  confirmed: Board | undefined;
  /** The mark that came with confirmed.version. */
  mark: string | undefined;
  view: Board | undefined;
  users = new Map<number, User>();
  situation: BoardSituation = "joining";
  problem: Refusal | undefined;
  private readonly outbox: Outbox;
  /** The newest version seen behind a gap, and whether what is missing has been asked for. */
  private newestSeen = 0;
  private isFetching = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly boardId: string,
    private readonly listener: BoardListener,
    private readonly send: (message: Message & { id?: string }) => void,
  ) {
    this.outbox = new Outbox(send);
  }

  get pending(): readonly PendingCommand[] {
    return this.outbox.commands;
  }

  /** Sent when the connection is there, and each time it is there again. */
  joinMessage(): Message {
    const payload: Record<string, unknown> = { board_id: this.boardId };
    if (this.confirmed && this.mark) {
      payload.since_version = this.confirmed.version;
      payload.since_event = this.mark;
    }
    return { type: "JOIN_BOARD", payload };
  }

  /** Shows the command at once and sends it when it may go; returns its id. */
  execute(type: string, payload: Record<string, unknown>): string {
    const id = this.outbox.add(type, { board_id: this.boardId, ...payload });
    this.redraw();
    return id;
  }

  /** The connection is gone: what is pending stays, and is sent again after the next join. */
  disconnected(): void {
    clearTimeout(this.retryTimer);
    if (this.situation === "live") this.situation = "joining";
    this.isFetching = false;
    this.outbox.close();
    this.users.clear();
    this.redraw();
  }

  receive(message: Message): void {
    switch (message.type) {
      case "BOARD_STATE":
        return this.takeState(message.payload);
      case "BOARD_EVENTS":
        return this.takeEvents(message.payload);
      case "ACK":
        return this.takeAck(message.payload);
      case "CONFLICT_ERROR":
        return this.takeConflict(message.payload);
      case "ERROR":
        return this.takeRefusal(message.payload);
      case "PRESENCE":
        return this.takePresence(message.payload.users);
      case "USER_JOINED":
        this.users.set(message.payload.user.user_id, message.payload.user);
        return this.redraw();
      case "USER_LEFT":
        this.users.delete(message.payload.user_id);
        return this.redraw();
      case "CURSOR_UPDATE":
        return this.listener.cursorMoved?.(message.payload);
      default:
        if (typeof message.payload?.version === "number") this.takeEvent(message as BoardEvent);
    }
  }

  private takeState(payload: { board: Board; version: number; event: string; active_users?: User[] }): void {
    this.confirmed = { ...payload.board, version: payload.version };
    this.mark = payload.event;
    this.newestSeen = payload.version;
    this.isFetching = false;
    if (payload.active_users) this.users = new Map(payload.active_users.map((user) => [user.user_id, user]));
    this.goLive();
  }

  /** Pages of a join follow each other by themselves; pages of GET_EVENTS are asked for one by one. */
  private takeEvents(page: EventPage): void {
    this.isFetching = false;
    for (const event of page.events) this.apply(event);
    if (this.situation !== "live") {
      if (!page.has_more) this.goLive();
    } else if (page.has_more || (page.events.length > 0 && this.isBehind())) {
      this.fetchMissing();
    }
    this.redraw();
  }

  private takePresence(users: User[]): void {
    this.users = new Map(users.map((user) => [user.user_id, user]));
    this.redraw();
  }

  private takeEvent(event: BoardEvent): void {
    this.apply(event);
    this.redraw();
  }

  /** An ACK that changed nothing or was replayed stands outside the order: it only settles. */
  private takeAck(payload: { command_id: string; version?: number; events?: BoardEvent[]; changed: boolean; replayed: boolean }): void {
    this.outbox.settle(payload.command_id, payload.changed ? payload.version : undefined);
    if (payload.changed && !payload.replayed) for (const event of payload.events ?? []) this.apply(event, true);
    this.redraw();
  }

  private takeConflict(conflict: Conflict): void {
    const command = this.outbox.settle(conflict.command_id);
    this.redraw();
    this.listener.conflicted?.(conflict, command);
  }

  private takeRefusal(refusal: Refusal): void {
    if (PASSING_CODES.includes(refusal.code) && this.tryLater(refusal)) return;
    if (refusal.command === "JOIN_BOARD") {
      this.situation = "unavailable";
      this.problem = refusal;
      this.outbox.close();
      return this.redraw();
    }
    const command = this.outbox.settle(refusal.command_id);
    this.redraw();
    this.listener.refused?.(refusal, command);
  }

  /** True for what is ours to repeat. The server may not know whether it was carried out: the same id does no harm. */
  private tryLater(refusal: Refusal): boolean {
    const pause = refusal.retry_after_ms ?? RETRY_MS;
    if (refusal.command === "JOIN_BOARD") {
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => this.send(this.joinMessage()), pause);
      return true;
    }
    if (refusal.command === "GET_EVENTS") {
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => {
        this.isFetching = false;
        this.fetchMissing();
      }, pause);
      return true;
    }
    return this.outbox.sendLater(refusal.command_id, pause);
  }

  /** Exactly the next version is applied; what is known is dropped, a gap is asked for. */
  private apply(event: BoardEvent, isAcknowledged = false): void {
    const { version } = event.payload;
    if (!this.confirmed || version <= this.confirmed.version) return;
    this.newestSeen = Math.max(this.newestSeen, version);
    if (version > this.confirmed.version + 1) return this.fetchMissing();
    const isOwn = this.outbox.settle(event.payload.command_id, version) !== undefined || isAcknowledged;
    this.confirmed = reduce(this.confirmed, event);
    this.mark = event.payload.event;
    if (!isOwn) this.listener.applied?.(event);
  }

  private isBehind(): boolean {
    return this.confirmed !== undefined && this.newestSeen > this.confirmed.version;
  }

  private fetchMissing(): void {
    if (this.isFetching || !this.confirmed) return;
    this.isFetching = true;
    this.send({ type: "GET_EVENTS", payload: { board_id: this.boardId, after_version: this.confirmed.version } });
  }

  private goLive(): void {
    this.situation = "live";
    this.problem = undefined;
    this.outbox.open();
    this.redraw();
  }

  private redraw(): void {
    this.view = this.confirmed && this.outbox.commands.reduce(applyPending, this.confirmed);
    this.listener.changed();
  }
}
