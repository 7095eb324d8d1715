// browser.mjs: Debian's Chromium with one context per person, and the words in which the tests speak of the page.
import { chromium } from 'playwright-core';

const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic'];

export async function startBrowser() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
}

/** A page that collects in `problems` what its console complains of, and every request that leaves the bridge. */
export async function newPage(browser, base, { viewport = { width: 1280, height: 800 }, ...more } = {}) {
  const context = await browser.newContext({ viewport, locale: 'en-GB', ...more });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => {
    // a socket that is refused while the bridge is away is what the test wants
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|ERR_EMPTY/.test(message.text())) page.problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) page.problems.push(`a request to ${request.url()}`);
  });
  return page;
}

/** A window of that person on the board, live; `now` sets its clock. */
export async function openBoard(browser, { base, token, board, now, ...more }) {
  const page = await newPage(browser, base, more);
  if (now) await page.clock.setFixedTime(now);
  await page.goto(`${base}/#token=${token}&board=${board}`);
  await live(page);
  return page;
}

export async function live(page) {
  await page.locator('#connection.live').waitFor();
  await page.locator('.board').waitFor();
}

export const list = (page, name) => page.locator('.list', { has: page.getByRole('heading', { name, exact: true }) });

export const card = (page, title) => page.locator('.card:not(.ghost)', { has: page.locator('.card-title', { hasText: title }) });

export async function titles(page, listName) {
  return list(page, listName).locator('.card-title').allTextContents();
}

/** Waits until the list shows exactly these cards, in this order. */
export async function shows(page, listName, expected) {
  const deadline = Date.now() + 10_000;
  let seen;
  do {
    seen = await titles(page, listName);
    if (JSON.stringify(seen) === JSON.stringify(expected)) return;
    await page.waitForTimeout(20);
  } while (Date.now() < deadline);
  throw new Error(`${listName} shows ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`);
}

export async function addCard(page, listName, title) {
  const input = list(page, listName).getByLabel('Title of a new card');
  await input.fill(title);
  await input.press('Enter');
}

/** Where it is, once nothing waits for an answer: a card may move when its answer comes. */
export async function boxOf(locator) {
  await locator.page().locator('.card.pending').first().waitFor({ state: 'detached' });
  return locator.boundingBox();
}

/** With the mouse, as a person would, in several steps; onto the target's middle, or `down` of its height. */
export async function drag(page, title, target, down = 0.5) {
  const from = await boxOf(card(page, title));
  const to = await boxOf(target);
  await page.mouse.move(from.x + from.width / 2, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 12, from.y + 20, { steps: 3 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height * down, { steps: 8 });
  await page.mouse.up();
}
