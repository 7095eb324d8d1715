// The soak test, for less than a minute: that it runs, that it can tell, and that nothing shows even in this time.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { print, soak } from './soak.mjs';

test('500 connections for half a minute: all that are held live, nothing is missing or comes twice, nothing grows', async () => {
  const result = await soak(import.meta.url, { minutes: 0.5, ownServer: false, tokenSeconds: 20, heartbeatMs: 15_000, sampleMs: 1000, rampMs: 5000,
    longestVisitMs: 20_000, growthMB: 24, backendGrowthMB: 80 });
  if (!result.passed) print(result);
  assert.deepEqual(result.must.filter((row) => !row[3]), [], JSON.stringify(result.detail));
  assert.ok(result.figures.events > 1000 && result.figures.connections.auth >= 50 && result.figures.connections.visits >= 450);
});
