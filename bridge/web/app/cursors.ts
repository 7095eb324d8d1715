/*
 * The others' pointers. A position is sent relative to the card below it where there is one (in parts of its box), so
 * that it means the same on a screen of another size; otherwise relative to the board's whole area.
 */
import type { BoardStore } from "../client/board_store";
import type { Connection } from "../client/connection";
import type { Cursor } from "../client/protocol";
import { byId, element } from "./dom";
import { hueClass } from "./people";

const SEND_EVERY_MS = 60;
const IDLE_MS = 6_000;

interface Shown {
  element: HTMLElement;
  idleTimer: ReturnType<typeof setTimeout>;
}

export class Cursors {
  private shown = new Map<number, Shown>();
  private sentAt = 0;

  constructor(private readonly connection: Connection, private readonly store: BoardStore, private readonly root: HTMLElement) {
    root.addEventListener("pointermove", (event) => this.send(event));
  }

  private send(event: PointerEvent): void {
    if (event.timeStamp - this.sentAt < SEND_EVERY_MS || this.store.users.size < 2) return;
    this.sentAt = event.timeStamp;
    const card = (event.target as Element).closest<HTMLElement>(".card");
    const area = card ?? this.root;
    const box = area.getBoundingClientRect();
    const x = (event.clientX - box.left + area.scrollLeft) / Math.max(1, area.scrollWidth);
    const y = (event.clientY - box.top + area.scrollTop) / Math.max(1, area.scrollHeight);
    this.connection.send({
      type: "CURSOR_MOVE",
      payload: { board_id: this.store.boardId, x: round(x), y: round(y), ...(card ? { task_id: card.dataset.task } : {}) },
    });
  }

  show(cursor: Cursor): void {
    const area = cursor.task_id ? this.root.querySelector<HTMLElement>(`[data-task="${CSS.escape(cursor.task_id)}"]`) : this.root;
    if (!area) return this.hide(cursor.user_id);
    const box = area.getBoundingClientRect();
    const x = box.left + cursor.x * area.scrollWidth - area.scrollLeft;
    const y = box.top + cursor.y * area.scrollHeight - area.scrollTop;
    /* Made after the last look at the layout, so that a new one appears in its place and does not fly there. */
    const shown = this.shown.get(cursor.user_id) ?? this.make(cursor);
    shown.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    clearTimeout(shown.idleTimer);
    shown.idleTimer = setTimeout(() => this.hide(cursor.user_id), IDLE_MS);
  }

  /** Those who left have no pointer. */
  keepOnly(userIds: Set<number>): void {
    for (const userId of this.shown.keys()) if (!userIds.has(userId)) this.hide(userId);
  }

  private make(cursor: Cursor): Shown {
    const pointer = element("div", { class: `cursor ${hueClass(cursor.user_id)}` }, element("span", {}, cursor.username));
    byId("cursors").append(pointer);
    const shown = { element: pointer, idleTimer: setTimeout(() => undefined, 0) };
    this.shown.set(cursor.user_id, shown);
    return shown;
  }

  private hide(userId: number): void {
    this.shown.get(userId)?.element.remove();
    this.shown.delete(userId);
  }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
