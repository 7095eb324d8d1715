import type { Board, BoardEvent, List, Task } from "../client/protocol";

export function task(id: string, listId: string, position: number, changes: Partial<Task> = {}): Task {
  return {
    id, board_id: "board", list_id: listId, title: `Task ${id}`, description: "", assigned_to: null, assignees: [],
    priority: null, start_date: null, due_date: null, status: "todo", completed_at: null, position, labels: [], config: {},
    checklist_counts: { total: 0, checked: 0 }, checklists: [], comments_count: 0, version: 1,
    created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z", ...changes,
  };
}

export function list(id: string, position: number, taskIds: string[]): List {
  return {
    id, name: `List ${id}`, position, category: position === 2 ? "done" : "todo", wip_limit: null, version: 1,
    tasks: taskIds.map((taskId, index) => task(taskId, id, index)),
  };
}

export function board(): Board {
  return {
    id: "board", name: "Board", description: "", workspace_id: "workspace", owner_id: 1, members: [1, 2], labels: [],
    lists: [list("l0", 0, ["a", "b", "c"]), list("l1", 1, ["d"]), list("l2", 2, [])], version: 10,
    updated_at: "2026-01-01T00:00:00Z",
  };
}

export function event(type: string, version: number, data: Record<string, unknown> = {}): BoardEvent {
  return {
    type,
    payload: { board_id: "board", version, event: `mark-${version}`, user_id: 2, username: "Bob", timestamp: "2026-02-02T00:00:00Z", ...data },
  };
}

/** The order of cards, list by list: "a b c|d|". */
export function order(of: Board): string {
  return of.lists.map((each) => each.tasks.map((one) => one.id).join(" ")).join("|");
}

export function positionsAreIndexes(of: Board): boolean {
  return of.lists.every((each, index) => each.position === index && each.tasks.every((one, at) => one.position === at && one.list_id === each.id));
}
