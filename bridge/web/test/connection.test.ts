import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../client/connection";
import { FakeSocket, fakeBrowser } from "./fake_socket";
import { board } from "./fixture";

let page: ReturnType<typeof fakeBrowser>;
let connection: Connection;
let states: string[];
const listener = { stateChanged: vi.fn((state: string) => states.push(state)), welcomed: vi.fn() };
const boardListener = { changed: vi.fn(), refused: vi.fn() };

const socket = (): FakeSocket => FakeSocket.last;
const attempts = (): number => FakeSocket.all.length;
const typesSent = (): string[] => socket().sent.map((message) => message.type);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  page = fakeBrowser();
  states = [];
  listener.stateChanged.mockClear();
  boardListener.refused.mockClear();
  connection = new Connection({ url: "ws://here/ws", token: "a.b.c", listener });
  connection.start();
});
afterEach(() => {
  connection.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Live for long enough that losing it is a new outage. */
async function liveFor(ms = 60_000): Promise<void> {
  socket().welcome();
  for (let passed = 0; passed < ms; passed += 1000) {
    await vi.advanceTimersByTimeAsync(1000);
    socket().say("HEARTBEAT_ACK", {});
  }
}

describe("opening", () => {
  it("shows its token first, in a message and not in the address", () => {
    expect(socket().url).toBe("ws://here/ws");
    expect(socket().protocol).toBe("collab.v1");
    socket().accept();
    expect(socket().sent).toEqual([{ type: "AUTH", payload: { token: "a.b.c" } }]);
    socket().say("WELCOME", { user: { user_id: 1, username: "Alice" }, heartbeat_interval: 30 });
    expect(connection.state).toBe("live");
    expect(listener.welcomed).toHaveBeenCalledWith({ user_id: 1, username: "Alice" });
  });
  it.each([4001, 4010])("stops at close code %i: another token is needed", async (code) => {
    socket().accept();
    socket().say("ERROR", { code: "unauthenticated", message: "the token has expired" });
    socket().end(code);
    expect(connection.state).toBe("refused");
    expect(listener.stateChanged.mock.lastCall).toEqual(["refused", { code: "unauthenticated", message: "the token has expired" }]);
    await vi.advanceTimersByTimeAsync(600_000);
    dispatchEvent(new Event("online"));
    expect(attempts()).toBe(1);
  });
  it("tries again when no WELCOME comes", async () => {
    socket().accept();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket().isClosed).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(attempts()).toBe(2);
  });
  it("keeps a refusal before WELCOME from the boards, and tries again", async () => {
    connection.join("board", boardListener);
    socket().accept();
    socket().say("ERROR", { code: "unavailable", message: "the database is not available", retry_after_ms: 1000 });
    socket().end(1013);
    expect(boardListener.refused).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(500);
    expect(attempts()).toBe(2);
  });
});

describe("coming back", () => {
  it("first after 100 to 500 ms, then at most a second apart for 30 s, then ever slower, for ever", async () => {
    await liveFor();
    socket().end();
    expect(states.at(-1)).toBe("reconnecting");
    const started = Date.now();
    const times: number[] = [];
    while (Date.now() - started < 3_600_000) {
      const before = attempts();
      while (attempts() === before) await vi.advanceTimersByTimeAsync(10);
      times.push(Date.now() - started);
      socket().end();
    }
    const pauses = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(times[0]).toBeGreaterThanOrEqual(100);
    expect(times[0]).toBeLessThanOrEqual(510);
    expect(Math.max(...pauses.filter((_, index) => times[index] <= 30_000))).toBeLessThanOrEqual(1_010);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_010);
    expect(pauses.at(-1)).toBeGreaterThan(15_000);
  });
  it("when the server said it would be there again", async () => {
    await liveFor();
    socket().say("SERVER_SHUTDOWN", { reconnect_after_ms: 2_700 });
    socket().end(1001);
    await vi.advanceTimersByTimeAsync(2_690);
    expect(attempts()).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(attempts()).toBe(2);
  });
  it("at once when the machine is online again or the page is looked at", async () => {
    await liveFor();
    socket().end();
    dispatchEvent(new Event("online"));
    expect(attempts()).toBe(2);
    socket().end();
    page.hidden = true;
    page.dispatchEvent(new Event("visibilitychange"));
    expect(attempts()).toBe(2);
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    expect(attempts()).toBe(3);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(attempts()).toBe(3); /* the timer of the earlier attempt is gone */
    page.dispatchEvent(new Event("visibilitychange"));
    expect(attempts()).toBe(4); /* one that hangs is given up for a fresh one */
  });
  it("does not hammer a server that dies at every WELCOME", async () => {
    await liveFor();
    for (let i = 0; i < 100; i++) {
      socket().end();
      const before = attempts();
      while (attempts() === before) await vi.advanceTimersByTimeAsync(50);
      socket().welcome();
    }
    socket().end();
    const before = attempts();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(attempts()).toBe(before);
  });
  it("joins its boards from the version they have", async () => {
    const store = connection.join("board", boardListener);
    socket().welcome();
    expect(socket().sent.at(-1)).toEqual({ type: "JOIN_BOARD", payload: { board_id: "board" } });
    socket().say("BOARD_STATE", { board: { ...board(), id: "board" }, version: 10, event: "mark-10", active_users: [{ user_id: 1, username: "Alice" }] });
    expect(store.situation).toBe("live");
    await vi.advanceTimersByTimeAsync(5_000);
    socket().end();
    expect(store.situation).toBe("joining");
    expect(store.users.size).toBe(0);
    const id = store.execute("CREATE_TASK", { list_id: "l0", title: "Offline" });
    await vi.advanceTimersByTimeAsync(500);
    socket().welcome();
    expect(socket().sent.at(-1)).toEqual({ type: "JOIN_BOARD", payload: { board_id: "board", since_version: 10, since_event: "mark-10" } });
    socket().say("BOARD_EVENTS", { board_id: "board", events: [], has_more: false });
    expect(socket().sent.at(-1)).toMatchObject({ type: "CREATE_TASK", id });
  });
});

describe("staying alive", () => {
  it("beats as often as WELCOME asks", async () => {
    socket().welcome();
    await vi.advanceTimersByTimeAsync(29_990);
    expect(typesSent()).toEqual(["AUTH"]);
    await vi.advanceTimersByTimeAsync(20);
    expect(typesSent()).toEqual(["AUTH", "HEARTBEAT"]);
  });
  it("takes two silent heartbeats for the end, without waiting for the other side", async () => {
    socket().welcome();
    await vi.advanceTimersByTimeAsync(90_010);
    expect(FakeSocket.all[0].isClosed).toBe(true);
    expect(connection.state).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(500);
    expect(attempts()).toBe(2);
    FakeSocket.all[0].end(); /* at last; too late to matter */
    FakeSocket.all[0].say("WELCOME", {});
    expect(connection.state).toBe("reconnecting");
  });
  it("asks whether anybody is there when the page is looked at again", async () => {
    await liveFor();
    page.dispatchEvent(new Event("visibilitychange"));
    expect(typesSent().at(-1)).toBe("HEARTBEAT");
    socket().say("HEARTBEAT_ACK", {});
    await vi.advanceTimersByTimeAsync(3_000);
    expect(connection.state).toBe("live");
    await vi.advanceTimersByTimeAsync(1_000);
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(connection.state).toBe("reconnecting");
  });
});

describe("boards", () => {
  it("leaves one, and hears no more of it", () => {
    const store = connection.join("board", boardListener);
    socket().welcome();
    connection.leave("board");
    expect(socket().sent.at(-1)).toEqual({ type: "LEAVE_BOARD", payload: { board_id: "board" } });
    socket().say("BOARD_STATE", { board: { ...board(), id: "board" }, version: 10, event: "m" });
    expect(store.view).toBeUndefined();
  });
  it("gives an answer without a board to the board whose command it answers", () => {
    const [one, two] = ["one", "two"].map((id) => connection.join(id, { changed: vi.fn(), refused: vi.fn() }));
    socket().welcome();
    for (const id of ["one", "two"]) socket().say("BOARD_STATE", { board: { ...board(), id }, version: 10, event: "m" });
    const command = two.execute("CREATE_LIST", { name: "New" });
    one.execute("CREATE_LIST", { name: "Other" });
    socket().say("ERROR", { command: "CREATE_LIST", command_id: command, code: "invalid", message: "name: too long" });
    expect(two.pending).toEqual([]);
    expect(one.pending).toHaveLength(1);
  });
  it("is over when it is closed", async () => {
    socket().welcome();
    connection.close();
    expect(socket().isClosed).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    dispatchEvent(new Event("online"));
    expect(attempts()).toBe(1);
    expect(connection.state).toBe("closed");
  });
});
