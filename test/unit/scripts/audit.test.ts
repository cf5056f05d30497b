import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/** What `npm run audit` makes of what npm tells it. */
const audit = suite('the question for known vulnerabilities');

const script = fileURLToPath(new URL('../../../scripts/audit.mjs', import.meta.url));
let folder: string;

audit.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'clarity-audit-'));
});

audit.after(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script with an npm that prints this. */
function auditOf(
  answer: object | string,
  ...args: string[]
): { readonly status: number | null; readonly said: string } {
  const npm = join(folder, 'npm');
  const printed = typeof answer === 'string' ? answer : JSON.stringify(answer);
  writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${printed}\nEND\nexit 1\n`);
  chmodSync(npm, 0o700);
  const { status, stdout } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin` },
  });
  return { status, said: stdout };
}

const NONE = {
  vulnerabilities: {},
  metadata: { vulnerabilities: { total: 0 }, dependencies: { prod: 255 } },
};
const ONE = {
  vulnerabilities: {
    left: {
      name: 'left',
      severity: 'low',
      range: '<1.0.1',
      via: [{ title: 'Prototype pollution', url: 'https://example.org/GHSA-1' }, 'right'],
    },
  },
  metadata: { vulnerabilities: { total: 1 } },
};
const REFUSED = { message: '405 Method Not Allowed', statusCode: 405, error: { summary: '', detail: '' } };

audit('a report without findings is well', () => {
  const { status, said } = auditOf(NONE);
  assert.is(status, 0);
  assert.match(said, 'none in 255 shipped packages');
});

audit('any finding fails, whatever its severity, and is told with its advisory', () => {
  const { status, said } = auditOf(ONE);
  assert.is(status, 1);
  assert.match(said, 'low  left <1.0.1: Prototype pollution https://example.org/GHSA-1; by right');
});

audit('no answer of the registry is no failure, and is never told as a clean report', () => {
  for (const answer of [REFUSED, 'npm error network', '', 'null']) {
    const { status, said } = auditOf(answer);
    assert.is(status, 0, JSON.stringify(answer));
    assert.match(said, 'NOT CHECKED');
    assert.is(auditOf(answer, '--must-answer').status, 2);
  }
});

audit.run();
