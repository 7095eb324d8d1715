// Files: up with a body or a form, attached once, down whole or in part, and never as a page.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { startWorld } from './harness.mjs';

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(200_000)]);
let world, task;
before(async () => {
  world = await startWorld(import.meta.url, { config: { max_attachment: '12MB' } });
  task = await world.makeTask('with files');
});
after(() => world?.stop());

const bearer = (user) => ({ Authorization: `Bearer ${world.freshToken(user)}` });
const upload = (body, { user = 'bob', query = '', headers = {}, to = task } = {}) =>
  fetch(`${world.http}/api/tasks/${to}/attachments${query}`, { method: 'POST', body, headers: { ...bearer(user), ...headers } });
const text = { 'Content-Type': 'text/plain' };
/** Attaches and gives the attachment's id. */
async function attach(body, options) {
  const answer = await upload(body, options);
  assert.equal(answer.status, 201, await answer.clone().text());
  return (await answer.json()).result.attachment_id;
}
const download = (id, { user = 'carol', method = 'GET', headers = {} } = {}) => fetch(`${world.http}/api/attachments/${id}`, { method, headers: { ...bearer(user), ...headers } });
const refusal = async (answer) => [answer.status, (await answer.json()).code];
const bytes = async (answer) => Buffer.from(await answer.arrayBuffer());

describe('up', () => {
  test('a body, and everybody on the board hears of it', async () => {
    const alice = await world.joined('alice');
    const answer = await upload(PNG, { query: `?name=${encodeURIComponent('Bild €.png')}`, headers: { 'Content-Type': 'image/png' } });
    assert.equal(answer.status, 201);
    const ack = await answer.json();
    assert.deepEqual([ack.command, ack.changed], ['ADD_ATTACHMENT', true]);
    assert.equal(answer.headers.get('location'), `/api/attachments/${ack.result.attachment_id}`);
    const event = await alice.expect('ATTACHMENT_ADDED');
    assert.equal(event.version, ack.version);
    const { rows: [kept] } = await world.sql.query('SELECT name, content_type, size::int, sha256 FROM collab.user_attachment_content($1, $2)', [world.users.alice, ack.result.attachment_id]);
    assert.deepEqual(kept, { name: 'Bild €.png', content_type: 'image/png', size: PNG.length, sha256: createHash('sha256').update(PNG).digest('hex') });
  });

  test('a name in Content-Disposition', async () => {
    for (const [disposition, name] of [['attachment; filename="one.txt"', 'one.txt'], [`attachment; filename=x; filename*=UTF-8''zw%C3%B6lf.txt`, 'zwölf.txt']]) {
      const id = await attach('hello', { headers: { ...text, 'Content-Disposition': disposition } });
      assert.match((await download(id)).headers.get('content-disposition'), new RegExp(encodeURIComponent(name)));
    }
  });

  test('a form, as a browser sends it', async () => {
    const form = new FormData();
    form.append('note', 'ignored');
    form.append('file', new Blob([PNG], { type: 'image/png' }), 'form.png');
    assert.deepEqual(await bytes(await download(await attach(form))), PNG);
  });

  test('JSON as a file goes in a form; as the body it is a link', async () => {
    const form = new FormData();
    form.append('file', new Blob(['{"a": 1}'], { type: 'application/json' }), 'a.json');
    assert.equal(await (await download(await attach(form))).text(), '{"a": 1}');
    const id = await attach(JSON.stringify({ name: 'Link', url: 'https://example.org/' }), { headers: { 'Content-Type': 'application/json' } });
    assert.deepEqual(await refusal(await download(id)), [404, 'not_found']);
  });

  test('10 MB at once', async () => {
    const large = Buffer.concat([PNG.subarray(0, 8), randomBytes(10 * 1024 * 1024 - 8)]);
    const id = await attach(large, { query: '?name=large.png', headers: { 'Content-Type': 'image/png' } });
    assert.ok((await bytes(await download(id))).equals(large));
  });

  test('sent again under the same key it is attached once', async () => {
    const headers = { ...text, 'Idempotency-Key': randomUUID() }, before = await world.eventCount();
    const first = await upload('twice', { query: '?name=twice.txt', headers }), second = await upload('twice', { query: '?name=twice.txt', headers });
    assert.deepEqual([first.status, second.headers.get('idempotency-replayed')], [201, 'true']);
    assert.equal((await first.json()).result.attachment_id, (await second.json()).result.attachment_id);
    assert.equal(await world.eventCount(), before + 1);
    assert.deepEqual(await refusal(await upload('other', { query: '?name=twice.txt', headers })), [422, 'command_id_reused']);
  });
});

describe('what is refused keeps nothing', () => {
  const unchanged = async (act) => {
    const count = async () => (await world.one('SELECT count(*)::int AS n FROM collab.uploads')).n, before = [await world.eventCount(), await count()];
    await act();
    assert.deepEqual([await world.eventCount(), await count()], before);
  };

  test('without a token, the right, or a task', () => unchanged(async () => {
    const query = '?name=a.txt';
    assert.equal((await fetch(`${world.http}/api/tasks/${task}/attachments${query}`, { method: 'POST', body: 'x', headers: text })).status, 401);
    assert.deepEqual(await refusal(await upload('x', { user: 'carol', query, headers: text })), [403, 'forbidden']);
    assert.deepEqual(await refusal(await upload('x', { user: 'mallory', query, headers: text })), [404, 'not_found']);
    for (const to of [randomUUID(), 'x']) assert.deepEqual(await refusal(await upload('x', { to, query, headers: text })), [404, 'not_found']);
  }));

  test('pages, scripts, wrong types, no name, nothing at all', () => unchanged(async () => {
    for (const [body, query, type] of [['<script>', '?name=a.txt', 'text/plain'], ['x', '?name=a.html', 'text/plain'], ['<svg/>', '?name=a.svg', 'image/svg+xml'], ['x', '?name=a.png', 'image/png'],
      ['x', '?name=a', 'application/octet-stream'], ['x', '', 'text/plain'], ['x', '?name=', 'text/plain'], ['', '?name=a.txt', 'text/plain'], ['x', '?name=..%2Fa.txt', 'text/plain'], ['x', '?name=a%0D%0Ab.txt', 'text/plain'],
      ['nothing', '', 'multipart/form-data; boundary=x'], ['--x--', '', 'multipart/form-data; boundary=x'], ['--x--', '', 'multipart/form-data']]) {
      const answer = await upload(body, { query, headers: { 'Content-Type': type } });
      assert.deepEqual(await refusal(answer), [400, 'invalid'], `${type} ${query} ${body}`);
    }
  }));

  test('a name or a type that is no text', () => unchanged(async () => {
    for (const headers of [{ ...text, 'Content-Disposition': 'attachment; filename="\xff.txt"' }, { ...text, 'Content-Disposition': "attachment; filename*=UTF-8''a%00.txt" },
      { ...text, 'Content-Disposition': "attachment; filename*=UTF-8''a%ff.txt" }, { 'Content-Type': 'text/\xff', 'Content-Disposition': 'attachment; filename="a.txt"' }]) {
      assert.deepEqual(await refusal(await upload('x', { headers })), [400, 'invalid'], JSON.stringify(headers));
    }
  }));

  test('over the limit of the bridge, and of the database', () => unchanged(async () => {
    const large = (size) => Buffer.concat([PNG.subarray(0, 8), Buffer.alloc(size)]);
    assert.deepEqual(await refusal(await upload(large(13_000_000), { query: '?name=a.png', headers: { 'Content-Type': 'image/png' } })), [413, 'limit']);
    assert.deepEqual(await refusal(await upload(large(11_000_000), { query: '?name=a.png', headers: { 'Content-Type': 'image/png' } })), [422, 'limit']);
  }));

  test('a key that is none', () => unchanged(async () => {
    assert.deepEqual(await refusal(await upload('x', { query: '?name=a.txt', headers: { ...text, 'Idempotency-Key': 'x' } })), [400, 'invalid']);
  }));
});

describe('down', () => {
  const CONTENT = 'abcdefghijklmnopqrstuvwxyz'.repeat(100);
  let id;
  before(async () => { id = await attach(CONTENT, { query: '?name=letters.txt', headers: text }); });

  test('as an attachment that cannot become a page', async () => {
    const answer = await download(id);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), CONTENT);
    const header = (name) => answer.headers.get(name);
    assert.equal(header('content-type'), 'text/plain');
    assert.match(header('content-disposition'), /^attachment; filename="letters\.txt"; filename\*=UTF-8''letters\.txt$/);
    assert.equal(header('x-content-type-options'), 'nosniff');
    assert.match(header('content-security-policy'), /sandbox; default-src 'none'/);
    assert.equal(header('content-encoding'), null);
    assert.equal(header('etag'), `"${createHash('sha256').update(CONTENT).digest('hex')}"`);
    assert.equal(header('accept-ranges'), 'bytes');
    assert.match(header('cache-control'), /private, no-cache/);
  });

  test('pictures inline', async () => {
    const picture = await attach(PNG, { query: '?name=p.png', headers: { 'Content-Type': 'image/png' } });
    assert.match((await download(picture)).headers.get('content-disposition'), /^inline/);
  });

  test('a HEAD', async () => {
    const answer = await download(id, { method: 'HEAD' });
    assert.deepEqual([answer.status, Number(answer.headers.get('content-length')), await answer.text()], [200, CONTENT.length, '']);
  });

  test('nothing when it is known', async () => {
    const { headers } = await download(id), etag = headers.get('etag');
    assert.equal((await download(id, { headers: { 'If-None-Match': etag } })).status, 304);
    assert.equal((await download(id, { method: 'HEAD', headers: { 'If-None-Match': `"x", ${etag}` } })).status, 304);
    assert.equal(await (await download(id, { headers: { 'If-None-Match': '"x"' } })).text(), CONTENT);
    assert.equal((await download(id, { user: 'mallory', headers: { 'If-None-Match': etag } })).status, 404);
  });

  test('a part', async () => {
    const size = CONTENT.length;
    for (const [range, first, last] of [['bytes=0-0', 0, 0], ['bytes=10-19', 10, 19], [`bytes=${size - 5}-`, size - 5, size - 1], ['bytes=-7', size - 7, size - 1], [`bytes=5-${size * 2}`, 5, size - 1]]) {
      const answer = await download(id, { headers: { Range: range } });
      assert.equal(answer.status, 206, range);
      assert.equal(answer.headers.get('content-range'), `bytes ${first}-${last}/${size}`);
      assert.equal(await answer.text(), CONTENT.slice(first, last + 1));
    }
  });

  test('a part that is not there, several, or none', async () => {
    const outside = await download(id, { headers: { Range: `bytes=${CONTENT.length}-` } });
    assert.deepEqual([outside.status, outside.headers.get('content-range'), await outside.text()], [416, `bytes */${CONTENT.length}`, '']);
    for (const range of ['bytes=0-1,3-4', 'lines=1-2', 'bytes=x']) assert.deepEqual([(await download(id, { headers: { Range: range } })).status], [200], range);
  });

  test('a part only of what the client has already', async () => {
    const etag = (await download(id)).headers.get('etag');
    assert.equal((await download(id, { headers: { Range: 'bytes=0-1', 'If-Range': etag } })).status, 206);
    for (const other of ['"x"', `W/${etag}`, 'Sat, 21 Nov 2026 16:00:00 GMT']) assert.equal((await download(id, { headers: { Range: 'bytes=0-1', 'If-Range': other } })).status, 200, other);
  });

  test('not for others, not without a token, not what is gone', async () => {
    assert.deepEqual(await refusal(await download(id, { user: 'mallory' })), [404, 'not_found']);
    assert.equal((await fetch(`${world.http}/api/attachments/${id}`)).status, 401);
    for (const other of [randomUUID(), 'x']) assert.deepEqual(await refusal(await download(other)), [404, 'not_found']);
    const short = await attach('short', { query: '?name=short.txt', headers: text });
    assert.equal((await fetch(`${world.http}/api/attachments/${short}`, { method: 'DELETE', headers: bearer('bob') })).status, 200);
    assert.deepEqual(await refusal(await download(short)), [404, 'not_found']);
  });
});
