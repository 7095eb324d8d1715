// Two people in two windows on one board: the real page, bridge and database.
import { after, afterEach, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startWorld, until } from '../bridge/harness.mjs';
import { addCard, card, drag, list, live, openBoard, shows, startBrowser } from './browser.mjs';

const WEB = fileURLToPath(new URL('../../bridge/web/dist', import.meta.url));
let world;
let browser;
let pages;

before(async () => {
  world = await startWorld(import.meta.url, { config: { web_root: WEB } });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});
beforeEach(async () => {
  world.board = await world.makeBoard('Launch');
  pages = [];
});
afterEach(async () => {
  for (const page of pages) {
    assert.deepEqual(page.problems, [], 'the console is silent');
    await page.context().close();
  }
});

async function open(user, more = {}) {
  const page = await openBoard(browser, { base: world.http, token: world.token(user), board: world.board.id, ...more });
  pages.push(page);
  return page;
}

test('a card made in one window appears in the other, and both see who is here', async () => {
  const [alice, bob] = [await open('alice'), await open('bob')];
  await addCard(alice, 'To do', 'Write the invitation');
  await shows(bob, 'To do', ['Write the invitation']);
  await shows(alice, 'To do', ['Write the invitation']);
  for (const page of [alice, bob]) {
    await page.locator('#people').getByLabel('Alice').waitFor();
    await page.locator('#people').getByLabel('Bob').waitFor();
  }
  await bob.context().close();
  pages.pop();
  await alice.locator('#people').getByLabel('Bob').waitFor({ state: 'detached' });
});

test('a card dragged in one window moves in the other', async () => {
  for (const title of ['One', 'Two', 'Three']) await world.makeTask(title);
  const [alice, bob] = [await open('alice'), await open('bob')];
  await drag(alice, 'One', list(alice, 'In progress').locator('.nothing'));
  await shows(alice, 'In progress', ['One']);
  await shows(bob, 'In progress', ['One']);
  await shows(bob, 'To do', ['Two', 'Three']);
  await drag(bob, 'Three', card(bob, 'Two'), 0.2);
  await shows(alice, 'To do', ['Three', 'Two']);
  const moves = (await world.boardEvents()).filter((event) => event.event_type === 'TaskMoved');
  assert.equal(moves.length, 2);
});

test('keys alone move a card', async () => {
  for (const title of ['One', 'Two']) await world.makeTask(title);
  const [alice, bob] = [await open('alice'), await open('bob')];
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

test('of two edits from the same version one wins, the other is told and loses nothing it typed', async () => {
  await world.makeTask('Budget');
  const [alice, bob] = [await open('alice'), await open('bob')];
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
  const updates = (await world.boardEvents()).filter((event) => event.event_type === 'TaskUpdated');
  assert.equal(updates.length, 1);
  await bob.getByRole('button', { name: 'Save' }).click();
  await shows(alice, 'To do', ['Budget for June']);
});

test('the bridge is killed and comes back: both are live again, nothing is lost, nothing is there twice', async () => {
  const [alice, bob] = [await open('alice'), await open('bob')];
  await addCard(alice, 'To do', 'Before');
  await shows(bob, 'To do', ['Before']);
  await world.stopBridge('SIGKILL');
  await alice.locator('#connection.reconnecting').waitFor();
  await addCard(alice, 'To do', 'While it was away');
  await alice.locator('#connection', { hasText: '1 waiting' }).waitFor();
  await world.makeTask('From psql');
  await world.startBridge();
  const back = Date.now();
  await Promise.all([live(alice), live(bob)]);
  assert.ok(Date.now() - back < 2000, 'live within two seconds');
  await shows(alice, 'To do', ['Before', 'From psql', 'While it was away']);
  await shows(bob, 'To do', ['Before', 'From psql', 'While it was away']);
  const created = (await world.boardEvents()).filter((event) => event.event_type === 'TaskCreated');
  assert.equal(created.length, 3);
});

test('what people type stays text', async () => {
  const nasty = '<img src=x onerror="document.title=1"><script>alert(1)</script>';
  const id = await world.makeTask(nasty);
  await world.sql.query('SELECT collab.update_task($1, $2)', [id, JSON.stringify({ description: `</textarea>${nasty}` })]);
  const alice = await open('alice');
  await addCard(alice, 'Done', nasty);
  await shows(alice, 'Done', [nasty]);
  await card(alice, 'script').first().locator('.card-open').click();
  assert.equal(await alice.getByRole('dialog').getByLabel('Description').inputValue(), `</textarea>${nasty}`);
  assert.equal(await alice.locator('.board img, .board script, dialog img, dialog script').count(), 0);
});

test('the other one’s pointer is shown with a name', async () => {
  await world.makeTask('Here');
  const [alice, bob] = [await open('alice'), await open('bob')];
  await alice.locator('#people').getByLabel('Bob').waitFor();
  await bob.locator('#people').getByLabel('Alice').waitFor();
  const box = await card(bob, 'Here').boundingBox();
  await until(async () => {
    await bob.mouse.move(box.x + 5 + Math.random() * 40, box.y + 12);
    return (await alice.locator('.cursor', { hasText: 'Bob' }).count()) > 0;
  }, 'a pointer');
});

test('without a token one is asked for, with a bad one the reason is told, and a stranger sees no board', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${world.http}/`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto(`${world.http}/?again#token=not.a.token&board=${world.board.id}`);
  await page.locator('#connection.refused').waitFor();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto(`${world.http}/?stranger#token=${world.token('mallory')}&board=${world.board.id}`);
  await page.getByText('not found or access denied').waitFor();
  assert.ok(!page.url().includes('token='), 'the token has left the address bar');
  await page.goto(`${world.http}/?boards#token=${world.token('bob')}`);
  await page.getByRole('link', { name: /Launch/ }).first().waitFor();
  await context.close();
});

test('a viewer is told why nothing moves', async () => {
  await world.makeTask('Fixed');
  const carol = await open('carol');
  await drag(carol, 'Fixed', list(carol, 'Done').locator('.nothing'));
  await carol.locator('.toast.problem', { hasText: 'viewer' }).waitFor();
  await shows(carol, 'To do', ['Fixed']);
});

test('the board fits a phone', async () => {
  await world.makeTask('Small');
  const alice = await open('alice', { viewport: { width: 360, height: 640 } });
  const width = await alice.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${width} px wide`);
  await card(alice, 'Small').waitFor();
});
