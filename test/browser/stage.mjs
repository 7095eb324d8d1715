// stage.mjs: what the browser tests stand on.
import { after, afterEach, before, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startWorld } from '../bridge/harness.mjs';
import { openBoard, startBrowser } from './browser.mjs';

const WEB = fileURLToPath(new URL('../../bridge/web/dist', import.meta.url));

/**
 * A world whose bridge serves the built page, a new board for every test, and a browser.
 * `stage.open(user)` gives that person's window; a window that complained fails its test.
 */
export function setUp(url, options = {}) {
  const stage = {
    async open(user, more = {}) {
      const { world } = stage;
      const page = await openBoard(stage.browser, { base: world.http, token: world.token(user), board: world.board.id, ...more });
      stage.pages.push(page);
      return page;
    },
  };
  before(async () => {
    stage.world = await startWorld(url, { ...options, config: { web_root: WEB } });
    stage.browser = await startBrowser();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.world?.stop();
  });
  beforeEach(async () => {
    stage.world.board = await stage.world.makeBoard('Launch');
    stage.pages = [];
  });
  afterEach(async () => {
    for (const page of stage.pages) {
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
  });
  return stage;
}
