import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startProcess } from '../e2e/running-service.ts';

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly said: string;
}

const run = (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(program, [...args], { env: { ...process.env, ...environment } }, (error, out, notes) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, said: out + notes });
    });
  });

const smoke = suite('the walk through a service on AWS');

smoke(
  'where nobody registers by themselves, a prepared person walks, as often as asked, and is there afterwards',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'clarity-prepared-'));
    const prepared = { email: 'walker@example.org', password: 'Walks-by-night-7' };
    const post = (url: string, to: string): Promise<Response> =>
      fetch(`${url}/api/v1/auth/${to}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(prepared),
      });
    try {
      const open = await startProcess({ DATA_DIR: folder });
      assert.is((await post(open.url, 'register')).status, 201);
      await open.stop();
      const closed = await startProcess({ DATA_DIR: folder, ENABLE_SELF_SIGNUP: 'false' });
      try {
        const script = path.join(scripts, 'smoke-test.sh');
        const person = { SMOKE_EMAIL: prepared.email, SMOKE_PASSWORD: prepared.password };
        for (let turn = 0; turn < 2; turn += 1) {
          const { code, said } = await run('bash', [script, closed.url], person);
          assert.is(code, 0, said);
          assert.match(said, /^ok {4}auth: the prepared person logs in$/m);
          assert.not.match(said, 'erase: everything');
        }
        assert.is((await post(closed.url, 'login')).status, 200);
        const without = await run('bash', [script, closed.url]);
        assert.is(without.code, 1);
        assert.match(without.said, 'set SMOKE_EMAIL and SMOKE_PASSWORD to a person made for this');
        assert.is((await run('bash', [script, closed.url], { SMOKE_EMAIL: prepared.email })).code, 2);
      } finally {
        await closed.stop();
      }
      const confirming = await startProcess({ DATA_DIR: folder, REQUIRE_EMAIL_VERIFICATION: 'true' });
      try {
        const script = path.join(scripts, 'smoke-test.sh');
        const without = await run('bash', [script, confirming.url]);
        assert.is(without.code, 1);
        assert.match(without.said, 'set SMOKE_EMAIL and SMOKE_PASSWORD to a confirmed person');
        const person = { SMOKE_EMAIL: prepared.email, SMOKE_PASSWORD: prepared.password };
        const { code, said } = await run('bash', [script, confirming.url], person);
        assert.match(said, /^ok {4}auth: nobody registers with a weak password$/m);
        // Who registered while addresses were not confirmed is not a confirmed person.
        assert.match(said, /^FAIL {2}auth: the prepared person logs in: answered 403/m);
        assert.is(code, 1);
      } finally {
        await confirming.stop();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

smoke('its websockets say what they are, which the firewall asks of everybody', async () => {
  let seen: IncomingHttpHeaders = {};
  const server = createServer().on('upgrade', ({ headers }, socket) => {
    seen = headers;
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const script = path.join(scripts, 'smoke-websocket.mjs');
    const { code } = await run(process.execPath, [script, `http://127.0.0.1:${port}`, '/any', 'closes', '4001']);
    assert.is(code, 1);
    assert.match(seen['user-agent'] ?? '', /\S/);
  } finally {
    server.close();
  }
});

smoke.run();
