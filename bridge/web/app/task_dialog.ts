/*
 * The card's dialog. What was typed is kept until it is saved or the dialog is closed on purpose; only changed fields
 * are sent, with the version the person had seen.
 */
import type { BoardStore } from "../client/board_store";
import type { Task } from "../client/protocol";
import { findTask } from "../client/reduce";
import { element } from "./dom";

const PRIORITIES = ["", "low", "medium", "high", "urgent"];

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
    description: element("textarea", { value: task.description ?? "", rows: 7 }),
    priority: element("select", {}, ...PRIORITIES.map((name) =>
      element("option", { value: name, selected: (task.priority ?? "") === name }, name || "none"))),
    due: element("input", { type: "datetime-local", value: localInputValue(task.due_date) }),
  };
}

function changedFields(task: Task, fields: Fields): Record<string, unknown> {
  const updates: Record<string, unknown> = {};
  if (fields.title.value.trim() !== task.title) updates.title = fields.title.value.trim();
  if (fields.description.value !== (task.description ?? "")) updates.description = fields.description.value;
  if (fields.priority.value !== (task.priority ?? "")) updates.priority = fields.priority.value || null;
  if (fields.due.value !== localInputValue(task.due_date))
    updates.due_date = fields.due.value ? new Date(fields.due.value).toISOString() : null;
  return updates;
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

export function openTaskDialog(store: BoardStore, task: Task, draft?: Record<string, unknown>): void {
  if (task.version === 0) return; /* not yet confirmed */
  const seen = store.confirmed?.version;
  const fields = makeFields(task);
  if (typeof draft?.title === "string") fields.title.value = draft.title;
  if (typeof draft?.description === "string") fields.description.value = draft.description;
  const remove = element("button", { type: "button", class: "danger" }, "Delete");
  const dialog = element("dialog", { class: "dialog", aria: { label: `Card ${task.title}` } },
    element("form", { method: "dialog" },
      element("label", {}, "Title", fields.title),
      element("label", {}, "Description (Markdown)", fields.description),
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
  remove.onclick = () => {
    if (remove.classList.contains("sure")) {
      store.execute("DELETE_TASK", { task_id: task.id, version: seen });
      return dialog.close("");
    }
    remove.classList.add("sure");
    remove.textContent = "Really delete?";
  };
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
export function reopenTaskDialog(store: BoardStore, taskId: string, draft: Record<string, unknown>): void {
  const task = store.view && findTask(store.view, taskId);
  if (task) openTaskDialog(store, task, draft);
}
