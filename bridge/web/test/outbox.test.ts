import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox } from "../client/outbox";

let sent: any[];
let outbox: Outbox;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  outbox = new Outbox((message) => sent.push(message));
  outbox.open();
});
afterEach(() => {
  vi.useRealTimers();
});

const move = (task: string, version: number): string => outbox.add("MOVE_TASK", { task_id: task, version });
const versionsSent = (): [string, number][] => sent.map(({ payload }) => [payload.task_id ?? payload.list_id, payload.version]);

describe("Outbox", () => {
  it("names every command by a uuid of its own", () => {
    const ids = Array.from({ length: 200 }, () => outbox.add("CREATE_LIST", { name: "New" }));
    expect(new Set(ids).size).toBe(200);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
  it("sends at once what concerns different cards", () => {
    move("a", 10);
    move("b", 10);
    expect(versionsSent()).toEqual([["a", 10], ["b", 10]]);
  });
  it("lets the second change of a card wait for the first one's version, and what follows wait behind it", () => {
    const first = move("a", 10);
    const second = move("a", 10);
    move("b", 10);
    expect(versionsSent()).toEqual([["a", 10]]);
    outbox.settle(first, 14);
    expect(versionsSent()).toEqual([["a", 10], ["a", 14], ["b", 10]]);
    outbox.settle(second, 15);
    move("a", 10); /* seen before both, and only one's own changes since */
    expect(versionsSent().at(-1)).toEqual(["a", 15]);
  });
  it("does not take others' changes for seen", () => {
    outbox.settle(move("a", 10), 12);
    move("a", 9);
    expect(versionsSent().at(-1)).toEqual(["a", 9]);
  });
  it("keeps what was seen after one's own change", () => {
    outbox.settle(move("a", 10), 12);
    outbox.settle(move("a", 20), 21);
    outbox.settle(move("b", 13), 14);
    move("a", 13);
    expect(versionsSent().at(-1)).toEqual(["a", 13]); /* somebody may have changed it between 12 and 20 */
  });
  it("lets cards be made in a list that has just moved", () => {
    outbox.add("MOVE_LIST", { list_id: "l", version: 10 });
    outbox.add("CREATE_TASK", { list_id: "l", title: "New" });
    expect(sent.map((message) => message.type)).toEqual(["MOVE_LIST", "CREATE_TASK"]);
  });
  it("goes on after a refusal, from the version that was seen", () => {
    const first = move("a", 10);
    move("a", 10);
    outbox.settle(first);
    expect(versionsSent()).toEqual([["a", 10], ["a", 10]]);
  });
  it("sends everything again after a reconnection, in order, with the same ids and the same content", () => {
    outbox.settle(move("a", 10), 12);
    const ids = [move("a", 10), move("b", 10)];
    const before = structuredClone(sent.slice(1));
    outbox.close();
    ids.push(move("c", 10));
    sent.length = 0;
    outbox.open();
    expect(sent.map((message) => message.id)).toEqual(ids);
    expect(sent.slice(0, 2)).toEqual(before);
  });
  it("sends again after a pause what the server could not carry out, if nothing settled it", async () => {
    const [first, second] = [move("a", 10), move("b", 10)];
    expect(outbox.sendLater(first, 500)).toBe(true);
    expect(outbox.sendLater(second, 500)).toBe(true);
    expect(outbox.sendLater("unknown", 500)).toBe(false);
    outbox.settle(second, 11);
    await vi.advanceTimersByTimeAsync(499);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toHaveLength(3);
    expect(sent[2]).toEqual(sent[0]);
  });
});
