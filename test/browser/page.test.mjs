// One person and the page: signing in, typing, dialogs, fingers, small screens. The real page, bridge and database.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../bridge/harness.mjs';
import { addCard, boxOf, card, list, newPage, shows } from './browser.mjs';
import { setUp } from './stage.mjs';

const stage = setUp(import.meta.url);

test('without a token one is asked for, with a bad one the reason is told, and a stranger sees no board', async () => {
  const page = await newPage(stage.browser, stage.world.http);
  await page.goto(`${stage.world.http}/`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto(`${stage.world.http}/?again#token=not.a.token&board=${stage.world.board.id}`);
  await page.locator('#connection.refused').waitFor();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto(`${stage.world.http}/?stranger#token=${stage.world.token('mallory')}&board=${stage.world.board.id}`);
  await page.getByText('not found or access denied').waitFor();
  await page.getByRole('link', { name: 'Your boards' }).waitFor();
  assert.ok(!page.url().includes('token='), 'the token has left the address bar');
  await page.goto(`${stage.world.http}/?boards#token=${stage.world.token('bob')}`);
  await page.getByRole('link', { name: /Launch/ }).first().waitFor();
  await page.context().close();
});

test('what people type stays text', async () => {
  const nasty = '<img src=x onerror="document.title=1"><script>alert(1)</script>';
  const id = await stage.world.makeTask(nasty);
  await stage.world.sql.query('SELECT collab.update_task($1, $2)', [id, JSON.stringify({ description: `</textarea>${nasty}` })]);
  const alice = await stage.open('alice');
  await addCard(alice, 'Done', nasty);
  await shows(alice, 'Done', [nasty]);
  await card(alice, 'script').first().locator('.card-open').click();
  assert.equal(await alice.getByRole('dialog').getByLabel('Description').inputValue(), `</textarea>${nasty}`);
  assert.equal(await alice.locator('.board img, .board script, dialog img, dialog script').count(), 0);
});

test('a card is edited, and deleted only when asked twice', async () => {
  const id = await stage.world.makeTask('Draft');
  const alice = await stage.open('alice');
  const dialog = alice.getByRole('dialog');
  await card(alice, 'Draft').locator('.card-open').click();
  await dialog.getByLabel('Title').fill('Letter');
  await dialog.getByLabel('Description').fill('To the *bank*');
  await dialog.getByLabel('Priority').selectOption('urgent');
  await dialog.getByLabel('Due').fill('2031-05-04T12:30');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await card(alice, 'Letter').getByLabel('Priority urgent').waitFor();
  await card(alice, 'Letter').locator('.due', { hasText: '4 May 2031' }).waitFor();
  const task = await until(() => stage.world.one('SELECT * FROM collab.tasks WHERE id = $1 AND title = $2', [id, 'Letter']), 'the row');
  assert.deepEqual([task.description, task.priority], ['To the *bank*', 'urgent']);
  await card(alice, 'Letter').locator('.card-open').click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Really delete?' }).click();
  await shows(alice, 'To do', []);
  await until(async () => (await stage.world.boardEvents()).at(-1).event_type === 'TaskDeleted', 'the event');
});

test('what is typed into a dialog and not saved changes nothing', async () => {
  await stage.world.makeTask('Draft');
  const alice = await stage.open('alice');
  await card(alice, 'Draft').locator('.card-open').click();
  await alice.getByRole('dialog').getByLabel('Title').fill('Other');
  await alice.keyboard.press('Escape');
  await alice.getByRole('dialog').waitFor({ state: 'detached' });
  await shows(alice, 'To do', ['Draft']);
  assert.deepEqual((await stage.world.boardEvents()).map((event) => event.event_type), ['BoardCreated', 'TaskCreated']);
});

test('a finger that rests on a card drags it, one that swipes does not', async () => {
  for (const title of ['One', 'Two', 'Three']) await stage.world.makeTask(title);
  const alice = await stage.open('alice', { hasTouch: true });
  const session = await alice.context().newCDPSession(alice);
  const touch = (type, x, y) => session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  const slideDown = async (title, distance) => {
    const box = await boxOf(card(alice, title));
    await touch('touchStart', box.x + 40, box.y + 10);
    return async () => {
      for (let step = 1; step <= 8; step++) await touch('touchMove', box.x + 40, box.y + 10 + (distance * step) / 8);
      await touch('touchEnd');
    };
  };
  const slide = await slideDown('One', 130);
  await alice.locator('body.dragging').waitFor();
  await slide();
  await shows(alice, 'To do', ['Two', 'Three', 'One']);
  await (await slideDown('Two', 130))();
  await shows(alice, 'To do', ['Two', 'Three', 'One']);
  await until(async () => (await stage.world.boardEvents()).at(-1).event_type === 'TaskMoved', 'the event');
  await addCard(alice, 'To do', 'Last');
  await until(async () => (await stage.world.boardEvents()).at(-1).event_type === 'TaskCreated', 'the last event');
  assert.equal((await stage.world.boardEvents()).filter((event) => event.event_type === 'TaskMoved').length, 1);
});

test('Escape ends a drag where it began', async () => {
  for (const title of ['One', 'Two']) await stage.world.makeTask(title);
  const alice = await stage.open('alice');
  const from = await boxOf(card(alice, 'One'));
  const to = await boxOf(list(alice, 'Done'));
  await alice.mouse.move(from.x + 40, from.y + 10);
  await alice.mouse.down();
  await alice.mouse.move(to.x + 60, to.y + 60, { steps: 8 });
  await list(alice, 'Done').locator('.placeholder').waitFor();
  await alice.keyboard.press('Escape');
  await alice.mouse.up();
  assert.equal(await alice.locator('.ghost, .placeholder').count(), 0);
  await shows(alice, 'To do', ['One', 'Two']);
  await shows(alice, 'Done', []);
});

test('a board without lists says what to do', async () => {
  await stage.world.sql.query(`SELECT collab.import_trello($1, $2)`, [stage.world.workspace, JSON.stringify({ name: 'Bare', lists: [], cards: [], actions: [] })]);
  const { id } = await stage.world.one(`SELECT id FROM collab.boards WHERE name = 'Bare'`);
  const alice = await stage.open('alice', { board: id });
  await alice.getByText('This board has no lists yet').waitFor();
  await alice.getByLabel('Name of a new list').fill('First');
  await alice.getByLabel('Name of a new list').press('Enter');
  await list(alice, 'First').waitFor();
  await alice.getByText('This board has no lists yet').waitFor({ state: 'hidden' });
});

test('the board fits a phone', async () => {
  await stage.world.makeTask('Small');
  const alice = await stage.open('alice', { viewport: { width: 360, height: 640 } });
  const width = await alice.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${width} px wide`);
  await card(alice, 'Small').waitFor();
});

test('who prefers dark gets dark', async () => {
  const brightness = async (colorScheme) => {
    const alice = await stage.open('alice', { colorScheme });
    const [red, green, blue] = (await alice.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g).map(Number);
    return red + green + blue;
  };
  assert.ok(await brightness('light') > 600);
  assert.ok(await brightness('dark') < 150);
});
