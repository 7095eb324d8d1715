/* The card's menu: every move and the deletion without a pointer. */
import type { BoardStore } from "../client/board_store";
import type { Task } from "../client/protocol";
import { announce, element } from "./dom";

export function openMoveMenu(store: BoardStore, task: Task, opener: HTMLElement): void {
  const lists = store.view?.lists ?? [];
  const list = element("select", {}, ...lists.map((each) =>
    element("option", { value: each.id, selected: each.id === task.list_id }, each.name)));
  const position = element("select", {});
  const fill = (): void => {
    const chosen = lists.find((each) => each.id === list.value);
    const others = (chosen?.tasks ?? []).filter((each) => each.id !== task.id).length;
    position.replaceChildren(...Array.from({ length: others + 1 }, (_, index) =>
      element("option", { value: String(index), selected: list.value === task.list_id && index === task.position }, String(index + 1))));
  };
  list.onchange = fill;
  fill();
  const dialog = element("dialog", { class: "dialog small", aria: { label: `Move ${task.title}` } },
    element("form", { method: "dialog" },
      element("h2", {}, "Move card"),
      element("label", {}, "List", list),
      element("label", {}, "Position", position),
      element("p", { class: "hint" }, "With a card focused, Alt and the arrow keys move it too."),
      element("div", { class: "actions" },
        element("button", { type: "submit", value: "move", class: "primary" }, "Move"),
        element("button", { type: "submit", value: "" }, "Cancel")),
    ),
  );
  dialog.onclose = () => {
    if (dialog.returnValue === "move") {
      store.execute("MOVE_TASK", {
        task_id: task.id, to_list_id: list.value, new_position: Number(position.value), version: store.confirmed?.version,
      });
      announce(`${task.title}: ${list.selectedOptions[0]?.textContent}, position ${Number(position.value) + 1}`);
    }
    dialog.remove();
    opener.isConnected && opener.focus();
  };
  document.body.append(dialog);
  dialog.showModal();
}
