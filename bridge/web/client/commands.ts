/*
 * What a command will probably do: shown at once, thrown away when the server has answered.
 */
import type { PendingCommand } from "./outbox";
import type { Board, List, Task } from "./protocol";
import { addList, addTask, applyUpdates, changeTask, findTask, moveList, moveTask, removeTask } from "./reduce";

function newTask(command: PendingCommand, list: List): Task {
  const { payload } = command;
  const now = new Date().toISOString();
  return {
    id: `pending-${command.id}`,
    board_id: payload.board_id,
    list_id: list.id,
    title: payload.title,
    description: payload.description ?? "",
    assigned_to: null,
    assignees: [],
    priority: payload.priority ?? null,
    start_date: null,
    due_date: payload.due_date ?? null,
    status: list.category,
    completed_at: null,
    position: payload.position ?? list.tasks.length,
    labels: [],
    config: {},
    checklist_counts: { total: 0, checked: 0 },
    comments_count: 0,
    version: 0,
    created_at: now,
    updated_at: now,
    pending: true,
  };
}

/** The board as it would be; a command whose thing is gone meanwhile changes nothing. */
export function applyPending(board: Board, command: PendingCommand): Board {
  const { payload } = command;
  switch (command.type) {
    case "CREATE_TASK": {
      const list = board.lists.find((candidate) => candidate.id === payload.list_id);
      return list ? addTask(board, newTask(command, list)) : board;
    }
    case "UPDATE_TASK":
      return changeTask(board, payload.task_id, (task) => ({ ...applyUpdates(task, payload.updates), pending: true }));
    case "MOVE_TASK": {
      const list = board.lists.find((candidate) => candidate.id === payload.to_list_id);
      if (!list || !findTask(board, payload.task_id)) return board;
      return moveTask(board, payload.task_id, list.id, payload.new_position ?? list.tasks.length, {
        status: list.category,
        pending: true,
      });
    }
    case "DELETE_TASK":
      return removeTask(board, payload.task_id);
    case "CREATE_LIST":
      return addList(board, {
        id: `pending-${command.id}`,
        name: payload.name,
        position: payload.position ?? board.lists.length,
        category: payload.category ?? "todo",
        wip_limit: null,
        version: 0,
        tasks: [],
      });
    case "MOVE_LIST":
      return moveList(board, payload.list_id, payload.new_position);
    default:
      return board;
  }
}
