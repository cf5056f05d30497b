#!/usr/bin/env node
/**
 * Talks to a websocket of a running service, with nothing but Node (RFC 6455):
 *
 *   node scripts/smoke-websocket.mjs URL PATH greets USER_ID   the socket says connection_ack to this person and answers a heartbeat
 *   node scripts/smoke-websocket.mjs URL PATH closes CODE      the socket is closed with this code
 *
 * Exits with 0 where that is so, and with 1 and the reason where it is not.
 */
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const GIVE_UP_MS = 20_000;
const MOST_BYTES = 1024 * 1024;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A frame from a client to the server: never longer than 125 bytes here, always masked. */
function clientFrame(opcode, payload) {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, i) => byte ^ mask[i % 4]));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}

/** The frame at the beginning of what has arrived, or null while it is not whole. */
function firstFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 0x7f;
  const header = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < header) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (length > MOST_BYTES) throw new Error(`a frame of ${length} bytes`);
  if (bytes.length < header + length) return null;
  if (bytes[1] & 0x80) throw new Error('a server must not mask its frames');
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(header, header + length), size: header + length };
}

/** Opens the socket and calls back with each frame; resolves with the first value that `onFrame` gives. */
function talk(url, onFrame) {
  return new Promise((resolve, reject) => {
    const key = randomBytes(16).toString('base64');
    const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const handshake = send(url, {
      headers: {
        // Firewalls turn away who does not say what they are.
        'User-Agent': 'clarity-smoke-test',
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': key,
      },
    });
    const timer = setTimeout(() => handshake.destroy(new Error('nothing more came')), GIVE_UP_MS);
    handshake.once('error', reject);
    handshake.once('response', ({ statusCode }) => {
      reject(new Error(`the handshake was answered with ${statusCode}`));
      handshake.destroy();
    });
    handshake.once('upgrade', (response, socket, head) => {
      const settle = (settled, value) => {
        clearTimeout(timer);
        socket.destroy();
        settled(value);
      };
      if (response.headers['sec-websocket-accept'] !== accepted) {
        settle(reject, new Error('the handshake was answered with another Sec-WebSocket-Accept'));
        return;
      }
      let arrived = Buffer.alloc(0);
      const look = (chunk) => {
        try {
          arrived = Buffer.concat([arrived, chunk]);
          for (let frame = firstFrame(arrived); frame !== null; frame = firstFrame(arrived)) {
            arrived = arrived.subarray(frame.size);
            if (frame.opcode === PING) socket.write(clientFrame(PONG, frame.payload));
            const value = onFrame(frame, (message) => {
              socket.write(clientFrame(TEXT, Buffer.from(JSON.stringify(message))));
            });
            if (value !== undefined) {
              settle(resolve, value);
              return;
            }
          }
        } catch (cause) {
          settle(reject, cause);
        }
      };
      socket.on('data', look);
      socket.once('error', (cause) => settle(reject, cause));
      socket.once('close', () => settle(reject, new Error('the connection ended')));
      look(head);
    });
    handshake.end();
  });
}

const closeCodeOf = ({ payload }) => (payload.length >= 2 ? payload.readUInt16BE(0) : 1005);

/** Greeted as this person, and a heartbeat is answered. */
const greets = (user) => {
  let greeted = false;
  return (frame, send) => {
    if (frame.opcode === CLOSE) throw new Error(`closed with ${closeCodeOf(frame)}`);
    if (frame.opcode !== TEXT) return undefined;
    const message = JSON.parse(frame.payload.toString('utf8'));
    if (message.type === 'connection_ack') {
      if (message.user_id !== user) throw new Error('connection_ack is for somebody else');
      if (typeof message.session_id !== 'string') throw new Error('connection_ack has no session_id');
      greeted = true;
      send({ type: 'heartbeat' });
    }
    return message.type === 'heartbeat_ack' && greeted ? true : undefined;
  };
};

const closes = (code) => (frame) => {
  if (frame.opcode !== CLOSE) return undefined;
  if (closeCodeOf(frame) !== Number(code)) throw new Error(`closed with ${closeCodeOf(frame)}`);
  return true;
};

const [base, path, wanted, value] = process.argv.slice(2);
try {
  await talk(new URL(`${base}${path}`), wanted === 'greets' ? greets(value) : closes(value));
} catch (cause) {
  console.error(cause.message);
  process.exitCode = 1;
}
