/*
 * Dragging cards and lists with mouse, pen or finger. The original stays in its place, dimmed; a ghost follows the pointer and a
 * placeholder shows where it would land. Keyboards use the card's menu and shortcuts instead (board_view.ts).
 */

const START_DISTANCE_PX = 6;
const TOUCH_HOLD_MS = 220;
const SCROLL_EDGE_PX = 48;
const SCROLL_STEP_PX = 14;

export interface DropTarget {
  container: Element;
  index: number;
}

export interface DragOptions {
  root: HTMLElement;
  /** What can be picked up, and by which part of it. */
  item: string;
  handle: string;
  /** Where it can be dropped; its direct children matching item are the neighbours. */
  container: string;
  axis: "x" | "y";
  dropped(item: HTMLElement, target: DropTarget): void;
}

interface Drag {
  item: HTMLElement;
  ghost: HTMLElement;
  placeholder: HTMLElement;
  offsetX: number;
  offsetY: number;
  target: DropTarget | undefined;
}

function siblings(container: Element, options: DragOptions, item: HTMLElement): HTMLElement[] {
  return Array.from(container.children).filter(
    (child): child is HTMLElement => child instanceof HTMLElement && child.matches(options.item) && child !== item,
  );
}

function findTarget(options: DragOptions, drag: Drag, x: number, y: number): DropTarget | undefined {
  const under = document.elementFromPoint(x, y);
  const column = under?.closest("[data-drop]");
  const container = under?.closest(options.container) ?? column?.querySelector(options.container);
  if (!container || !options.root.contains(container)) return undefined;
  const others = siblings(container, options, drag.item);
  const index = others.findIndex((other) => {
    const box = other.getBoundingClientRect();
    return options.axis === "y" ? y < box.top + box.height / 2 : x < box.left + box.width / 2;
  });
  return { container, index: index < 0 ? others.length : index };
}

function showTarget(options: DragOptions, drag: Drag): void {
  if (!drag.target) return drag.placeholder.remove();
  const others = siblings(drag.target.container, options, drag.item);
  const before = others[drag.target.index] ?? null;
  if (before) drag.target.container.insertBefore(drag.placeholder, before);
  else {
    const last = others[others.length - 1];
    if (last) last.after(drag.placeholder);
    else drag.target.container.prepend(drag.placeholder);
  }
}

function scrollAtEdges(x: number, y: number): void {
  const under = document.elementFromPoint(x, y);
  for (let each = under; each; each = each.parentElement) {
    const box = each.getBoundingClientRect();
    if (each.scrollHeight > each.clientHeight && y < box.top + SCROLL_EDGE_PX) each.scrollTop -= SCROLL_STEP_PX;
    if (each.scrollHeight > each.clientHeight && y > box.bottom - SCROLL_EDGE_PX) each.scrollTop += SCROLL_STEP_PX;
    if (each.scrollWidth > each.clientWidth && x < box.left + SCROLL_EDGE_PX) each.scrollLeft -= SCROLL_STEP_PX;
    if (each.scrollWidth > each.clientWidth && x > box.right - SCROLL_EDGE_PX) each.scrollLeft += SCROLL_STEP_PX;
  }
}

function begin(item: HTMLElement, event: PointerEvent): Drag {
  const box = item.getBoundingClientRect();
  const ghost = item.cloneNode(true) as HTMLElement;
  ghost.removeAttribute("id");
  ghost.classList.add("ghost");
  ghost.style.width = `${box.width}px`;
  ghost.style.height = `${box.height}px`;
  document.body.append(ghost);
  const placeholder = document.createElement("div");
  placeholder.className = "placeholder";
  placeholder.style.height = `${box.height}px`;
  placeholder.style.width = `${box.width}px`;
  item.classList.add("dragged");
  document.body.classList.add("dragging");
  return { item, ghost, placeholder, offsetX: event.clientX - box.left, offsetY: event.clientY - box.top, target: undefined };
}

function end(drag: Drag): void {
  drag.ghost.remove();
  drag.placeholder.remove();
  drag.item.classList.remove("dragged");
  document.body.classList.remove("dragging");
}

/** True while something is dragged: views hold back what would pull it from under the pointer. */
export function isDragging(): boolean {
  return document.body.classList.contains("dragging");
}

export function enableDrag(options: DragOptions): void {
  options.root.addEventListener("pointerdown", (down) => {
    const handle = (down.target as Element).closest(options.handle);
    const item = handle?.closest<HTMLElement>(options.item);
    if (!item || down.button !== 0 || (down.target as Element).closest("input, textarea, select, .no-drag")) return;
    track(options, item, down);
  });
}

/** The click that follows a drag is not a click on the card. */
function swallowClick(): void {
  const swallow = (click: Event): void => click.stopPropagation();
  addEventListener("click", swallow, { capture: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
}

function track(options: DragOptions, item: HTMLElement, down: PointerEvent): void {
  let drag: Drag | undefined;
  let held = down.pointerType !== "touch";
  const holdTimer = setTimeout(() => (held = true), TOUCH_HOLD_MS);

  const move = (event: PointerEvent): void => {
    const distance = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
    if (!drag) {
      if (distance < START_DISTANCE_PX) return;
      if (!held) return stop();
      drag = begin(item, down);
    }
    event.preventDefault();
    drag.ghost.style.transform = `translate(${event.clientX - drag.offsetX}px, ${event.clientY - drag.offsetY}px)`;
    drag.target = findTarget(options, drag, event.clientX, event.clientY);
    showTarget(options, drag);
    scrollAtEdges(event.clientX, event.clientY);
  };
  const up = (): void => {
    const done = drag;
    stop();
    if (!done) return;
    swallowClick();
    if (done.target) options.dropped(item, done.target);
  };
  const cancel = (event: KeyboardEvent): void => {
    if (event.key === "Escape") stop();
  };
  const holdStill = (event: TouchEvent): void => {
    if (drag) event.preventDefault();
  };
  const stop = (): void => {
    clearTimeout(holdTimer);
    if (drag) end(drag);
    drag = undefined;
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", stop);
    removeEventListener("keydown", cancel);
    removeEventListener("touchmove", holdStill);
    dispatchEvent(new Event("drag-ended"));
  };
  addEventListener("pointermove", move, { passive: false });
  addEventListener("pointerup", up);
  addEventListener("pointercancel", stop);
  addEventListener("keydown", cancel);
  addEventListener("touchmove", holdStill, { passive: false });
}
