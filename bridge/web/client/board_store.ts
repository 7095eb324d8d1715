/*
 * One board: what the server has said (confirmed), the commands it has not answered yet (pending), and the two together
 * (view). Knows no socket: the connection hands messages in and takes what shall be sent.
 */
import { applyPending, type PendingCommand } from "./commands";
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

export class BoardStore {
  confirmed: Board | undefined;
  /** The mark that came with confirmed.version. */
  mark: string | undefined;
  view: Board | undefined;
  users = new Map<number, User>();
  pending: PendingCommand[] = [];
  situation: BoardSituation = "joining";
  problem: Refusal | undefined;

  constructor(
    readonly boardId: string,
    private readonly listener: BoardListener,
    private readonly send: (message: Message & { id?: string }) => void,
  ) {}

  /** Sent when the connection is there, and each time it is there again. */
  joinMessage(): Message {
    const payload: Record<string, unknown> = { board_id: this.boardId };
    if (this.confirmed && this.mark) {
      payload.since_version = this.confirmed.version;
      payload.since_event = this.mark;
    }
    return { type: "JOIN_BOARD", payload };
  }

  /** Shows the command at once and sends it; returns its id. */
  execute(type: string, payload: Record<string, unknown>): string {
    const command = { id: crypto.randomUUID(), type, payload: { board_id: this.boardId, ...payload } };
    this.pending.push(command);
    this.redraw();
    if (this.situation === "live") this.send(command);
    return command.id;
  }

  /** The connection is gone: what is pending stays, and is sent again after the next join. */
  disconnected(): void {
    if (this.situation === "live") this.situation = "joining";
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
    if (payload.active_users) this.users = new Map(payload.active_users.map((user) => [user.user_id, user]));
    this.goLive();
  }

  private takeEvents(payload: { events: BoardEvent[]; has_more: boolean; event?: string }): void {
    for (const event of payload.events) this.apply(event);
    if (!payload.has_more && this.situation !== "live") this.goLive();
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
  private takeAck(payload: { command_id: string; events?: BoardEvent[]; changed: boolean; replayed: boolean }): void {
    this.settle(payload.command_id);
    if (payload.changed && !payload.replayed) for (const event of payload.events ?? []) this.apply(event, true);
    this.redraw();
  }

  private takeConflict(conflict: Conflict): void {
    const command = this.settle(conflict.command_id);
    this.redraw();
    this.listener.conflicted?.(conflict, command);
  }

  private takeRefusal(refusal: Refusal): void {
    if (refusal.command === "JOIN_BOARD") {
      this.situation = "unavailable";
      this.problem = refusal;
      return this.redraw();
    }
    if (refusal.code === "unavailable" && refusal.command_id) return this.sendLater(refusal);
    const command = refusal.command_id ? this.settle(refusal.command_id) : undefined;
    this.redraw();
    this.listener.refused?.(refusal, command);
  }

  /** The server could not carry it out, or does not know whether it did: the same id again does no harm. */
  private sendLater(refusal: Refusal): void {
    const command = this.pending.find((candidate) => candidate.id === refusal.command_id);
    if (!command) return;
    setTimeout(() => {
      if (this.situation === "live" && this.pending.includes(command)) this.send(command);
    }, refusal.retry_after_ms ?? 1000);
  }

  private settle(commandId: string | undefined): PendingCommand | undefined {
    const index = this.pending.findIndex((command) => command.id === commandId);
    return index < 0 ? undefined : this.pending.splice(index, 1)[0];
  }

  /** Exactly the next version is applied; what is known is dropped, a gap is asked for. */
  private apply(event: BoardEvent, isAcknowledged = false): void {
    if (!this.confirmed || event.payload.version <= this.confirmed.version) return;
    if (event.payload.version > this.confirmed.version + 1) {
      this.send({
        type: "GET_EVENTS",
        payload: { board_id: this.boardId, after_version: this.confirmed.version },
      });
      return;
    }
    const isOwn = this.settle(event.payload.command_id) !== undefined || isAcknowledged;
    this.confirmed = reduce(this.confirmed, event);
    this.mark = event.payload.event;
    if (!isOwn) this.listener.applied?.(event);
  }

  private goLive(): void {
    this.situation = "live";
    this.problem = undefined;
    for (const command of this.pending) this.send(command);
    this.redraw();
  }

  private redraw(): void {
    this.view = this.confirmed && this.pending.reduce(applyPending, this.confirmed);
    this.listener.changed();
  }
}
