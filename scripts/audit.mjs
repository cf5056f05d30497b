// Asks the registry for known vulnerabilities of what is shipped: npm run audit
// Exit code 1 where there are some. Where the registry cannot be asked it says so, and that is no failure: a machine
// without a network must be able to run everything else. `-- --must-answer` makes it one.
import { spawnSync } from 'node:child_process';

const MOST_MS = 60_000;

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  timeout: MOST_MS,
  maxBuffer: 64 * 1024 * 1024,
});
const report = parsed(stdout);
const counts = report?.metadata?.vulnerabilities;

if (counts === undefined) {
  const why = report?.message ?? error?.message ?? 'npm gave no report';
  console.log(`Known vulnerabilities: NOT CHECKED, the registry did not answer (${why}).`);
  if (process.env.GITHUB_ACTIONS === 'true') console.log('::warning::npm audit could not ask the registry');
  if (process.argv.includes('--must-answer')) process.exitCode = 2;
} else if (counts.total === 0) {
  console.log(`Known vulnerabilities: none in ${report.metadata.dependencies?.prod ?? 'the'} shipped packages.`);
} else {
  console.log(`Known vulnerabilities: ${counts.total}.`);
  for (const { name, severity, range, via } of Object.values(report.vulnerabilities ?? {})) {
    const what = via.map((cause) => (typeof cause === 'string' ? `by ${cause}` : `${cause.title} ${cause.url}`));
    console.log(`  ${severity}  ${name} ${range}: ${what.join('; ')}`);
  }
  process.exitCode = 1;
}

/** The object that the text is in JSON, or null. */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
