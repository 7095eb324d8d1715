// screenshot.mjs OUTPUT: takes the README's picture from the running demo: alice's window, bob on the same board.
//   make start && node test/browser/screenshot.mjs docs/images/board.png && make stop
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { mkdirSync } from 'node:fs';
import { openBoard, startBrowser } from './browser.mjs';

const output = process.argv[2] ?? 'docs/images/board.png';
const make = (target, argument, input = '') =>
  execFileSync('make', ['-s', '--no-print-directory', target, argument], { encoding: 'utf8', input }).trim();
const board = make('psql', 'ARGS=-XAtq', 'SELECT id FROM collab.boards ORDER BY created_at LIMIT 1;');
const base = `http://127.0.0.1:${process.env.PORT ?? 8080}`;
const browser = await startBrowser();
const size = { width: 1440, height: 820 };
const alice = await openBoard(browser, { base, token: make('token', 'USER=alice'), board, viewport: size });
const bob = await openBoard(browser, { base, token: make('token', 'USER=bob'), board, viewport: size });
await alice.locator('#people').getByLabel('Bob').waitFor();
await bob.locator('#people').getByLabel('Alice').waitFor();
const target = await bob.locator('.list').nth(1).locator('.card').nth(1).boundingBox();
while ((await alice.locator('.cursor').count()) === 0) await bob.mouse.move(target.x + 120 + Math.random() * 20, target.y + 20);
mkdirSync(dirname(output), { recursive: true });
await alice.screenshot({ path: output });
await browser.close();
