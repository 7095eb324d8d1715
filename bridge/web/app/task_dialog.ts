/*
 * The card's dialog. What was typed is kept until it is saved or the dialog is closed on purpose; only changed fields
 * are sent, with the version the person had seen.
 */
import type { BoardStore } from "../client/board_store";
import type { Task } from "../client/protocol";
import { findTask } from "../client/reduce";
import { labelChips } from "./card";
import { element } from "./dom";
import { avatar } from "./people";

const PRIORITIES = ["", "low", "medium", "high", "urgent"];

/** What the person had typed when it was refused. */
export type Draft = Record<string, unknown>;

export interface TaskDialogOptions {
  store: BoardStore;
  task: Task;
  nameOf(userId: number): string;
  draft?: Draft;
}

interface Fields {
  title: HTMLInputElement;
  description: HTMLTextAreaElement;
  priority: HTMLSelectElement;
  due: HTMLInputElement;
}

/** The local date and time as the input wants it. */
function localInputValue(date: string | null): string {
  if (!date) return "";
  const time = new Date(date);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function makeFields(task: Task): Fields {
  return {
    title: element("input", { value: task.title, maxLength: 500, required: true, autocomplete: "off" }),
    description: element("textarea", { value: task.description ?? "", rows: 8 }),
    priority: element("select", {}, ...PRIORITIES.map((name) =>
      element("option", { value: name, selected: (task.priority ?? "") === name }, name || "none"))),
    due: element("input", { type: "datetime-local", value: localInputValue(task.due_date) }),
  };
}

function takeDraft(fields: Fields, draft: Draft): void {
  if (typeof draft.title === "string") fields.title.value = draft.title;
  if (typeof draft.description === "string") fields.description.value = draft.description;
  if ("priority" in draft) fields.priority.value = (draft.priority as string | null) ?? "";
  if ("due_date" in draft) fields.due.value = localInputValue(draft.due_date as string | null);
}

function changedFields(task: Task, fields: Fields): Draft {
  const updates: Draft = {};
  if (fields.title.value.trim() !== task.title) updates.title = fields.title.value.trim();
  if (fields.description.value !== (task.description ?? "")) updates.description = fields.description.value;
  if (fields.priority.value !== (task.priority ?? "")) updates.priority = fields.priority.value || null;
  if (fields.due.value !== localInputValue(task.due_date))
    updates.due_date = fields.due.value ? new Date(fields.due.value).toISOString() : null;
  return updates;
}

/** After a conflict: what the field says now, below what the person wants it to say. */
function standing(draft: Draft | undefined, field: "title" | "description", task: Task): HTMLElement | undefined {
  if (draft?.[field] === undefined || draft[field] === task[field]) return undefined;
  return element("span", { class: "standing" }, "Now: ", element("q", {}, task[field] || "(empty)"));
}

function summary({ store, task, nameOf }: TaskDialogOptions): HTMLElement {
  const list = store.view?.lists.find((each) => each.id === task.list_id);
  return element("div", { class: "summary" },
    element("span", {}, "in ", element("strong", {}, list?.name ?? "a list")),
    labelChips(task),
    element("span", { class: "bar-space" }),
    ...task.assignees.map((userId) => avatar(userId, nameOf(userId))),
  );
}

function checklists(task: Task): HTMLElement[] {
  return (task.checklists ?? []).map((checklist) =>
    element("section", { class: "checklist" },
      element("h3", {}, checklist.name),
      element("ul", {}, ...checklist.items.map((item) =>
        element("li", { class: item.checked ? "checked" : "open" }, item.text))),
    ),
  );
}

/** Asks once more in place: the first press arms it. */
function deleteButton(confirmed: () => void): HTMLButtonElement {
  const button = element("button", { type: "button", class: "danger" }, "Delete");
  button.onclick = () => {
    if (button.classList.contains("sure")) return confirmed();
    button.classList.add("sure");
    button.textContent = "Really delete?";
  };
  button.onblur = () => {
    button.classList.remove("sure");
    button.textContent = "Delete";
  };
  return button;
}

export function openTaskDialog(options: TaskDialogOptions): void {
  const { store, task, draft } = options;
  if (task.version === 0) return; /* not yet confirmed */
  const seen = store.confirmed?.version;
  const fields = makeFields(task);
  if (draft) takeDraft(fields, draft);
  const remove = deleteButton(() => {
    store.execute("DELETE_TASK", { task_id: task.id, version: seen });
    dialog.close("");
  });
  const dialog = element("dialog", { class: "dialog", aria: { label: `Card ${task.title}` } },
    element("form", { method: "dialog" },
      draft && element("p", { class: "banner", role: "alert" },
        "Someone else changed this card first, so yours was not saved. What you typed is still here: Save puts it over theirs."),
      summary(options),
      element("label", {}, "Title", fields.title, standing(draft, "title", task)),
      element("label", {}, "Description (Markdown)", fields.description, standing(draft, "description", task)),
      element("div", { class: "columns" },
        element("label", {}, "Priority", fields.priority),
        element("label", {}, "Due", fields.due)),
      ...checklists(task),
      element("div", { class: "actions" },
        element("button", { type: "submit", value: "save", class: "primary" }, "Save"),
        element("button", { type: "submit", value: "", formNoValidate: true }, "Cancel"),
        element("span", { class: "bar-space" }), remove),
    ),
  );
  dialog.onclose = () => {
    const updates = changedFields(task, fields);
    if (dialog.returnValue === "save" && Object.keys(updates).length > 0)
      store.execute("UPDATE_TASK", { task_id: task.id, updates, version: seen });
    dialog.remove();
  };
  document.body.append(dialog);
  dialog.showModal();
}

/** After a conflict: the card as it is now, with what the person had typed. */
export function reopenTaskDialog(options: Omit<TaskDialogOptions, "task"> & { taskId: string }): void {
  const task = options.store.view && findTask(options.store.view, options.taskId);
  if (task) openTaskDialog({ ...options, task });
}
