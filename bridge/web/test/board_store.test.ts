import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BoardStore } from "../client/board_store";
import { board, event, order, positionsAreIndexes, task } from "./fixture";

let sent: any[];
let store: BoardStore;
const listener = { changed: vi.fn(), refused: vi.fn(), conflicted: vi.fn(), applied: vi.fn() };

afterEach(() => {
  vi.useRealTimers();
});
beforeEach(() => {
  vi.clearAllMocks();
  sent = [];
  store = new BoardStore("board", listener, (message) => sent.push(message));
  store.receive({ type: "BOARD_STATE", payload: { board: board(), version: 10, event: "mark-10", active_users: [] } });
});

const moved = (version: number, id: string, to: string, position: number, commandId?: string) =>
  event("TASK_MOVED", version, {
    task_id: id, to_list_id: to, new_position: position, status: "todo", completed_at: null,
    ...(commandId ? { command_id: commandId } : {}),
  });

describe("BoardStore", () => {
  it("shows a command at once and settles it with the ACK", () => {
    const id = store.execute("MOVE_TASK", { task_id: "a", to_list_id: "l1", new_position: 0 });
    expect(order(store.view!)).toBe("b c|a d|");
    expect(order(store.confirmed!)).toBe("a b c|d|");
    expect(sent).toEqual([{ id, type: "MOVE_TASK", payload: { board_id: "board", task_id: "a", to_list_id: "l1", new_position: 0 } }]);
    store.receive({ type: "ACK", payload: { command_id: id, changed: true, replayed: false, events: [moved(11, "a", "l1", 0, id)] } });
    expect(order(store.confirmed!)).toBe("b c|a d|");
    expect(store.pending).toEqual([]);
    expect(listener.applied).not.toHaveBeenCalled();
  });
  it("puts others' events under what is pending", () => {
    store.execute("MOVE_TASK", { task_id: "a", to_list_id: "l1", new_position: 0 });
    store.receive(moved(11, "d", "l2", 0));
    expect(order(store.view!)).toBe("b c|a|d");
    expect(listener.applied).toHaveBeenCalledTimes(1);
  });
  it("rolls back on a conflict and keeps later commands", () => {
    const first = store.execute("UPDATE_TASK", { task_id: "a", updates: { title: "Mine" } });
    store.execute("MOVE_TASK", { task_id: "b", to_list_id: "l2", new_position: 0 });
    store.receive({ type: "CONFLICT_ERROR", payload: { command: "UPDATE_TASK", command_id: first, current: null } });
    expect(store.view!.lists[0].tasks[0].title).toBe("Task a");
    expect(order(store.view!)).toBe("a c|d|b");
    expect(listener.conflicted).toHaveBeenCalledTimes(1);
  });
  it("tells of a refusal", () => {
    const id = store.execute("CREATE_TASK", { list_id: "l0", title: "Too many" });
    expect(order(store.view!)).toBe(`a b c pending-${id}|d|`);
    store.receive({ type: "ERROR", payload: { command: "CREATE_TASK", command_id: id, code: "rule", message: "full" } });
    expect(order(store.view!)).toBe("a b c|d|");
    expect(listener.refused.mock.calls[0][0].code).toBe("rule");
  });
  it("applies each version once, in order, and asks for what is missing", () => {
    store.receive(moved(11, "a", "l1", 0));
    store.receive(moved(11, "a", "l2", 0));
    expect(order(store.confirmed!)).toBe("b c|a d|");
    store.receive(moved(13, "d", "l2", 0));
    expect(store.confirmed!.version).toBe(11);
    expect(sent.at(-1)).toEqual({ type: "GET_EVENTS", payload: { board_id: "board", after_version: 11 } });
    store.receive({ type: "BOARD_EVENTS", payload: { has_more: false, events: [moved(12, "b", "l2", 0), moved(13, "d", "l2", 0)] } });
    expect(store.confirmed!.version).toBe(13);
    expect(order(store.confirmed!)).toBe("c|a|d b");
  });
  it("asks once for a gap, page by page, until it has everything it heard of", () => {
    store.receive(moved(20, "a", "l1", 0));
    store.receive(moved(21, "d", "l2", 0));
    expect(sent).toHaveLength(1);
    const page = (from: number, to: number): void => {
      const events = Array.from({ length: to - from + 1 }, (_, index) => moved(from + index, "b", "l0", 0));
      store.receive({ type: "BOARD_EVENTS", payload: { events, has_more: to < 20 } });
    };
    page(11, 15);
    expect(sent.at(-1)).toEqual({ type: "GET_EVENTS", payload: { board_id: "board", after_version: 15 } });
    page(16, 20); /* 21 had come after the page was read, and was dropped */
    expect(sent.at(-1)).toEqual({ type: "GET_EVENTS", payload: { board_id: "board", after_version: 20 } });
    page(21, 21);
    expect(store.confirmed!.version).toBe(21);
    expect(sent).toHaveLength(3);
  });
  it("tries again what the server could not just now: joining, fetching, commands", async () => {
    vi.useFakeTimers();
    const refuse = (command: string, commandId?: string): void =>
      store.receive({ type: "ERROR", payload: { command, command_id: commandId, code: "unavailable", message: "", retry_after_ms: 700 } });
    const id = store.execute("DELETE_TASK", { task_id: "a" });
    store.receive(moved(20, "b", "l1", 0));
    refuse("DELETE_TASK", id);
    refuse("GET_EVENTS");
    expect(sent.map((message) => message.type)).toEqual(["DELETE_TASK", "GET_EVENTS"]);
    await vi.advanceTimersByTimeAsync(700);
    expect(sent.map((message) => message.type)).toEqual(["DELETE_TASK", "GET_EVENTS", "DELETE_TASK", "GET_EVENTS"]);
    expect(sent[2].id).toBe(id);
    store.disconnected();
    refuse("JOIN_BOARD");
    expect(store.situation).toBe("joining");
    await vi.advanceTimersByTimeAsync(700);
    expect(sent.at(-1)).toEqual(store.joinMessage());
    refuse("JOIN_BOARD");
    store.disconnected(); /* a new connection joins by itself */
    const count = sent.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(count);
    expect(listener.refused).not.toHaveBeenCalled();
  });
  it("names its own change as seen, so that moving a card twice is no conflict", () => {
    const first = store.execute("MOVE_TASK", { task_id: "a", to_list_id: "l1", new_position: 0, version: 10 });
    const second = store.execute("MOVE_TASK", { task_id: "a", to_list_id: "l2", new_position: 0, version: 10 });
    expect(order(store.view!)).toBe("b c|d|a");
    expect(sent.map((message) => message.id)).toEqual([first]);
    store.receive({ type: "ACK", payload: { command_id: first, changed: true, replayed: false, version: 11, events: [moved(11, "a", "l1", 0, first)] } });
    expect(sent.at(-1)).toMatchObject({ id: second, payload: { version: 11 } });
    expect(order(store.view!)).toBe("b c|d|a");
  });
  it("an ACK that is replayed or changed nothing only settles", () => {
    const id = store.execute("MOVE_TASK", { task_id: "a", to_list_id: "l1", new_position: 0 });
    store.receive({ type: "ACK", payload: { command_id: id, changed: true, replayed: true, events: [moved(8, "a", "l1", 0, id)] } });
    expect(store.confirmed!.version).toBe(10);
    expect(store.pending).toEqual([]);
  });
  it("joins again from the version it has and resends what is pending under the same id", () => {
    store.receive(moved(11, "a", "l1", 0));
    store.disconnected();
    expect(store.joinMessage().payload).toEqual({ board_id: "board", since_version: 11, since_event: "mark-11" });
    const id = store.execute("DELETE_TASK", { task_id: "c" });
    expect(sent).toEqual([]);
    store.receive({ type: "BOARD_EVENTS", payload: { events: [moved(12, "b", "l1", 0)], has_more: true } });
    expect(sent).toEqual([]);
    store.receive({ type: "BOARD_EVENTS", payload: { events: [], has_more: false } });
    expect(sent).toEqual([{ id, type: "DELETE_TASK", payload: { board_id: "board", task_id: "c" } }]);
    expect(order(store.view!)).toBe("|b a d|");
  });
  it("does not resend a command whose event came while it was away", () => {
    const id = store.execute("MOVE_TASK", { task_id: "a", to_list_id: "l2", new_position: 0 });
    store.disconnected();
    sent.length = 0;
    store.receive({ type: "BOARD_EVENTS", payload: { events: [moved(11, "a", "l2", 0, id)], has_more: false } });
    expect(sent).toEqual([]);
    expect(store.pending).toEqual([]);
  });
  it("a state replaces everything and keeps what is pending on top", () => {
    store.execute("CREATE_LIST", { name: "Mine" });
    const fresh = { ...board(), version: 99 };
    store.receive({ type: "BOARD_STATE", payload: { board: fresh, version: 99, event: "mark-99", reset: true } });
    expect(store.confirmed!.version).toBe(99);
    expect(store.view!.lists.at(-1)!.name).toBe("Mine");
  });
  it("knows who is here", () => {
    store.receive({ type: "PRESENCE", payload: { board_id: "board", users: [{ user_id: 1, username: "Alice" }] } });
    store.receive({ type: "USER_JOINED", payload: { board_id: "board", user: { user_id: 2, username: "Bob" } } });
    store.receive({ type: "USER_LEFT", payload: { board_id: "board", user_id: 1 } });
    expect([...store.users.values()]).toEqual([{ user_id: 2, username: "Bob" }]);
  });
  it("says when the board cannot be joined", () => {
    store.receive({ type: "ERROR", payload: { command: "JOIN_BOARD", code: "not_found", message: "board not found or access denied" } });
    expect(store.situation).toBe("unavailable");
  });
  it("ends in the server's state, however commands and events interleave", () => {
    let seed = 20261121;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    for (let round = 0; round < 60; round++) {
      store = new BoardStore("board", listener, () => undefined);
      store.receive({ type: "BOARD_STATE", payload: { board: board(), version: 10, event: "m", active_users: [] } });
      const server = new BoardStore("server", listener, () => undefined);
      server.receive({ type: "BOARD_STATE", payload: { board: board(), version: 10, event: "m", active_users: [] } });
      let version = 10;
      for (let step = 0; step < 30; step++) {
        const id = "abcd"[random(4)];
        const to = `l${random(3)}`;
        const position = random(4);
        const at = random(3);
        if (at === 0) store.execute("MOVE_TASK", { task_id: id, to_list_id: to, new_position: position });
        const own = at === 1 ? store.pending[0] : undefined;
        const payload = own?.payload ?? { task_id: id, to_list_id: to, new_position: position };
        if (at === 0) continue;
        if (own && random(4) === 0) {
          store.receive({ type: "ERROR", payload: { command_id: own.id, code: "rule", message: "" } });
          continue;
        }
        const happened = moved(++version, payload.task_id, payload.to_list_id, payload.new_position, own?.id);
        server.receive(happened);
        if (own) store.receive({ type: "ACK", payload: { command_id: own.id, changed: true, replayed: false, events: [happened] } });
        else store.receive(happened);
      }
      for (const command of [...store.pending]) store.receive({ type: "ERROR", payload: { command_id: command.id, code: "rule", message: "" } });
      expect(order(store.view!)).toBe(order(server.view!));
      expect(positionsAreIndexes(store.view!)).toBe(true);
    }
  });
  it("gives a task that is made and moved before its ACK no chance to be lost", () => {
    const id = store.execute("CREATE_TASK", { list_id: "l0", title: "New" });
    store.receive(event("TASK_CREATED", 11, { task: task("x", "l1", 0), list_id: "l1" }));
    store.receive({
      type: "ACK",
      payload: { command_id: id, changed: true, replayed: false, events: [event("TASK_CREATED", 12, { task: task("n", "l0", 3), list_id: "l0", command_id: id })] },
    });
    expect(order(store.view!)).toBe("a b c n|x d|");
  });
});
