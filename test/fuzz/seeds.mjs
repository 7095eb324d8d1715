// seeds.mjs FOLDER: writes what the fuzz targets begin with, FOLDER/<target>/<number>, and their dictionaries,
// FOLDER/<target>.dict: from the golden messages, the documents and the tables, so that nothing is written twice.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

const folder = process.argv[2];
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const vectors = (name) => JSON.parse(read(`test/vectors/${name}.json`));
const bytesOf = ({ text, hex }) => (hex === undefined ? Buffer.from(text) : Buffer.from(hex, 'hex'));

/** Writes the seeds of a target, and the words of its dictionary, if any. */
function seed(target, inputs, words = []) {
  mkdirSync(`${folder}/${target}`, { recursive: true });
  inputs.forEach((input, number) => writeFileSync(`${folder}/${target}/${number}`, input));
  const quoted = [...new Set(words)].map((word) => `"${[...Buffer.from(word)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"\n`);
  if (words.length > 0) writeFileSync(`${folder}/${target}.dict`, quoted.join(''));
}

/** Every name of a member, and every string in the place of a type. */
function* wordsOf(value) {
  if (value === null || typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value)) yield `"${name}":`;
    if (name === 'type') yield `"${member}"`;
    yield* wordsOf(member);
  }
}

const parsed = (text) => {
  try { return JSON.parse(text); } catch { return null; }
};

rmSync(folder, { recursive: true, force: true });

// ---- messages ----

const client = vectors('client_messages').cases;
const { cases, events } = vectors('server_messages');
const documents = vectors('json_documents').cases;
const fromClients = [...client.map(bytesOf), ...client.filter(({ workspace }) => workspace).map(({ workspace }) => workspace)];
const fromServer = [...cases, ...events].map(({ message }) => JSON.stringify(message));

seed('json', [...documents.map(bytesOf), ...fromServer], ['\\u0000', '\\ud83d', '\\ude00', '\\u0041', 'true', 'false', 'null', '1e308', '-0.5E+3', '{"a":', '"}']);
seed('message', fromClients, [...wordsOf(fromClients.map((text) => parsed(text.toString()))), '"0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"', '\\u0054', 'null']);
seed('dialect', [...fromServer, ...documents.map(bytesOf)], [...wordsOf([...cases, ...events]), '{"type":"', '","payload":{', '}}']);
seed('deflate', [...fromServer.slice(0, 8).map((text) => Buffer.concat([Buffer.from([0x10, 0x00]), deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4)])),
  Buffer.from('0000f248cdc9c9070000', 'hex'), Buffer.concat([Buffer.from([0, 16]), Buffer.alloc(3000, 'abc')]),
  Buffer.concat([Buffer.from([0xff, 0xff]), deflateRawSync(Buffer.alloc(60000))])]);

// ---- tokens and keys ----

const base64url = (text) => Buffer.from(text).toString('base64url');
const secret = 'a secret of the fuzz targets, long enough';
const now = 1750000000;
const claims = [
  { iss: 'demo', sub: 'alice', aud: 'board', exp: now + 300, iat: now, nbf: now - 5, name: 'Al "ice" €', picture: 'https://x/a.png' },
  { iss: 'demo', sub: 'bob', aud: ['other', 'board'], exp: now + 300 },
  { iss: 'demo', sub: 'bob', aud: 'board', exp: now - 300 },
  { iss: 'demo', sub: 7, aud: 'board', exp: 1.5e9 },
  { iss: null, sub: '', exp: 'soon' },
];
const headerOf = (alg, kid) => JSON.stringify({ alg, kid, typ: 'JWT' });
const raw = (header, body) => {
  const signed = `${base64url(header)}.${base64url(JSON.stringify(body))}`;
  return `r${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};
seed('token', [
  ...claims.flatMap((body) => [['h', 'HS256', 'hs'], ['e', 'ES256', 'es'], ['s', 'RS256', 'rs']].map(([how, alg, kid]) => `${how}${headerOf(alg, kid)}\n${JSON.stringify(body)}`)),
  ...claims.map((body) => raw(headerOf('HS256', 'hs'), body)), raw(headerOf('HS256'), claims[0]), raw(headerOf('none', 'hs'), claims[0]), raw(headerOf('RS256', 'rs'), claims[0]), 'r', 'ra.b.c', 'r..',
], ['"iss":', '"sub":', '"aud":', '"exp":', '"iat":', '"nbf":', '"name":', '"picture":', '"alg":', '"kid":', '"crit":', '"b64":', '"typ":"JWT"', '"HS256"', '"RS256"', '"ES256"', '"none"', '"demo"', '"board"', '1750000300', 'null']);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
const jwks = (...keys) => JSON.stringify({ keys });
const jwk = (key, more = {}) => ({ ...key.export({ format: 'jwk' }), ...more });
seed('keys', [
  jwks(jwk(rsa, { kid: 'a', use: 'sig', alg: 'RS256' }), jwk(ec, { kid: 'b', key_ops: ['verify'] })), jwks(jwk(ec)), jwks(jwk(rsa)), jwks(jwk(small)), jwks(jwk(other)),
  jwks(jwk(rsa, { use: 'enc' }), { kty: 'oct', k: 'AAAA' }, jwk(ec, { kid: 'x' }), jwk(ec, { kid: 'x' })), jwks(), '{"keys":[1]}', '[]',
  ...[rsa, small, ec, other].map((key) => key.export({ type: 'spki', format: 'pem' })),
], ['"keys":[', '"kty":', '"RSA"', '"EC"', '"crv":"P-256"', '"n":"', '"e":"AQAB"', '"x":"', '"y":"', '"use":"sig"', '"alg":', '"kid":', '"key_ops":["verify"]', '-----BEGIN PUBLIC KEY-----', '-----END PUBLIC KEY-----', '-----BEGIN CERTIFICATE-----', 'PRIVATE KEY-----']);

// ---- HTTP ----

const board = '0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0';
const { paths } = JSON.parse(read('docs/openapi.json'));
const requests = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).filter(([method]) => /^(get|post|put|patch|delete)$/.test(method)).map(([method, { parameters = [] }]) => {
  const target = path.replace(/\{user_id\}/g, '7').replace(/\{\w+\}/g, board);
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => `${name}=a%20b`).join('&');
  const body = method === 'get' ? '' : '{"title":"a","name":"b","version":3,"list_id":"' + board + '"}';
  return `${method.toUpperCase()} ${target}${query && `?${query}`}\n"43"\n${method === 'get' ? '' : board}\nnext\n${body}`;
}));
const segments = Object.keys(paths).flatMap((path) => path.split('/')).filter((segment) => segment && !segment.startsWith('{')).map((segment) => `/${segment}`);
const parameters = Object.values(paths).flatMap((methods) => Object.values(methods)).flatMap((operation) => operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => `${name}=`);
seed('http', [...requests, 'GET http://here/api/me?a=%C3%A9&b=+\n*\n\n\n', 'GET /api/%2e%2e/x%00\n'], [...segments, ...parameters, 'GET ', 'POST ', 'PATCH ', 'DELETE ', 'PUT ', '%20', '%22', '%5c', `/${board}`, 'W/"43"', '?cursor=', '&limit=', '{"version":']);

const head = (...lines) => ['GET /ws HTTP/1.1', 'Host: here', 'Connection: Upgrade', ...lines, '', ''].join('\r\n');
seed('head', [
  head('Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: collab.v1, bearer.a.b.c'),
  head('Upgrade: h2c, WebSocket', 'Sec-WebSocket-Protocol: bearer.x', 'Authorization: Bearer y'),
  head('upgrade:websocket', 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits', 'sec-websocket-extensions: x-webkit-deflate-frame'),
  head('Upgrade: websocket', 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10, permessage-deflate; server_no_context_takeover; client_max_window_bits="15"'),
  head(), 'permessage-deflate; server_max_window_bits=15\n', 'https://example.org:8443\nexample.org:8443\nhttps://example.org, https://*.example.org', 'null\nhere\n*',
], ['\r\n', 'Upgrade:', 'websocket', 'Sec-WebSocket-Protocol:', 'Sec-WebSocket-Extensions:', 'Authorization:', 'bearer.', 'collab.v1', 'permessage-deflate', 'server_max_window_bits=', 'client_max_window_bits', 'server_no_context_takeover', 'client_no_context_takeover', '; ', ', ', 'https://', ':443', '"15"']);

const form = (name) => `multipart/form-data; boundary=xx\n\n--xx\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--xx\r\nContent-Disposition: form-data; name="file"; ${name}\r\nContent-Type: text/plain\r\n\r\ncontent\r\n--xx--\r\n`;
seed('header', [
  'bytes=0-99\n"43"\n0123456789', 'bytes=-5\n"43-gzip"\n0123456789', 'bytes=3-\nW/"43"\n0123456789', 'bytes=0-1,4-5\n*\nabc', '"43"\n"43"\n', 'W/"42", "43-gzip"\n"43"\n', '*\n"1"\n', `${board}\n"1"\n`,
  '43:a3f\n\n', '99999999999:\n\n', 'x\ngzip;q=0.5, *;q=0\n', 'application/json; charset=utf-8\nidentity, gzip\n', 'application/merge-patch+json\n\n',
  form('filename="a b.txt"'), form("filename*=UTF-8''a%20%e2%82%ac.txt"), form('filename="C:\\\\x\\"y.txt"'), 'multipart/form-data; boundary="a b"\n\n--a b--', 'attachment; filename="x"; filename*=utf-8\'en\'y\n\n',
], ['bytes=', '"43"', 'W/"', '-gzip"', 'boundary=', 'multipart/form-data; ', 'Content-Disposition: form-data; ', 'filename=', "filename*=UTF-8''", '\r\n', '\r\n\r\n', '\r\n--xx', '--xx--', ';q=0', 'gzip', '%20']);

// ---- the database's notifications ----

seed('notify', [
  `{"board_id": "${board}", "version": 43}`, `{"workspace_id": "${board}", "acl_version": 9, "user_id": 7}`, '{"version": 99999999999999999999}',
  ` ${board} 1750000000000 7\nh\n`, ` ${board} 1750000000000 8\nc 7 1.5 -2e3\nc 8 0 0 ${board}\nf 7 ${board} title\nf 8\n`, ` ${board} 1 1\nf 9 ${board}\n`, '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
], ['"version"', '"user_id"', '"acl_version"', '\nh\n', '\nc ', '\nf ', ` ${board}`, ' title\n', ' description\n', ' due_date\n', '1e9', '-0.5', '2147483647']);

// ---- the configuration ----

const options = [...read('bridge/core/options.def').matchAll(/^OPTION\((\w+), (\w+), \w+, "([^"]*)"/gm)].map(([, name, type, initial]) => ({ name, type, initial }));
const key = 'jwt_key_file = /etc/collab/jwt.key\n';
seed('config', [
  read('bridge/dist/bridge.conf'), key + options.map(({ name, initial }) => `${name} = ${initial}`).join('\n'),
  ...options.map(({ name, initial }) => `${key}${name} = '${initial}' # as it is\n`),
  `${key}database = 'host=/tmp dbname=a password=''b c'' user=d'\n`, `${key}database = postgresql://u:p@h/d?password=x\n`, `${key}listen = [::1]:80\n`, `${key}log_format = json\n`,
], [...options.flatMap(({ name }) => [`${name} = `]), "''", ' # ', ' ms', 's', ' min', 'kB', ' MB', 'on', 'off', 'password=', '127.0.0.1:0', '[::1]:80', '********']);
