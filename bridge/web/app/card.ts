/* One card of a list. */
import type { Task } from "../client/protocol";
import { element } from "./dom";
import { avatar } from "./people";

const DAY_MS = 86_400_000;

/** Says how urgent a date is, for its colour. */
export function dueClass(task: Task, now = Date.now()): string {
  if (task.completed_at) return "done";
  const left = new Date(task.due_date as string).getTime() - now;
  if (left < 0) return "overdue";
  return left < 2 * DAY_MS ? "soon" : "later";
}

export function dayText(date: string): string {
  const day = new Date(date);
  const sameYear = day.getFullYear() === new Date().getFullYear();
  return day.toLocaleDateString(undefined, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/* Drawn, not typed: not every machine has a font with the signs. */
const ICONS = {
  check: "M2 8.5 6 12.5 14 4",
  comment: "M2 3h12v8H8l-4 3v-3H2z",
};

function icon(name: keyof typeof ICONS): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function badge(classes: string, label: string, ...content: (Node | string)[]): HTMLElement {
  return element("span", { class: `badge ${classes}`, title: label, aria: { label } }, ...content);
}

function badges(task: Task, nameOf: (userId: number) => string): HTMLElement {
  const { total, checked } = task.checklist_counts;
  return element("div", { class: "badges" },
    task.priority && badge(`priority ${task.priority}`, `Priority ${task.priority}`, task.priority),
    task.due_date && badge(`due ${dueClass(task)}`, `Due ${new Date(task.due_date).toLocaleString()}`, dayText(task.due_date)),
    total > 0 && badge(checked === total ? "done" : "", `${checked} of ${total} checklist items done`, icon("check"), `${checked}/${total}`),
    task.comments_count > 0 && badge("", `${task.comments_count} comments`, icon("comment"), `${task.comments_count}`),
    element("span", { class: "badge-space" }),
    ...task.assignees.slice(0, 4).map((userId) => avatar(userId, nameOf(userId))),
  );
}

export function labelChips(task: Task): HTMLElement | false {
  if (task.labels.length === 0) return false;
  return element("div", { class: "labels" },
    ...task.labels.map((label) =>
      element("span", { class: `label color-${label.color.replace(/[^a-z_]/g, "")}`, title: label.name || label.color }, label.name)),
  );
}

export function cardElement(task: Task, nameOf: (userId: number) => string): HTMLElement {
  const card = element("li", { class: `card${task.pending ? " pending" : ""}${task.completed_at ? " completed" : ""}` },
    element("button", { type: "button", class: "card-open" },
      labelChips(task),
      element("span", { class: "card-title" }, task.title),
      badges(task, nameOf),
    ),
    element("button", { type: "button", class: "card-menu quiet no-drag", aria: { label: `Move “${task.title}”`, haspopup: "menu" } }, "⋯"),
  );
  card.dataset.task = task.id;
  return card;
}
