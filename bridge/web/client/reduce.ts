/*
 * What an event does to a board: pure, the old board stays as it was. Unchanged lists and tasks keep their identity, so
 * that a view can tell by === what to draw again.
 */
import type { Board, BoardEvent, Checklist, EventPayload, List, Task } from "./protocol";

/** Positions are indexes: counted again wherever a list of things has changed. */
function renumber<T extends { position: number }>(things: T[]): T[] {
  return things.map((thing, index) => (thing.position === index ? thing : { ...thing, position: index }));
}

function insertAt<T>(things: T[], index: number, thing: T): T[] {
  const at = Math.max(0, Math.min(index, things.length));
  return [...things.slice(0, at), thing, ...things.slice(at)];
}

function changeList(board: Board, id: string, change: (list: List) => List): Board {
  return { ...board, lists: board.lists.map((list) => (list.id === id ? change(list) : list)) };
}

export function findTask(board: Board, id: string): Task | undefined {
  for (const list of board.lists) {
    const task = list.tasks.find((candidate) => candidate.id === id);
    if (task) return task;
  }
  return undefined;
}

export function changeTask(board: Board, id: string, change: (task: Task) => Task): Board {
  const task = findTask(board, id);
  if (!task) return board;
  return changeList(board, task.list_id, (list) => ({
    ...list,
    tasks: list.tasks.map((candidate) => (candidate.id === id ? change(candidate) : candidate)),
  }));
}

export function addTask(board: Board, task: Task): Board {
  return changeList(board, task.list_id, (list) => ({
    ...list,
    tasks: renumber(insertAt(list.tasks, task.position, task)),
  }));
}

export function removeTask(board: Board, id: string): Board {
  const task = findTask(board, id);
  if (!task) return board;
  return changeList(board, task.list_id, (list) => ({
    ...list,
    tasks: renumber(list.tasks.filter((candidate) => candidate.id !== id)),
  }));
}

/** A task that comes from an archived list, or goes to one, is only removed or stays away. */
export function moveTask(board: Board, id: string, listId: string, position: number, changes: Partial<Task> = {}): Board {
  const task = findTask(board, id);
  if (!task) return board;
  return addTask(removeTask(board, id), { ...task, ...changes, list_id: listId, position });
}

export function addList(board: Board, list: List): Board {
  return { ...board, lists: renumber(insertAt(board.lists, list.position, list)) };
}

export function moveList(board: Board, id: string, position: number): Board {
  const list = board.lists.find((candidate) => candidate.id === id);
  if (!list) return board;
  const others = board.lists.filter((candidate) => candidate.id !== id);
  return { ...board, lists: renumber(insertAt(others, position, list)) };
}

/** RFC 7396: objects merge, null removes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** The fields of UPDATE_TASK, or of TASK_UPDATED, put on a task. */
export function applyUpdates(task: Task, updates: Record<string, unknown>): Task {
  const changed = { ...task, ...updates } as Task;
  if ("config" in updates) changed.config = mergePatch(task.config ?? {}, updates.config) as Record<string, unknown>;
  return changed;
}

function taskUpdated(board: Board, payload: EventPayload): Board {
  const id = payload.task_id as string;
  const updates = payload.updates as Record<string, unknown>;
  const stamp = { version: payload.version, updated_at: payload.timestamp };
  const changed = changeTask(board, id, (task) => ({ ...applyUpdates(task, updates), ...stamp }));
  if (typeof payload.to_list_id !== "string") return changed;
  return moveTask(changed, id, payload.to_list_id, payload.new_position as number);
}

function taskMoved(board: Board, payload: EventPayload): Board {
  return moveTask(board, payload.task_id as string, payload.to_list_id as string, payload.new_position as number, {
    status: payload.status as Task["status"],
    completed_at: payload.completed_at as string | null,
    version: payload.version,
    updated_at: payload.timestamp,
  });
}

function checklistCreated(board: Board, payload: EventPayload): Board {
  const checklist = payload.checklist as Checklist;
  return changeTask(board, payload.task_id as string, (task) => ({
    ...task,
    checklists: [...(task.checklists ?? []), checklist],
    checklist_counts: {
      total: task.checklist_counts.total + checklist.items.length,
      checked: task.checklist_counts.checked + checklist.items.filter((item) => item.checked).length,
    },
  }));
}

function change(board: Board, type: string, payload: EventPayload): Board {
  switch (type) {
    case "BOARD_CREATED":
      return { ...board, ...(payload.board as Board) };
    case "LABEL_CREATED":
      return { ...board, labels: [...board.labels, payload.label as Board["labels"][number]] };
    case "LIST_CREATED":
      return addList(board, { ...(payload.list as List), position: payload.position as number });
    case "LIST_MOVED":
      return moveList(board, payload.list_id as string, payload.new_position as number);
    case "LIST_ARCHIVED":
      return { ...board, lists: renumber(board.lists.filter((list) => list.id !== payload.list_id)) };
    case "TASK_CREATED":
      return addTask(board, payload.task as Task);
    case "TASK_UPDATED":
      return taskUpdated(board, payload);
    case "TASK_MOVED":
      return taskMoved(board, payload);
    case "TASK_ARCHIVED":
    case "TASK_DELETED":
      return removeTask(board, payload.task_id as string);
    case "CHECKLIST_CREATED":
      return checklistCreated(board, payload);
    case "COMMENT_ADDED":
      return changeTask(board, (payload.comment as { task_id: string }).task_id, (task) => ({
        ...task,
        comments_count: task.comments_count + 1,
      }));
    default:
      return board; /* an event of a newer server: only the version is taken */
  }
}

/** The board after the event. The caller sees to the order: version is the board's plus one. */
export function reduce(board: Board, event: BoardEvent): Board {
  const changed = change(board, event.type, event.payload);
  return { ...changed, version: event.payload.version, updated_at: event.payload.timestamp };
}
