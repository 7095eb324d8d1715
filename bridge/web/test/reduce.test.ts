import { describe, expect, it } from "vitest";
import { findTask, mergePatch, reduce } from "../client/reduce";
import { board, event, list, order, positionsAreIndexes, task } from "./fixture";

describe("reduce", () => {
  it("takes the version of every event, known or not", () => {
    const after = reduce(board(), event("SOMETHING_NEW", 11));
    expect(after.version).toBe(11);
    expect(order(after)).toBe("a b c|d|");
  });
  it("creates a task at its position", () => {
    const after = reduce(board(), event("TASK_CREATED", 11, { task: task("x", "l0", 1), list_id: "l0" }));
    expect(order(after)).toBe("a x b c|d|");
    expect(positionsAreIndexes(after)).toBe(true);
  });
  it.each([
    ["a", "l0", 2, "b c a|d|"], ["c", "l0", 0, "c a b|d|"], ["b", "l0", 1, "a b c|d|"],
    ["a", "l1", 0, "b c|a d|"], ["a", "l1", 1, "b c|d a|"], ["d", "l2", 0, "a b c||d"], ["d", "l0", 99, "a b c d||"],
  ])("moves %s to %s at %i", (id, to, position, expected) => {
    const after = reduce(board(), event("TASK_MOVED", 11, {
      task_id: id, from_list_id: "?", to_list_id: to, new_position: position, status: "todo", completed_at: null,
    }));
    expect(order(after)).toBe(expected);
    expect(positionsAreIndexes(after)).toBe(true);
    expect(findTask(after, id)?.version).toBe(11);
  });
  it("updates fields, and moves where the status led", () => {
    const after = reduce(board(), event("TASK_UPDATED", 11, {
      task_id: "b", updates: { title: "New", status: "done", completed_at: "2026-02-02T00:00:00Z", config: { k: 1 } },
      from_list_id: "l0", to_list_id: "l2", new_position: 0,
    }));
    expect(order(after)).toBe("a c|d|b");
    expect(findTask(after, "b")).toMatchObject({ title: "New", status: "done", config: { k: 1 }, version: 11, list_id: "l2" });
  });
  it("deletes and archives", () => {
    expect(order(reduce(board(), event("TASK_DELETED", 11, { task_id: "b", list_id: "l0" })))).toBe("a c|d|");
    expect(order(reduce(board(), event("TASK_ARCHIVED", 11, { task_id: "d", list_id: "l1" })))).toBe("a b c||");
    expect(order(reduce(board(), event("LIST_ARCHIVED", 11, { list_id: "l0" })))).toBe("d|");
  });
  it("creates and moves lists", () => {
    const created = reduce(board(), event("LIST_CREATED", 11, { list: list("new", 1, []), position: 1 }));
    expect(created.lists.map((each) => each.id)).toEqual(["l0", "new", "l1", "l2"]);
    const moved = reduce(created, event("LIST_MOVED", 12, { list_id: "l0", new_position: 3 }));
    expect(moved.lists.map((each) => each.id)).toEqual(["new", "l1", "l2", "l0"]);
    expect(positionsAreIndexes(moved)).toBe(true);
  });
  it("counts comments and checklist items", () => {
    const items = [{ checked: true }, { checked: false }].map((each, position) => ({ id: String(position), text: "", due_date: null, assigned_to: null, position, ...each }));
    let after = reduce(board(), event("COMMENT_ADDED", 11, { comment: { task_id: "a" } }));
    after = reduce(after, event("CHECKLIST_CREATED", 12, { task_id: "a", checklist: { id: "k", name: "", position: 0, items } }));
    expect(findTask(after, "a")).toMatchObject({ comments_count: 1, checklist_counts: { total: 2, checked: 1 } });
  });
  it("leaves the old board and what did not change as they were", () => {
    const before = board();
    const copy = structuredClone(before);
    const after = reduce(before, event("TASK_DELETED", 11, { task_id: "d" }));
    expect(before).toEqual(copy);
    expect(after.lists[0]).toBe(before.lists[0]);
  });
  it("ignores events about tasks it does not show", () => {
    const after = reduce(board(), event("TASK_MOVED", 11, { task_id: "archived", to_list_id: "l1", new_position: 0 }));
    expect(order(after)).toBe("a b c|d|");
  });
});

describe("mergePatch follows RFC 7396", () => {
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }], [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }], [{ a: "b" }, { a: null }, {}],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }], [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j", (target, patch, expected) => expect(mergePatch(target, patch)).toEqual(expected));
});
