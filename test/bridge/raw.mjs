// raw.mjs: a WebSocket client that sends what it is told to, byte by byte, and shows the frames that come: for what no
// library would send.
import { connect } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { DEADLINE } from './harness.mjs';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A message as permessage-deflate sends it. */
export const compress = (text) => deflateRawSync(Buffer.from(text), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
export const expand = (bytes) => inflateRawSync(Buffer.concat([bytes, Buffer.from([0, 0, 255, 255])]), { finishFlush: constants.Z_SYNC_FLUSH });

export class RawSocket {
  frames = [];
  #bytes = Buffer.alloc(0);
  #waiting = new Set();

  /** `headers` are added to the upgrade's. Resolves when it is answered; `answer` holds the head. */
  static async open(port, path, headers = []) {
    const raw = new RawSocket();
    raw.socket = connect(port, '127.0.0.1');
    raw.socket.on('error', () => {});
    raw.closed = new Promise((done) => raw.socket.on('close', () => { raw.isClosed = true; raw.#offer(); done(); }));
    const key = randomBytes(16).toString('base64');
    raw.socket.write([`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`, ...headers, '', ''].join('\r\n'));
    raw.socket.on('data', (bytes) => { raw.#bytes = Buffer.concat([raw.#bytes, bytes]); raw.#parse(); raw.#offer(); });
    await raw.#until(() => raw.answer, 'the answer to the upgrade');
    raw.isAccepted = raw.answer.includes(createHash('sha1').update(key + GUID).digest('base64'));
    return raw;
  }

  #parse() {
    if (this.answer === undefined) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.answer = this.#bytes.subarray(0, end).toString();
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    for (;;) {
      if (this.#bytes.length < 2) return;
      let length = this.#bytes[1] & 0x7f, head = 2;
      if (length === 126) {
        if (this.#bytes.length < 4) return;
        length = this.#bytes.readUInt16BE(2);
        head = 4;
      } else if (length === 127) {
        if (this.#bytes.length < 10) return;
        length = Number(this.#bytes.readBigUInt64BE(2));
        head = 10;
      }
      if (this.#bytes.length < head + length) return;
      this.frames.push({ opcode: this.#bytes[0] & 15, isFinal: (this.#bytes[0] & 0x80) !== 0, isCompressed: (this.#bytes[0] & 0x40) !== 0,
        isMasked: (this.#bytes[1] & 0x80) !== 0, payload: this.#bytes.subarray(head, head + length), size: head + length });
      this.#bytes = this.#bytes.subarray(head + length);
    }
  }

  #offer() { for (const look of [...this.#waiting]) look(); }

  #until(condition, what) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => end(failed, new Error(`no ${what} within ${DEADLINE} ms; ${JSON.stringify(this.frames.map(({ opcode, payload }) => [opcode, payload.length]))}`)), DEADLINE);
      const end = (how, value) => { clearTimeout(timer); this.#waiting.delete(look); how(value); };
      const look = () => {
        const got = condition();
        if (got) end(done, got);
        else if (this.isClosed) end(failed, new Error(`closed while waiting for ${what}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** One frame. `mask: false` leaves it unmasked, `length` lies about it. */
  static frame(opcode, payload = '', { isFinal = true, rsv = 0, mask = randomBytes(4), length } = {}) {
    const body = Buffer.from(payload);
    const size = length ?? body.length;
    const head = size < 126 ? Buffer.from([0, size]) : size < 65536 ? Buffer.from([0, 126, size >> 8, size & 255]) : Buffer.alloc(10);
    if (size >= 65536) {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(size), 2);
    }
    head[0] = (isFinal ? 0x80 : 0) | rsv | opcode;
    if (!mask) return Buffer.concat([head, body]);
    head[1] |= 0x80;
    return Buffer.concat([head, mask, body.map((byte, i) => byte ^ mask[i & 3])]);
  }

  send(opcode, payload, options) { this.write(RawSocket.frame(opcode, payload, options)); }

  write(bytes) { this.socket.write(bytes); }

  /** Every byte on its own, as far as the kernel keeps them apart. */
  async writeSlowly(bytes) {
    this.socket.setNoDelay(true);
    for (const byte of bytes) await new Promise((sent) => this.socket.write(Buffer.from([byte]), sent));
  }

  /** Takes the next frame of that kind out. */
  async expectFrame(opcode, matches = () => true) {
    const at = await this.#until(() => 1 + this.frames.findIndex((frame) => frame.opcode === opcode && matches(frame)), `frame ${opcode}`);
    return this.frames.splice(at - 1, 1)[0];
  }

  /** The next whole message of that type, pieces put together and expanded: { type, payload, pieces, between, size }. */
  async expectMessage(type) {
    for (;;) {
      const pieces = [], between = [];
      for (;;) {
        const frame = await this.#until(() => this.frames.shift(), `message ${type}`);
        (frame.opcode & 8 ? between : pieces).push(frame);
        if (!(frame.opcode & 8) && frame.isFinal) break;
      }
      const bytes = Buffer.concat(pieces.map(({ payload }) => payload));
      const message = JSON.parse(pieces[0].isCompressed ? expand(bytes) : bytes);
      if (message.type === type) return { ...message, pieces, between, size: bytes.length };
    }
  }

  /** The close code, when the connection has ended; 1006 without one. */
  async closeCode() {
    try {
      const { payload } = await this.expectFrame(OPCODE.close);
      return payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    } catch {
      return 1006;
    }
  }

  end() { this.socket.destroy(); }
}
