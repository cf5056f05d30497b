import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const crashes = suite('the report of a crash');

const MODULE = fileURLToPath(new URL('../../../hosts/wiring/log/report-crashes.ts', import.meta.url));
const SECRET = 'Zyxwv-7@example.org';

/** What a process that ends so writes to standard error, and its exit code. */
function crashed(
  words: 'asLogLine' | 'asLines',
  end: string,
): Promise<{ readonly code: unknown; readonly said: string }> {
  const script = `import { reportCrashes, ${words} } from ${JSON.stringify(MODULE)};
    reportCrashes(${words});
    const error = Object.assign(new TypeError('not found: ${SECRET}', { cause: new Error('${SECRET}') }), { email: '${SECRET}' });
    ${end}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], (error, _out, said) => {
      resolve({ code: error?.code, said });
    });
  });
}

crashes(
  'names the error and where it happened, and holds nothing of its values, however it ended the process',
  async () => {
    const ends = await Promise.all([
      crashed('asLogLine', 'setTimeout(() => { throw error; });'),
      crashed('asLogLine', 'void Promise.reject(error); setInterval(() => undefined, 1000);'),
      crashed('asLogLine', 'await Promise.reject(error);'),
      crashed('asLines', 'throw error;'),
    ]);
    for (const { code, said } of ends) {
      assert.is(code, 1);
      assert.match(said, 'TypeError');
      assert.match(said, 'not found: …');
      assert.not.match(said, 'Zyxwv');
    }
    const lines = ends
      .slice(0, 3)
      .map(({ said }) => JSON.parse(said) as { readonly level: number; readonly origin: string });
    assert.equal(
      lines.map(({ level, origin }) => `${level} ${origin}`),
      ['60 uncaughtException', '60 unhandledRejection', '60 unhandledRejection'],
    );
  },
);

crashes.run();
