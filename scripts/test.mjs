// Runs all tests in four processes side by side, or those whose paths match a pattern in one: npm test -- "aws/.*\.test\.ts$"
import { spawn } from 'node:child_process';

/** Folders and files of `test/`, as the beginning of their paths. */
const PROCESSES = ['e2e/'];
/** What tries very many cases, or computes for long. */
const MANY_CASES = [
  ...['faults/', 'loops/', 'canaries/', 'property/', 'architecture/', 'infrastructure/'],
  ...['integration/tfjs/', 'integration/onnx/', 'integration/worker-threads/', 'integration/memory/actigraphy-model'],
];
const EMULATORS = ['integration/aws/'];

const below = (beginnings) => `^(?:${beginnings.join('|')}).*\\.test\\.ts$`;

/**
 * Together they are all test files, each once. What waits for processes, for emulators, or computes goes on side by side. Statements
 * are counted, if they are, where it costs little: counting makes very many cases half as slow again, and they run what the others do.
 */
const PARTS = [
  { pattern: below(PROCESSES), isCounted: false },
  { pattern: below(MANY_CASES), isCounted: false },
  { pattern: below(EMULATORS), isCounted: true },
  { pattern: `^(?!${[...PROCESSES, ...MANY_CASES, ...EMULATORS].join('|')}).*\\.test\\.ts$`, isCounted: true },
];

const chosen = process.argv.slice(2).map((pattern) => ({ pattern, isCounted: true }));
const parts = chosen.length > 0 ? chosen : PARTS;

/** As uvu prints it before the file's suites. */
const FILE_NAME = /^(\S+\.test\.ts)$/gm;
/** So many of the files that took longest are named. */
const MOST_SLOW = 12;

/** Empty where nothing is to be counted: Node hands the variable on to child processes that leave it out. */
const environmentOf = (isCounted) => (isCounted ? process.env : { ...process.env, NODE_V8_COVERAGE: '' });

/** Runs uvu; what it prints is passed on at once, or kept until it ends. */
function run({ pattern, isCounted }, isLive) {
  return new Promise((resolve) => {
    const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', 'test', pattern];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environmentOf(isCounted) });
    let printed = '';
    const began = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
        if (isLive) process.stdout.write(text);
        for (const [, file] of plain(text).matchAll(FILE_NAME)) began.push({ file, atMs: performance.now() });
      });
    }
    child.on('close', (code) => {
      const endedMs = performance.now();
      const took = began.map(({ file, atMs }, i) => ({ file, ms: (began[i + 1]?.atMs ?? endedMs) - atMs }));
      resolve({ code: code ?? 1, printed, took });
    });
  });
}

/** What uvu printed, without its colours. */
function plain(printed) {
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  return printed.replace(/\x1b\[[0-9;]*m/g, '');
}

/** What uvu said of each test that failed, below its file's name: said again last, where a reader of a long log looks. */
function failures(printed) {
  const found = [];
  let file = '';
  let isFailure = false;
  for (const line of plain(printed).split('\n')) {
    if (line.match(FILE_NAME) !== null) file = line;
    if (file === line || /^ +Total: |[•✘] /.test(line)) isFailure = false;
    if (/^ {3}FAIL {2}/.test(line)) {
      isFailure = true;
      found.push(file);
    }
    if (isFailure) found.push(line);
  }
  return found;
}

/** The number behind the label in the summary that uvu prints last, or null where it ended without one. */
function counted(label, printed) {
  const found = [...plain(printed).matchAll(new RegExp(`^ *${label}: *(\\d+) *$`, 'gm'))].at(-1);
  return found === undefined ? null : Number(found[1]);
}

const started = performance.now();
const running = parts.map((part, i) => run(part, i === 0));
const failed = [];
const times = [];
const sums = { Total: 0, Passed: 0, Skipped: 0 };
for (const [i, ended] of running.entries()) {
  const { code, printed, took } = await ended;
  if (i > 0) process.stdout.write(printed);
  for (const label of Object.keys(sums)) {
    const count = counted(label, printed);
    if (count === null) {
      console.error(`The tests of ${parts[i].pattern} ended without a summary (exit code ${code}).`);
      process.exit(1);
    }
    sums[label] += count;
  }
  failed.push(...failures(printed));
  times.push(...took);
  if (code !== 0) process.exitCode = 1;
}
if (parts.length > 1) {
  console.log('  The slowest files, in seconds');
  for (const { file, ms } of times.toSorted((a, b) => b.ms - a.ms).slice(0, MOST_SLOW)) {
    console.log(`  ${(ms / 1000).toFixed(1).padStart(6)}  ${file}`);
  }
}
if (failed.length > 0) console.log(['  Tests that failed', ...failed].join('\n'));
if (parts.length > 1) {
  console.log('  All processes together');
  for (const [label, count] of Object.entries(sums)) console.log(`  ${`${label}:`.padEnd(10)}${count}`);
  console.log(`  Duration: ${Math.round(performance.now() - started)}ms`);
}
