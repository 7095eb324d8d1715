/*
 * Dragging cards and lists with mouse, pen or finger. A ghost follows the pointer; a placeholder of the same size, first in
 * the hidden original's place, shows where it would land. A finger first rests on the thing, so that a swipe still scrolls.
 * Keyboards use the card's menu and shortcuts instead (board_view.ts).
 */

const START_DISTANCE_PX = 6;
const TOUCH_HOLD_MS = 220;
const SCROLL_EDGE_PX = 48;
const SCROLL_STEP_PX = 12;

export interface DropTarget {
  container: Element;
  /** Among the other things there; before the one named next, or at the end. */
  index: number;
  next: HTMLElement | undefined;
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
  /** Of the pointer in the thing, then on the screen. */
  offsetX: number;
  offsetY: number;
  x: number;
  y: number;
  target: DropTarget | undefined;
}

function siblings(container: Element, options: DragOptions, item: HTMLElement): HTMLElement[] {
  return Array.from(container.children).filter(
    (child): child is HTMLElement => child instanceof HTMLElement && child.matches(options.item) && child !== item,
  );
}

function findTarget(options: DragOptions, drag: Drag): DropTarget | undefined {
  const under = document.elementFromPoint(drag.x, drag.y);
  const column = under?.closest("[data-drop]");
  const container = under?.closest(options.container) ?? column?.querySelector(options.container);
  if (!container || !options.root.contains(container)) return undefined;
  const others = siblings(container, options, drag.item);
  const index = others.findIndex((other) => {
    const box = other.getBoundingClientRect();
    return options.axis === "y" ? drag.y < box.top + box.height / 2 : drag.x < box.left + box.width / 2;
  });
  return { container, index: index < 0 ? others.length : index, next: others[index] };
}

function showTarget(options: DragOptions, drag: Drag): void {
  if (!drag.target) return drag.item.before(drag.placeholder); /* nowhere: back home */
  const others = siblings(drag.target.container, options, drag.item);
  const before = others[drag.target.index] ?? null;
  if (before) drag.target.container.insertBefore(drag.placeholder, before);
  else {
    const last = others[others.length - 1];
    if (last) last.after(drag.placeholder);
    else drag.target.container.prepend(drag.placeholder);
  }
}

/** One step of scrolling where the pointer rests near an edge; true when something scrolled. */
function scrollAtEdges(drag: Drag): boolean {
  let hasScrolled = false;
  const step = (each: Element, side: "scrollTop" | "scrollLeft", by: number): void => {
    const before = each[side];
    each[side] += by;
    hasScrolled ||= each[side] !== before;
  };
  for (let each = document.elementFromPoint(drag.x, drag.y); each; each = each.parentElement) {
    const box = each.getBoundingClientRect();
    if (each.scrollHeight > each.clientHeight) {
      if (drag.y < box.top + SCROLL_EDGE_PX) step(each, "scrollTop", -SCROLL_STEP_PX);
      if (drag.y > box.bottom - SCROLL_EDGE_PX) step(each, "scrollTop", SCROLL_STEP_PX);
    }
    if (each.scrollWidth > each.clientWidth) {
      if (drag.x < box.left + SCROLL_EDGE_PX) step(each, "scrollLeft", -SCROLL_STEP_PX);
      if (drag.x > box.right - SCROLL_EDGE_PX) step(each, "scrollLeft", SCROLL_STEP_PX);
    }
  }
  return hasScrolled;
}

function begin(item: HTMLElement, event: PointerEvent): Drag {
  const box = item.getBoundingClientRect();
  const ghost = item.cloneNode(true) as HTMLElement;
  ghost.classList.add("ghost");
  ghost.style.width = `${box.width}px`;
  ghost.style.height = `${box.height}px`;
  document.body.append(ghost);
  const placeholder = document.createElement("div");
  placeholder.className = "placeholder";
  placeholder.style.height = `${box.height}px`;
  placeholder.style.width = `${box.width}px`;
  item.before(placeholder);
  item.classList.add("dragged");
  document.body.classList.add("dragging");
  return {
    item, ghost, placeholder, target: undefined,
    offsetX: event.clientX - box.left, offsetY: event.clientY - box.top, x: event.clientX, y: event.clientY,
  };
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

/** The click that follows a drag is not a click on the card. */
function swallowClick(): void {
  const swallow = (click: Event): void => click.stopPropagation();
  addEventListener("click", swallow, { capture: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
}

export function enableDrag(options: DragOptions): void {
  options.root.addEventListener("pointerdown", (down) => {
    const handle = (down.target as Element).closest(options.handle);
    const item = handle?.closest<HTMLElement>(options.item);
    if (!item || down.button !== 0 || !down.isPrimary || isDragging()) return;
    if ((down.target as Element).closest("input, textarea, select, .no-drag")) return;
    track(options, item, down);
  });
  /* The browser decides at the first touch whether a page may stop its scrolling: so these are there from the start. */
  const hold = (event: Event): void => {
    if (isDragging()) event.preventDefault();
  };
  options.root.addEventListener("touchmove", hold, { passive: false });
  options.root.addEventListener("contextmenu", hold);
}

/** Follows one pointer from its pressing to its release. */
function track(options: DragOptions, item: HTMLElement, down: PointerEvent): void {
  let drag: Drag | undefined;
  let frame = 0;
  const isTouch = down.pointerType === "touch";
  const holdTimer = isTouch ? setTimeout(() => lift(), TOUCH_HOLD_MS) : undefined;

  const lift = (): void => {
    drag = begin(item, down);
    show();
    frame = requestAnimationFrame(scroll);
  };
  const show = (): void => {
    if (!drag) return;
    drag.ghost.style.transform = `translate(${drag.x - drag.offsetX}px, ${drag.y - drag.offsetY}px)`;
    drag.target = findTarget(options, drag);
    showTarget(options, drag);
  };
  const scroll = (): void => {
    if (drag && scrollAtEdges(drag)) show();
    frame = requestAnimationFrame(scroll);
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== down.pointerId) return;
    if (!drag) {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < START_DISTANCE_PX) return;
      if (isTouch) return stop(); /* a swipe */
      lift();
    }
    Object.assign(drag as Drag, { x: event.clientX, y: event.clientY });
    event.preventDefault();
    show();
  };
  const up = (event: PointerEvent): void => {
    if (event.pointerId !== down.pointerId) return;
    const done = drag;
    stop();
    if (!done) return;
    swallowClick();
    if (done.target) options.dropped(item, done.target);
  };
  const cancel = (event: KeyboardEvent): void => {
    if (event.key === "Escape") stop();
  };
  const stop = (): void => {
    clearTimeout(holdTimer);
    cancelAnimationFrame(frame);
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", stop);
    removeEventListener("keydown", cancel);
    if (!drag) return;
    end(drag);
    drag = undefined;
    dispatchEvent(new Event("drag-ended"));
  };
  addEventListener("pointermove", move, { passive: false });
  addEventListener("pointerup", up);
  addEventListener("pointercancel", stop);
  addEventListener("keydown", cancel);
}
