/* The golden messages that the bridge's encoders and parsers are tested with: the client reads and writes the same. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../client/connection";
import type { BoardStore } from "../client/board_store";
import { FakeSocket, fakeBrowser } from "./fake_socket";

const read = (name: string): any => JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), "utf8"));
const server = Object.fromEntries(read("server_messages.json").cases.map((each: any) => [each.name, each.message]));
const BOARD = server.board_state.payload.board.id;
const TASK = server.conflict.payload.current.id;

let connection: Connection;
let store: BoardStore;
const listener = { changed: vi.fn(), refused: vi.fn(), conflicted: vi.fn(), cursorMoved: vi.fn() };
const say = (name: string, changes: Record<string, unknown> = {}): void =>
  FakeSocket.last.say(server[name].type, { ...server[name].payload, ...changes });

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  fakeBrowser();
  connection = new Connection({ url: "ws://here/ws", token: "a.b.c", listener: { stateChanged: vi.fn() } });
  connection.start();
  store = connection.join(BOARD, listener);
  FakeSocket.last.accept();
  say("welcome");
  say("board_state");
});
afterEach(() => {
  connection.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("from the server", () => {
  it("WELCOME names the heartbeat in seconds", async () => {
    await vi.advanceTimersByTimeAsync(29_999);
    expect(FakeSocket.last.sent.filter((message) => message.type === "HEARTBEAT")).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.last.sent.filter((message) => message.type === "HEARTBEAT")).toHaveLength(1);
  });
  it("BOARD_STATE makes the board and its people", () => {
    expect(store.view).toMatchObject({ id: BOARD, version: 44, name: "Board" });
    expect(store.mark).toBe("e44");
    expect([...store.users.values()].map((user) => user.username)).toEqual(["Al\"ice €\\\n", "Bob"]);
    say("board_state_reset");
    expect(store.users.size).toBe(0);
  });
  it("BOARD_EVENTS advances by what is new", () => {
    store.confirmed!.version = 42;
    say("board_events", { has_more: false });
    expect(store.confirmed!.version).toBe(44);
    say("board_events_empty");
    expect(store.confirmed!.version).toBe(44);
  });
  it("ACK advances and settles, whatever stands in it", () => {
    store.confirmed!.version = 42;
    const id = store.execute("MOVE_TASK", { task_id: TASK, to_list_id: "l", new_position: 0 });
    say("ack", { command_id: id });
    expect(store.confirmed!.version).toBe(44);
    expect(store.pending).toEqual([]);
    for (const name of ["ack_unchanged", "ack_echo", "ack_empty_body"]) {
      if (server[name].payload.command_id) say(name, { command_id: store.execute("DELETE_TASK", { task_id: TASK }) });
      else say(name);
      expect(store.pending).toEqual([]);
      expect(store.confirmed!.version).toBe(44);
    }
  });
  it("CONFLICT_ERROR and ERROR take the command back and say why", () => {
    const first = store.execute("MOVE_TASK", { task_id: TASK, to_list_id: "l", new_position: 0, version: 42 });
    say("conflict", { command_id: first });
    expect(listener.conflicted.mock.calls[0][0].current).toEqual({ id: TASK, version: 43 });
    const second = store.execute("DELETE_TASK", { task_id: TASK });
    say("error", { command_id: second });
    expect(listener.refused.mock.calls[0][0].code).toBe("unknown_type");
    expect(store.pending).toEqual([]);
  });
  it("presence and cursors", () => {
    say("presence");
    expect([...store.users.keys()]).toEqual([7, 8]);
    say("user_left");
    say("user_joined");
    expect([...store.users.keys()]).toEqual([8, 7]);
    say("cursor_update");
    say("cursor_update_no_task");
    expect(listener.cursorMoved.mock.calls.map(([cursor]) => cursor.task_id)).toEqual([TASK, undefined]);
  });
  it("what the page has no use for changes nothing", () => {
    const before = JSON.stringify(store.view);
    for (const name of ["board_removed", "task_focus", "task_focus_none", "notification", "read_result", "read_text", "read_refusal"]) say(name);
    expect(JSON.stringify(store.view)).toBe(before);
    expect([...store.users.keys()]).toEqual([7, 8]);
    expect(listener.conflicted.mock.calls).toEqual([]);
  });
  it("SERVER_SHUTDOWN says when to come back", async () => {
    say("server_shutdown", { reconnect_after_ms: 900 });
    FakeSocket.last.end(1001);
    await vi.advanceTimersByTimeAsync(899);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(2);
  });
});

describe("to the server", () => {
  /* What the bridge handles itself stands in the vectors, the database's commands in their table. */
  const fields = new Map<string, Set<string>>();
  for (const { type, fields: named } of read("client_messages.json").cases) {
    if (named) fields.set(type, new Set([...(fields.get(type) ?? []), ...Object.keys(named)]));
  }
  const table = readFileSync(new URL("../../../extension/command/commands.def", import.meta.url), "utf8");
  for (const entry of table.split(/^COMMAND\(/m).slice(1)) {
    const names = [...entry.matchAll(/FIELD\((\w+),/g)].map(([, name]) => name);
    fields.set(entry.match(/^\w+/)![0], new Set([...names, "board_id", "version"]));
  }

  it("everything it sends is in the table, with fields of that table", () => {
    const list = store.confirmed!.lists[0].id;
    store.execute("CREATE_TASK", { list_id: list, title: "New" });
    store.execute("CREATE_LIST", { name: "New" });
    store.execute("MOVE_LIST", { list_id: "other", new_position: 0, version: 44 });
    for (const [task, type, payload] of [
      ["a", "MOVE_TASK", { from_list_id: list, to_list_id: list, new_position: 0 }],
      ["b", "UPDATE_TASK", { updates: { title: "Other" } }],
      ["c", "DELETE_TASK", {}],
    ] as const) store.execute(type, { task_id: task, version: 44, ...payload });
    say("board_events", { events: [{ type: "TASK_MOVED", payload: { board_id: BOARD, version: 99, event: "e99" } }] });
    connection.send({ type: "CURSOR_MOVE", payload: { board_id: BOARD, x: 0, y: 0, task_id: TASK } });
    vi.advanceTimersByTime(30_000);
    connection.leave(BOARD);
    const { sent } = FakeSocket.last;
    expect(sent).toHaveLength(12);
    for (const { type, payload } of sent) {
      const known = fields.get(type);
      expect(known, type).toBeDefined();
      expect(Object.keys(payload).filter((name) => !known!.has(name)), type).toEqual([]);
    }
  });
});
