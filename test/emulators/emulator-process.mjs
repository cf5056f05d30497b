// Runs one emulator of an AWS service for the tests that started this process, and ends with them.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const realNow = Date.now;
let frozenMs = null;

/** Leases and delays of a queue end when the test says so. */
Date.now = () => frozenMs ?? realNow();

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const START = {
  dynalite: async (port) => {
    const { default: dynalite } = await import('dynalite');
    const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  },
  fauxqs: async (port) => {
    const { startFauxqs } = await import('fauxqs');
    await startFauxqs({ port, host: '127.0.0.1', logger: false });
  },
  'cognito-local': async (port) => {
    // It keeps its pools in files below where it runs, and is told by the environment what to do.
    const folder = mkdtempSync(path.join(tmpdir(), 'clarity-cognito-'));
    process.chdir(folder);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    Object.assign(process.env, {
      HOST: '127.0.0.1',
      PORT: String(port),
      CODE: '424242',
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    });
    const cognito = createRequire(import.meta.url).resolve('cognito-local');
    const { default: pino } = await import(createRequire(cognito).resolve('pino'));
    const { default: cognitoLocal } = await import(cognito);
    const server = await cognitoLocal.createDefaultServer(pino({ level: 'silent' }));
    await server.start();
  },
};

process.on('message', (message) => {
  frozenMs = message.nowMs;
  process.send({ kind: 'clock-set' });
});
process.on('disconnect', () => process.exit(0));

const port = await freePort();
await START[process.argv[2]](port);
process.send({ kind: 'listening', port });
