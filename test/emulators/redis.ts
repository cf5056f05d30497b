import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { LuaFactory, type LuaEngine } from 'wasmoon';

/** A server that speaks Redis's protocol. */
export interface RedisUnderTest {
  readonly url: string;
  /** How many commands came of each name. */
  readonly commands: () => Readonly<Record<string, number>>;
  /** Forgets scripts, as a restart does; what is kept under keys stays. */
  readonly forgetScripts: () => void;
  /** Breaks all connections and takes no new ones, until `listen`. */
  readonly vanish: () => Promise<void>;
  readonly listen: () => Promise<void>;
  /** From now on commands are read and never answered. */
  readonly hang: () => void;
  readonly close: () => Promise<void>;
}

/**
 * As much of Redis as the adapter uses: RESP2, EVAL and EVALSHA with GET and SET in a real Lua, one script at a time. It
 * forgets what has expired only when it is asked for.
 */
export async function startRedis(): Promise<RedisUnderTest> {
  const lua = await new LuaFactory().createEngine();
  const kept = new Map<string, { readonly value: string; readonly untilMs: number }>();
  const scripts = new Map<string, string>();
  const counted: Record<string, number> = {};
  const sockets = new Set<Socket>();
  let hangs = false;
  lua.global.set('redis', { call: (...words: readonly unknown[]) => redisCall(kept, words.map(String)) });
  const run = async (words: readonly string[]): Promise<string> => {
    const [name = '', ...rest] = words;
    const command = name.toUpperCase();
    counted[command] = (counted[command] ?? 0) + 1;
    if (command === 'PING') return '+PONG\r\n';
    if (command !== 'EVAL' && command !== 'EVALSHA') return '+OK\r\n';
    const [given = '', keyCount = '0', ...others] = rest;
    const script = command === 'EVAL' ? given : scripts.get(given);
    if (script === undefined) return '-NOSCRIPT No matching script. Please use EVAL.\r\n';
    scripts.set(createHash('sha1').update(script).digest('hex'), script);
    return respOf(runScript(lua, script, others.slice(0, Number(keyCount)), others.slice(Number(keyCount))));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    let answers = Promise.resolve();
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      for (let read = commandOf(text); read !== null; read = commandOf(text)) {
        const { words } = read;
        text = text.slice(read.length);
        answers = answers.then(async () => {
          if (!hangs) socket.write(await run(words));
        });
      }
    });
  });
  let port = 0;
  const listen = async (): Promise<void> => {
    hangs = false;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const vanish = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen();
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    commands: () => ({ ...counted }),
    forgetScripts: () => {
      scripts.clear();
    },
    vanish,
    listen,
    hang: () => {
      hangs = true;
    },
    close: async () => {
      await vanish();
      lua.global.close();
    },
  };
}

function redisCall(
  kept: Map<string, { readonly value: string; readonly untilMs: number }>,
  [name, key = '', value = '', , ms]: readonly string[],
): string | false {
  if (name === 'SET') {
    kept.set(key, { value, untilMs: Date.now() + Number(ms) });
    return 'OK';
  }
  if (name !== 'GET') throw new Error(`the stand-in for Redis does not know ${String(name)}`);
  const found = kept.get(key);
  // A script of Redis sees what is not there as false.
  return found === undefined || found.untilMs <= Date.now() ? false : found.value;
}

function runScript(lua: LuaEngine, script: string, keys: readonly string[], args: readonly string[]): unknown {
  lua.global.set('KEYS', keys);
  lua.global.set('ARGV', args);
  return lua.doStringSync(script);
}

/** RESP2. */
function respOf(value: unknown): string {
  if (Array.isArray(value)) return `*${String(value.length)}\r\n${value.map(respOf).join('')}`;
  if (typeof value === 'number') return `:${String(Math.trunc(value))}\r\n`;
  const text = String(value);
  return `$${String(Buffer.byteLength(text))}\r\n${text}\r\n`;
}

/** The first whole command of the text, which is an array of strings, and how long it is; null where there is none yet. */
function commandOf(text: string): { readonly words: readonly string[]; readonly length: number } | null {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  const words: string[] = [];
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return null;
    const bytes = Buffer.from(text.slice(at + size[0].length));
    const length = Number(size[1]);
    if (bytes.length < length + 2) return null;
    const word = bytes.subarray(0, length).toString('utf8');
    words.push(word);
    at += size[0].length + word.length + 2;
  }
  return { words, length: at };
}
