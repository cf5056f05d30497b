import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startProcess, type RunningService } from './running-service.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../../scripts/smoke-test-auth.sh');

const smoke = suite<{ folder: string }>('the smoke test of accounts');

smoke.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'clarity-smoke-'));
});

smoke.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs the script from a folder that is not the project's. */
function run(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: unknown; readonly lines: readonly string[]; readonly notes: string }> {
  const env = { ...process.env, MAIL_DIR: '', ...environment };
  return new Promise((resolve) => {
    execFile('bash', [SCRIPT, ...args], { cwd: folder, env }, (error, out, notes) => {
      resolve({ code: error === null ? 0 : error.code, lines: out.trim().split('\n'), notes });
    });
  });
}

async function withService(
  folder: string,
  settings: Readonly<Record<string, string>>,
  work: (service: RunningService, mails: string) => Promise<void>,
): Promise<void> {
  const service = await startProcess({ DATA_DIR: path.join(folder, 'data'), ...settings });
  try {
    await work(service, path.join(folder, 'data', 'mail'));
  } finally {
    assert.is(await service.stop(), 0);
  }
}

/** What is neither a check that passed nor the sum in the last line. */
const others = (lines: readonly string[]): readonly string[] =>
  lines.slice(0, -1).filter((line) => !line.startsWith('ok '));

smoke(
  'passes where an account can be used at once, again and again, with mailed codes and without',
  async (context) => {
    const { folder } = context;
    await withService(folder, {}, async ({ url, printed }, mails) => {
      assert.match(printed(), `kept in ${mails}`);
      for (const environment of [{}, { MAIL_DIR: mails }]) {
        const { code, lines } = await run(folder, [url], environment);
        assert.equal([code, others(lines)], [0, []]);
        assert.match(lines.at(-1)!, /^\d{2} passed, 0 failed$/);
        for (const check of [
          'register: 201',
          'weak password: 400',
          'again: 409',
          'malformed body: 422',
          'not JSON: 422',
          'wrong password: 401',
          'unknown address: 401',
          'reads the same as the wrong password',
          'too many failures: 429',
          'login: 200',
          'refresh: 200',
          'refresh with garbage: 401',
          'refresh after the logout: 401',
          'without a token: 401',
        ]) {
          assert.ok(
            lines.some((line) => line.includes(check)),
            check,
          );
        }
        const resets = lines.some((line) => line.includes('reset it with the code that was mailed: 200'));
        assert.is(resets, 'MAIL_DIR' in environment);
      }
    });
  },
);

smoke('says how to go on where the service has its usual limits', async ({ folder }) => {
  await withService(folder, { RATE_LIMITS: 'register=1/h' }, async ({ url }) => {
    const { code, lines } = await run(folder, [url]);
    assert.is(code, 1);
    assert.match(lines.at(-2)!, 'start it with RATE_LIMITS=multiplier=20');
    assert.match(lines.at(-1)!, /^\d{2} passed, 4 failed$/);
  });
});

smoke('passes where an address must be confirmed first', async ({ folder }) => {
  await withService(folder, { REQUIRE_EMAIL_VERIFICATION: 'true' }, async ({ url }, mails) => {
    const blind = await run(folder, [url]);
    assert.is(blind.code, 0);
    assert.equal(
      others(blind.lines).map((line) => line.slice(0, 2)),
      ['--'],
    );
    const { code, lines } = await run(folder, [`${url}/`], { MAIL_DIR: mails });
    assert.equal([code, others(lines)], [0, []]);
    for (const check of [
      'register: 202',
      'login before the address is confirmed: 403',
      'confirm with the code that was mailed: 200',
      'reset it with the code that was mailed: 200',
      'login: 200',
    ]) {
      assert.ok(
        lines.some((line) => line.includes(check)),
        check,
      );
    }
  });
});

smoke('fails where accounts cannot be made, and says what', async ({ folder }) => {
  await withService(folder, { ENABLE_SELF_SIGNUP: 'false' }, async ({ url }) => {
    const { code, lines } = await run(folder, [url]);
    assert.is(code, 1);
    assert.ok(lines.some((line) => /^FAIL {2}register: 201 with tokens: expected 201, got 403/.test(line)));
  });
});

smoke('fails against a service that is not there, and without a URL', async ({ folder }) => {
  const { code, lines } = await run(folder, ['http://127.0.0.1:1']);
  assert.is(code, 1);
  assert.is(lines.length, 1);
  assert.match(lines[0] ?? '', /^FAIL {2}accounts can be reached/);
  const without = await run(folder, []);
  assert.is(without.code, 2);
  assert.match(without.notes, 'usage:');
});

smoke.run();
