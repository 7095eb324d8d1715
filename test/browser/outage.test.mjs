// What is behind the page goes away and comes back: an orderly restart of the bridge, a restart of PostgreSQL.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { addCard, live, newPage, shows } from './browser.mjs';
import { setUp } from './stage.mjs';

const stage = setUp(import.meta.url, { ownServer: true });

async function assertCreatedOnce(titles) {
  const events = (await stage.world.boardEvents()).filter((event) => event.event_type === 'TaskCreated');
  assert.deepEqual(events.map((event) => event.event_data.task.title).sort(), [...titles].sort());
}

test('the bridge is restarted in order: the page comes back when it was told to', async () => {
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  assert.deepEqual(await stage.world.stopBridge('SIGTERM'), { code: 0, signal: null });
  await alice.locator('#connection.reconnecting').waitFor();
  await addCard(alice, 'To do', 'Meanwhile');
  await stage.world.startBridge();
  await Promise.all([live(alice), live(bob)]);
  await shows(bob, 'To do', ['Meanwhile']);
  await assertCreatedOnce(['Meanwhile']);
});

test('PostgreSQL is restarted: what was added meanwhile is there once, a page opened meanwhile opens', async () => {
  const { world } = stage;
  const alice = await stage.open('alice');
  await addCard(alice, 'To do', 'Before');
  await shows(alice, 'To do', ['Before']);
  world.haltServer();
  await addCard(alice, 'To do', 'Meanwhile');
  await shows(alice, 'To do', ['Before', 'Meanwhile']);
  const bob = await newPage(stage.browser, world.http);
  stage.pages.push(bob);
  await bob.goto(`${world.http}/#token=${world.token('bob')}&board=${world.board.id}`);
  await bob.locator('#connection.connecting, #connection.reconnecting').waitFor();
  await world.resumeServer();
  await Promise.all([live(alice), live(bob)]);
  await shows(bob, 'To do', ['Before', 'Meanwhile']);
  await alice.locator('.card.pending').waitFor({ state: 'detached' });
  await shows(alice, 'To do', ['Before', 'Meanwhile']);
  assert.equal(await alice.locator('.toast').count(), 0, 'nothing was refused');
  await assertCreatedOnce(['Before', 'Meanwhile']);
});
