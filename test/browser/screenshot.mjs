// screenshot.mjs [OUTPUT]: takes the README's picture from the running demo: alice drags a card, bob points at one.
//   make start && node test/browser/screenshot.mjs && make stop
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { card, openBoard, startBrowser } from './browser.mjs';

const TOP = fileURLToPath(new URL('../..', import.meta.url));
// The demo's cards are due around then: on another day all would be late.
const NOW = new Date('2025-04-07T10:00:00');
const output = resolve(process.argv[2] ?? `${TOP}/docs/images/board.png`);

const make = (target, argument, input = '') =>
  execFileSync('make', ['-s', '--no-print-directory', '-C', TOP, target, argument], { encoding: 'utf8', input }).trim();

const board = make('psql', 'ARGS=-XAtq', `SELECT id FROM collab.boards WHERE name = 'Fieldwork 2.0' LIMIT 1;`);
const base = `http://127.0.0.1:${process.env.PORT ?? 8080}`;
const browser = await startBrowser();
const open = (user) =>
  openBoard(browser, { base, token: make('token', `USER=${user}`), board, now: NOW, viewport: { width: 1440, height: 780 } });
const [alice, bob] = [await open('alice'), await open('bob')];
await alice.locator('#people').getByLabel('Bob').waitFor();
await bob.locator('#people').getByLabel('Alice').waitFor();

const from = await alice.locator('.list').nth(2).locator('.card').nth(3).boundingBox();
const to = await alice.locator('.list').nth(3).locator('.card').nth(1).boundingBox();
await alice.mouse.move(from.x + 60, from.y + 20);
await alice.mouse.down();
await alice.mouse.move(to.x + 92, to.y + 8, { steps: 10 });
await alice.locator('.placeholder').waitFor();

const target = await card(bob, 'Tablet layout').boundingBox();
for (let step = 0; (await alice.locator('.cursor').count()) === 0; step = (step + 1) % 20) await bob.mouse.move(target.x + 150 + step, target.y + 62);

mkdirSync(dirname(output), { recursive: true });
await alice.screenshot({ path: output });
await alice.keyboard.press('Escape');
await alice.mouse.up();
await browser.close();
