import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Checked } from './checked.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs test files one after the other, and counts their tests. A file that ends without a summary has failed. */
export async function testFiles(...files: readonly string[]): Promise<Checked> {
  let cases = 0;
  const failed: string[] = [];
  for (const file of files) {
    const { printed, code } = await run(file);
    const [total, passed] = [counted('Total', printed), counted('Passed', printed)];
    cases += total ?? 1;
    if (total === null || passed === null) failed.push(`${file} ended without a summary`);
    else if (passed < total || code !== 0) {
      failed.push(...[...printed.matchAll(/^ {3}FAIL {2}(.*)$/gm)].map(([, name = '']) => `${file}: ${name.trim()}`));
      if (failed.length === 0) failed.push(`${file} ended with exit code ${String(code)}`);
    }
  }
  return { cases, failed };
}

function run(file: string): Promise<{ readonly printed: string; readonly code: number | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    child.on('close', (code) => {
      // oxlint-disable-next-line no-control-regex -- colours are control sequences
      resolve({ printed: printed.replace(/\x1b\[[0-9;]*m/g, ''), code });
    });
  });
}

/** The number behind the label in the summary that uvu prints last, or null where it ended without one. */
function counted(label: string, printed: string): number | null {
  const found = [...printed.matchAll(new RegExp(`^ *${label}: *(\\d+) *$`, 'gm'))].at(-1);
  return found === undefined ? null : Number(found[1]);
}
