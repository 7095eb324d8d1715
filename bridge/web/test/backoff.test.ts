import { describe, expect, it } from "vitest";
import { retryDelay } from "../client/backoff";

describe("retryDelay", () => {
  it("first tries again after 100 to 500 ms", () => {
    expect(retryDelay(0, 0, 0)).toBe(100);
    expect(retryDelay(0, 0, 1)).toBe(500);
  });
  it("pauses at most a second in the first 30 s of an outage", () => {
    for (let attempt = 1; attempt < 60; attempt++)
      for (const random of [0, 0.5, 1]) {
        const delay = retryDelay(attempt, 29_999, random);
        expect(delay).toBeLessThanOrEqual(1_000);
        expect(delay).toBeGreaterThanOrEqual(500);
      }
  });
  it("then grows to 30 s and stays there", () => {
    const longest = [31, 61, 91, 121, 151, 600, 86_400].map((seconds) => retryDelay(50, seconds * 1000, 1));
    expect(longest).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });
});
