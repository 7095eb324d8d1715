/*
 * The board: lists side by side, cards in them. Draws again only what has changed: a list or task that is the same
 * object as before keeps its element.
 */
import type { BoardStore } from "../client/board_store";
import type { Board, List, Task } from "../client/protocol";
import { cardElement } from "./card";
import { announce, arrange, element } from "./dom";
import { enableDrag, isDragging, type DropTarget } from "./drag";
import { showTouch, type Touch } from "./motion";
import { openMoveMenu } from "./move_menu";
import { hueClass } from "./people";
import { openTaskDialog } from "./task_dialog";

interface Drawn<T> {
  thing: T;
  element: HTMLElement;
}

export class BoardView {
  readonly root = element("div", { class: "board", role: "region", aria: { label: "Board" } });
  private readonly row = element("ol", { class: "lists" });
  private readonly hint = element("p", { class: "hint" }, "This board has no lists yet: add the first one here.");
  private lists = new Map<string, Drawn<List>>();
  private cards = new Map<string, Drawn<Task>>();
  private names = new Map<number, string>();
  /** Cards that others touched since the last drawing. */
  private touches = new Map<string, Touch>();

  constructor(private readonly store: BoardStore) {
    this.root.append(this.row, this.newListForm());
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    enableDrag({
      root: this.root, item: ".card", handle: ".card", container: ".cards", axis: "y",
      dropped: (item, target) => this.cardDropped(item, target),
    });
    enableDrag({
      root: this.root, item: ".list", handle: ".list-head", container: ".lists", axis: "x",
      dropped: (item, target) => this.move(item.dataset.list as string, target.index),
    });
    addEventListener("drag-ended", () => this.draw());
  }

  /** Drawing waits while something is dragged: a card must not leave from under the pointer. */
  draw(): void {
    const board = this.store.view;
    if (!board || isDragging()) return;
    for (const user of [...(board.people ?? []), ...this.store.users.values()]) this.names.set(user.user_id, user.username);
    const focused = this.taskOf(document.activeElement)?.id;
    arrange(this.row, board.lists.map((list) => this.drawList(list)));
    this.hint.hidden = board.lists.length > 0;
    this.forget(board);
    if (focused) this.keepFocus(focused);
    this.showTouches();
  }

  /** Someone else did something to that card: shown at the next drawing. */
  touched(taskId: string, userId: number): void {
    const earlier = this.touches.get(taskId);
    const card = this.cards.get(taskId)?.element;
    this.touches.set(taskId, { userId, from: earlier?.from ?? (card?.isConnected ? card.getBoundingClientRect() : undefined) });
  }

  private showTouches(): void {
    for (const [taskId, touch] of this.touches) {
      const card = this.cards.get(taskId)?.element;
      card?.classList.add(hueClass(touch.userId));
      if (card) showTouch(card, touch);
    }
    this.touches.clear();
  }

  /** A card that was drawn anew or moved has lost the focus it had. */
  private keepFocus(taskId: string): void {
    const card = this.cards.get(taskId)?.element;
    if (card && !card.contains(document.activeElement)) card.querySelector<HTMLElement>(".card-open")?.focus();
  }

  learnName(userId: number, name: string | null): void {
    if (name) this.names.set(userId, name);
  }

  readonly nameOf = (userId: number): string => this.names.get(userId) ?? `User ${userId}`;

  private drawList(list: List): HTMLElement {
    const drawn = this.lists.get(list.id);
    if (drawn?.thing === list) return drawn.element;
    const box = drawn?.element ?? this.emptyList(list);
    this.lists.set(list.id, { thing: list, element: box });
    (box.querySelector(".list-name") as HTMLElement).textContent = list.name;
    const count = box.querySelector(".list-count") as HTMLElement;
    count.textContent = list.wip_limit ? `${list.tasks.length}/${list.wip_limit}` : `${list.tasks.length}`;
    count.title = list.wip_limit ? `${list.tasks.length} cards, ${list.wip_limit} at most` : `${list.tasks.length} cards`;
    count.classList.toggle("full", list.wip_limit !== null && list.tasks.length >= list.wip_limit);
    const cards = box.querySelector(".cards") as HTMLElement;
    arrange(cards, list.tasks.map((task) => this.drawCard(task)));
    box.classList.toggle("empty", list.tasks.length === 0);
    return box;
  }

  private drawCard(task: Task): HTMLElement {
    const drawn = this.cards.get(task.id);
    if (drawn?.thing === task) return drawn.element;
    const fresh = cardElement(task, this.nameOf);
    const card = drawn?.element ?? fresh;
    this.cards.set(task.id, { thing: task, element: card });
    if (!drawn) return card;
    /* The same element with new content: a finger or mouse button may be down on it. */
    card.className = fresh.className;
    card.replaceChildren(...fresh.childNodes);
    return card;
  }

  private forget(board: Board): void {
    const lists = new Set(board.lists.map((list) => list.id));
    const tasks = new Set(board.lists.flatMap((list) => list.tasks.map((task) => task.id)));
    for (const id of this.lists.keys()) if (!lists.has(id)) this.lists.delete(id);
    for (const id of this.cards.keys()) if (!tasks.has(id)) this.cards.delete(id);
  }

  private emptyList(list: List): HTMLElement {
    const box = element("li", { class: "list" },
      element("div", { class: "list-head" },
        element("h2", { class: "list-name" }, list.name),
        element("span", { class: "list-count" }),
        element("span", { class: "bar-space" }),
        element("button", { type: "button", class: "quiet no-drag list-left", title: "Move list left", aria: { label: `Move list ${list.name} left` } }, "◂"),
        element("button", { type: "button", class: "quiet no-drag list-right", title: "Move list right", aria: { label: `Move list ${list.name} right` } }, "▸"),
      ),
      element("ol", { class: "cards" }),
      element("p", { class: "nothing" }, "No cards here"),
      this.newCardForm(list.id),
    );
    box.dataset.list = list.id;
    box.dataset.drop = "";
    return box;
  }

  private newCardForm(listId: string): HTMLElement {
    const input = element("input", { class: "new-card", placeholder: "+ Add a card", maxLength: 500, aria: { label: "Title of a new card" } });
    const form = element("form", { class: "no-drag" }, input, element("button", { type: "submit", class: "add" }, "Add"));
    form.onsubmit = (event) => {
      event.preventDefault();
      const title = input.value.trim();
      if (!title) return;
      this.store.execute("CREATE_TASK", { list_id: listId, title });
      input.value = "";
    };
    return form;
  }

  private newListForm(): HTMLElement {
    const input = element("input", { placeholder: "+ Add a list", maxLength: 100, aria: { label: "Name of a new list" } });
    const form = element("form", { class: "new-list" }, this.hint, input, element("button", { type: "submit", class: "add" }, "Add list"));
    form.onsubmit = (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (!name) return;
      this.store.execute("CREATE_LIST", { name });
      input.value = "";
    };
    return form;
  }

  private taskOf(target: EventTarget | null): Task | undefined {
    const id = (target as Element | null)?.closest<HTMLElement>(".card")?.dataset.task;
    return id ? this.cards.get(id)?.thing : undefined;
  }

  private clicked(event: Event): void {
    const target = event.target as Element;
    const list = target.closest<HTMLElement>(".list");
    const task = this.taskOf(target);
    if (task && target.closest(".card-menu")) openMoveMenu(this.store, task, target.closest(".card-menu") as HTMLElement);
    else if (task) openTaskDialog({ store: this.store, task, nameOf: this.nameOf });
    else if (list && target.closest(".list-left")) this.shiftList(list.dataset.list as string, -1);
    else if (list && target.closest(".list-right")) this.shiftList(list.dataset.list as string, 1);
  }

  /** With Alt the arrow keys move the focused card. */
  private pressed(event: KeyboardEvent): void {
    const task = this.taskOf(event.target);
    if (!task || !event.altKey) return;
    const steps: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    this.shiftCard(task, step[0], step[1]);
  }

  private shiftCard(task: Task, across: number, along: number): void {
    const lists = this.store.view?.lists ?? [];
    const from = lists.findIndex((list) => list.id === task.list_id);
    const to = lists[from + across];
    const position = across === 0 ? task.position + along : Math.min(task.position, to?.tasks.length ?? 0);
    if (!to || task.version === 0 || position < 0 || (across === 0 && position >= to.tasks.length)) return;
    this.store.execute("MOVE_TASK", { task_id: task.id, to_list_id: to.id, new_position: position, version: this.version() });
    announce(`${task.title}: ${to.name}, position ${position + 1}`);
  }

  private shiftList(id: string, by: number): void {
    const lists = this.store.view?.lists ?? [];
    const position = lists.findIndex((list) => list.id === id) + by;
    if (position >= 0 && position < lists.length) this.move(id, position);
  }

  private move(listId: string, position: number): void {
    const list = this.store.view?.lists.find((candidate) => candidate.id === listId);
    if (!list || list.position === position || list.version === 0) return;
    this.store.execute("MOVE_LIST", { list_id: listId, new_position: position, version: this.version() });
    announce(`List ${list.name}: position ${position + 1}`);
  }

  private cardDropped(item: HTMLElement, target: DropTarget): void {
    const task = this.taskOf(item);
    const listId = target.container.closest<HTMLElement>(".list")?.dataset.list;
    if (!task || !listId || task.version === 0) return;
    const position = this.positionBefore(listId, task.id, target.next?.dataset.task);
    if (listId === task.list_id && position === task.position) return;
    this.store.execute("MOVE_TASK", {
      task_id: task.id, from_list_id: task.list_id, to_list_id: listId, new_position: position, version: this.version(),
    });
  }

  /** Where the person meant, though cards may have come and gone since the drag began and drawing stopped. */
  private positionBefore(listId: string, taskId: string, nextId: string | undefined): number {
    const list = this.store.view?.lists.find((candidate) => candidate.id === listId);
    const others = (list?.tasks ?? []).filter((task) => task.id !== taskId);
    const position = others.findIndex((task) => task.id === nextId);
    return position < 0 ? others.length : position;
  }

  /** What the person had seen: a task that someone else changed since gives a conflict, not a silent overwrite. */
  private version(): number | undefined {
    return this.store.confirmed?.version;
  }
}
