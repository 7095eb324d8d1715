/*
 * The commands that have no answer yet, in the order they were given. Sent at once while the board is live, and again,
 * under the same id and with the same content, after each reconnection.
 *
 * Two commands about the same card: the second waits for the first one's answer. Only then it is known from which
 * version the second started: from the change that the same person had just made, which must not count as a conflict.
 */
import type { Message } from "./protocol";
import { randomUuid } from "./uuid";

export interface PendingCommand {
  id: string;
  type: string;
  payload: Record<string, any>;
  /** Sent on this connection. */
  isSent?: boolean;
  /** Sent at all: the content stays as it is, or the server would take it for another command. */
  isFixed?: boolean;
}

/** One's own change of a card or list: the server had accepted it against `from`, it became version `to`. */
interface OwnChange {
  from: number;
  to: number;
}

/** The card or list whose version the server will compare. */
function entityOf(command: PendingCommand): string | undefined {
  return command.payload.task_id ?? command.payload.list_id;
}

/** What CREATE_TASK names is only the place. */
function comparedEntityOf(command: PendingCommand): string | undefined {
  return command.type.startsWith("CREATE_") ? undefined : entityOf(command);
}

export class Outbox {
  readonly commands: PendingCommand[] = [];
  private isOpen = false;
  private ownChanges = new Map<string, OwnChange>();

  constructor(private readonly send: (message: Message & { id?: string }) => void) {}

  add(type: string, payload: Record<string, unknown>): string {
    const id = randomUuid();
    this.commands.push({ id, type, payload });
    this.pump();
    return id;
  }

  /** The board is live: everything goes, in order. */
  open(): void {
    this.isOpen = true;
    this.pump();
  }

  close(): void {
    this.isOpen = false;
    for (const command of this.commands) command.isSent = false;
  }

  /** Takes out what was answered. `version` is the one it became, if it changed something. */
  settle(commandId: string | null | undefined, version?: number): PendingCommand | undefined {
    const index = this.commands.findIndex((command) => command.id === commandId);
    if (index < 0) return undefined;
    const [command] = this.commands.splice(index, 1);
    if (version !== undefined) this.remember(command, version);
    this.pump();
    return command;
  }

  /** The same command again after a pause, unless it was settled meanwhile; false when it is not one of ours. */
  sendLater(commandId: string | null | undefined, pauseMs: number): boolean {
    const command = this.commands.find((candidate) => candidate.id === commandId);
    if (!command) return false;
    setTimeout(() => {
      command.isSent = false;
      this.pump();
    }, pauseMs);
    return true;
  }

  private pump(): void {
    if (!this.isOpen) return;
    const unanswered = new Set<string>();
    for (const command of this.commands) {
      const entity = comparedEntityOf(command);
      if (entity && !command.isSent && unanswered.has(entity)) return; /* what follows keeps its place behind it */
      if (!command.isSent) this.dispatch(command, entity);
      if (entity) unanswered.add(entity);
    }
  }

  private dispatch(command: PendingCommand, entity: string | undefined): void {
    const { version } = command.payload;
    if (!command.isFixed && entity && typeof version === "number")
      command.payload = { ...command.payload, version: this.lift(entity, version) };
    command.isSent = command.isFixed = true;
    this.send({ type: command.type, id: command.id, payload: command.payload });
  }

  /** The version to name for what was seen at `version`: one's own later changes count as seen. */
  private lift(entity: string, version: number): number {
    const own = this.ownChanges.get(entity);
    return own && version >= own.from && version < own.to ? own.to : version;
  }

  private remember(command: PendingCommand, to: number): void {
    const entity = comparedEntityOf(command);
    const from = command.payload.version;
    if (!entity || typeof from !== "number") return;
    const before = this.ownChanges.get(entity);
    this.ownChanges.set(entity, { from: before?.to === from ? before.from : from, to });
  }
}
