// Runs all tests in two processes side by side, or those whose paths match a pattern in one: npm test -- "aws/.*\.test\.ts$"
import { spawn } from 'node:child_process';

/** About half of the time each. Together they are all test files, each once. */
const HALVES = [
  '^(?:e2e|unit|property|architecture|integration/tfjs)/.*\\.test\\.ts$',
  '^(?!e2e/|unit/|property/|architecture/|integration/tfjs/).*\\.test\\.ts$',
];

const patterns = process.argv.length > 2 ? process.argv.slice(2) : HALVES;

/** Runs uvu; what it prints is passed on at once, or kept until it ends. */
function run(pattern, isLive) {
  return new Promise((resolve) => {
    const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', 'test', pattern];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
        if (isLive) process.stdout.write(text);
      });
    }
    child.on('close', (code) => resolve({ code: code ?? 1, printed }));
  });
}

/** The number behind the label in the summary that uvu prints last, or null where it ended without one. */
function counted(label, printed) {
  // eslint-disable-next-line no-control-regex -- uvu colours what it prints
  const plain = printed.replace(/\x1b\[[0-9;]*m/g, '');
  const found = [...plain.matchAll(new RegExp(`^ *${label}: *(\\d+) *$`, 'gm'))].at(-1);
  return found === undefined ? null : Number(found[1]);
}

const started = performance.now();
const running = patterns.map((pattern, i) => run(pattern, i === 0));
const sums = { Total: 0, Passed: 0, Skipped: 0 };
for (const [i, ended] of running.entries()) {
  const { code, printed } = await ended;
  if (i > 0) process.stdout.write(printed);
  for (const label of Object.keys(sums)) {
    const count = counted(label, printed);
    if (count === null) {
      console.error(`The tests of ${patterns[i]} ended without a summary (exit code ${code}).`);
      process.exit(1);
    }
    sums[label] += count;
  }
  if (code !== 0) process.exitCode = 1;
}
if (patterns.length > 1) {
  console.log('  Both processes together');
  for (const [label, count] of Object.entries(sums)) console.log(`  ${`${label}:`.padEnd(10)}${count}`);
  console.log(`  Duration: ${Math.round(performance.now() - started)}ms`);
}
