// Two people in two windows on one board: the real page, bridge and database.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../bridge/harness.mjs';
import { addCard, boxOf, card, drag, list, live, shows } from './browser.mjs';
import { setUp } from './stage.mjs';

const stage = setUp(import.meta.url);

test('a card made in one window appears in the other, and both see who is here', async () => {
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await addCard(alice, 'To do', 'Write the invitation');
  await shows(bob, 'To do', ['Write the invitation']);
  await shows(alice, 'To do', ['Write the invitation']);
  for (const page of [alice, bob]) {
    await page.locator('#people').getByLabel('Alice').waitFor();
    await page.locator('#people').getByLabel('Bob').waitFor();
  }
  await bob.context().close();
  stage.pages.pop();
  await alice.locator('#people').getByLabel('Bob').waitFor({ state: 'detached' });
});

test('a card dragged in one window moves in the other', async () => {
  for (const title of ['One', 'Two', 'Three']) await stage.world.makeTask(title);
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await drag(alice, 'One', list(alice, 'In progress').locator('.nothing'));
  await shows(alice, 'In progress', ['One']);
  await shows(bob, 'In progress', ['One']);
  await shows(bob, 'To do', ['Two', 'Three']);
  await drag(bob, 'Three', card(bob, 'Two'), 0.2);
  await shows(alice, 'To do', ['Three', 'Two']);
  const moves = (await stage.world.boardEvents()).filter((event) => event.event_type === 'TaskMoved');
  assert.equal(moves.length, 2);
});

test('a card lands where it was dropped, though others came above it during the drag', async () => {
  for (const title of ['One', 'Two', 'Three']) await stage.world.makeTask(title);
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  const from = await boxOf(card(alice, 'Three'));
  const to = await boxOf(card(alice, 'Two'));
  await alice.mouse.move(from.x + 40, from.y + 10);
  await alice.mouse.down();
  await alice.mouse.move(to.x + 50, to.y + 5, { steps: 6 });
  const { board } = stage.world;
  await stage.world.sql.query(`SELECT collab.create_task($1, $2, 'Zero', "position" => 0)`, [board.id, board.lists['To do']]);
  await shows(bob, 'To do', ['Zero', 'One', 'Two', 'Three']);
  await alice.mouse.up();
  await shows(alice, 'To do', ['Zero', 'One', 'Three', 'Two']);
  await shows(bob, 'To do', ['Zero', 'One', 'Three', 'Two']);
});

test('keys alone move a card', async () => {
  for (const title of ['One', 'Two']) await stage.world.makeTask(title);
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await card(alice, 'One').locator('.card-open').focus();
  await alice.keyboard.press('Alt+ArrowDown');
  await shows(bob, 'To do', ['Two', 'One']);
  await alice.keyboard.press('Alt+ArrowRight');
  await shows(bob, 'In progress', ['One']);
  assert.match(await alice.locator('#announcer').textContent(), /One: In progress, position 1/);
  await card(alice, 'Two').locator('.card-menu').focus();
  await alice.keyboard.press('Enter');
  await alice.getByRole('dialog').getByLabel('List').selectOption({ label: 'Done' });
  await alice.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
  await shows(bob, 'Done', ['Two']);
});

test('a card that one moves twice before the first answer is no conflict', async () => {
  await stage.world.makeTask('One');
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await card(alice, 'One').locator('.card-open').focus();
  await alice.evaluate(() => {
    for (let i = 0; i < 2; i++) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', altKey: true, bubbles: true }));
  });
  await shows(alice, 'Done', ['One']);
  await shows(bob, 'Done', ['One']);
  assert.equal(await alice.locator('.card.pending, .toast').count(), 0);
  assert.equal((await stage.world.boardEvents()).filter((event) => event.event_type === 'TaskMoved').length, 2);
});

test('a list made, moved by its handle and by its buttons is so for both', async () => {
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  const names = (page, expected) => until(async () =>
    JSON.stringify(await page.locator('.list-name').allTextContents()) === JSON.stringify(expected), expected.join(', '));
  await alice.getByLabel('Name of a new list').fill('Later');
  await alice.getByLabel('Name of a new list').press('Enter');
  await names(bob, ['To do', 'In progress', 'Done', 'Later']);
  await bob.getByRole('button', { name: 'Move list Later left' }).click();
  await names(alice, ['To do', 'In progress', 'Later', 'Done']);
  const from = await boxOf(list(alice, 'To do').locator('.list-head'));
  const to = await boxOf(list(alice, 'Done'));
  await alice.mouse.move(from.x + 30, from.y + 15);
  await alice.mouse.down();
  await alice.mouse.move(to.x + to.width - 10, from.y + 20, { steps: 12 });
  await alice.mouse.up();
  await names(alice, ['In progress', 'Later', 'Done', 'To do']);
  await names(bob, ['In progress', 'Later', 'Done', 'To do']);
});

test('of two edits from the same version one wins, the other is told and loses nothing it typed', async () => {
  await stage.world.makeTask('Budget');
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await card(alice, 'Budget').locator('.card-open').click();
  await card(bob, 'Budget').locator('.card-open').click();
  await alice.getByRole('dialog').getByLabel('Title').fill('Budget for May');
  await bob.getByRole('dialog').getByLabel('Title').fill('Budget for June');
  await alice.getByRole('button', { name: 'Save' }).click();
  await shows(bob, 'To do', ['Budget for May']);
  await bob.getByRole('button', { name: 'Save' }).click();
  await bob.locator('.toast.problem', { hasText: 'Someone else changed it first' }).waitFor();
  await shows(bob, 'To do', ['Budget for May']);
  assert.equal(await bob.getByRole('dialog').getByLabel('Title').inputValue(), 'Budget for June');
  assert.equal(await bob.getByRole('dialog').locator('.standing q').textContent(), 'Budget for May');
  const updates = (await stage.world.boardEvents()).filter((event) => event.event_type === 'TaskUpdated');
  assert.equal(updates.length, 1);
  await bob.getByRole('button', { name: 'Save' }).click();
  await shows(alice, 'To do', ['Budget for June']);
});

test('the bridge is killed and comes back: both are live again, nothing is lost, nothing is there twice', async () => {
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await addCard(alice, 'To do', 'Before');
  await shows(bob, 'To do', ['Before']);
  await stage.world.stopBridge('SIGKILL');
  await alice.locator('#connection.reconnecting').waitFor();
  await addCard(alice, 'To do', 'While it was away');
  await alice.locator('#connection', { hasText: '1 waiting' }).waitFor();
  await stage.world.makeTask('From psql');
  await stage.world.startBridge();
  const back = Date.now();
  await Promise.all([live(alice), live(bob)]);
  assert.ok(Date.now() - back < 2000, 'live within two seconds');
  await shows(alice, 'To do', ['Before', 'From psql', 'While it was away']);
  await shows(bob, 'To do', ['Before', 'From psql', 'While it was away']);
  const created = (await stage.world.boardEvents()).filter((event) => event.event_type === 'TaskCreated');
  assert.equal(created.length, 3);
});

test('the other one’s pointer is shown with a name', async () => {
  await stage.world.makeTask('Here');
  const [alice, bob] = [await stage.open('alice'), await stage.open('bob')];
  await alice.locator('#people').getByLabel('Bob').waitFor();
  await bob.locator('#people').getByLabel('Alice').waitFor();
  const box = await boxOf(card(bob, 'Here'));
  await until(async () => {
    await bob.mouse.move(box.x + 5 + Math.random() * 40, box.y + 12);
    return (await alice.locator('.cursor', { hasText: 'Bob' }).count()) > 0;
  }, 'a pointer');
});

test('a viewer is told why nothing moves', async () => {
  await stage.world.makeTask('Fixed');
  const carol = await stage.open('carol');
  await drag(carol, 'Fixed', list(carol, 'Done').locator('.nothing'));
  await carol.locator('.toast.problem', { hasText: 'viewer' }).waitFor();
  await shows(carol, 'To do', ['Fixed']);
});
