import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProcess, type Ended } from './running-service.ts';

const SCRIPT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../scripts/smoke-test.sh');

/** Runs the script as a person does, from a folder that has nothing to do with the project. */
const smokeTest = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile('bash', [SCRIPT, ...args], { cwd: tmpdir() }, (error, out, notes) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, notes });
    });
  });

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-smoke-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('every check passes against a running service, and the exit code says so', () =>
  withFolder(async (folder) => {
    const service = await startProcess({ DATA_DIR: folder });
    try {
      const { code, out, notes } = await smokeTest(service.url);
      assert.not.match(out, /^FAIL/m, out);
      assert.match(out, /\n(\d{2}) passed, 0 failed\n$/);
      assert.is(notes, '');
      assert.is(code, 0);
    } finally {
      await service.stop();
    }
  }));

test('a service in which something is not as it should be fails by name', () =>
  withFolder(async (folder) => {
    const service = await startProcess({ DATA_DIR: folder, ENABLE_SELF_SIGNUP: 'false' });
    try {
      const { code, out } = await smokeTest(`${service.url}/`);
      assert.match(out, /^FAIL {2}auth: a new person registers and is signed in: answered 403 instead of 201/m);
      assert.match(out, /^ok {4}health: the process is up$/m);
      assert.match(out, /\n\d+ passed, 2 failed\n$/);
      assert.is(code, 1);
    } finally {
      await service.stop();
    }
  }));

test('against nothing it fails at once', async () => {
  // A port that was free a moment ago, and is not listened on now.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { code, out } = await smokeTest(`http://127.0.0.1:${port}`);
  assert.match(out, /^FAIL {2}the service answers: nobody is there/);
  assert.match(out, /\n0 passed, 1 failed\n$/);
  assert.is(code, 1);
});

test('without a URL it says how it is called', async () => {
  const { code, notes } = await smokeTest();
  assert.match(notes, /^usage: .*smoke-test\.sh URL\n$/);
  assert.is(code, 2);
});

test.run();
