import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { queriedGrowth, scrapedGrowth, type MeasuredGrowthDeps } from '../../../adapters/prometheus/measured-growth.ts';
import type { Series } from '../../../adapters/prometheus/series.ts';
import { FEATURE_NAMES, type FeatureName } from '../../../contracts/features.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { judgeTraffic } from '../../../core/release/judge-traffic.ts';
import { RELEASE_THRESHOLDS, type Judged, type Verdict } from '../../../core/release/model.ts';
import { requestOf, usageError, wholeNumberArgument, type UsageError } from '../arguments.ts';
import type { Output } from '../output.ts';
import { DURATIONS_METRIC, phaseTraffic, REQUESTS_METRIC } from '../phase-traffic.ts';

const USAGE = `Usage: clarity go-no-go --phase PHASE --url URL [--url URL ...] [--window 60s] [--json]
       clarity go-no-go --phase PHASE --prometheus URL [--window 5min] [--json]

  --phase PHASE         auth, data, analysis or insights: whose operations are judged
  --url URL             the metrics of a process, such as http://127.0.0.1:9464/metrics; name every process
  --prometheus URL      a Prometheus server that watches all processes, such as http://127.0.0.1:9090
  --window TIME         how long it is measured: 60s, 5min, 1h (default: 60s). With --url the command takes so long
  --least-requests N    fewer are no evidence (default: ${String(RELEASE_THRESHOLDS.leastRequests)})
  --json                the verdict for a program

Go: fewer than 5 % of the phase's calls were answered 401, fewer than 1 % with 5xx, and 99 % of those that are not uploads
or downloads of files and not streams took less than 500 ms. Exit code 0 go, 1 no-go, 2 it could not be told.`;

const OPTIONS = {
  phase: { type: 'string' },
  url: { type: 'string', multiple: true },
  prometheus: { type: 'string' },
  window: { type: 'string' },
  'least-requests': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Values {
  readonly phase?: string;
  readonly url?: readonly string[];
  readonly prometheus?: string;
  readonly window?: string;
  readonly 'least-requests'?: string;
  readonly json?: boolean;
}

interface Request {
  readonly phase: FeatureName;
  readonly from: { readonly urls: readonly string[] } | { readonly prometheus: string };
  readonly windowMs: number;
  readonly leastRequests: number;
  readonly json: boolean;
}

const SYNTAX = { name: 'go-no-go', usage: USAGE, options: OPTIONS, read: readRequest };

const GO = 0;
const NO_GO = 1;
const CANNOT_TELL = 2;

const OWN_TOOLS: MeasuredGrowthDeps = { fetchUrl: (url, init) => fetch(url, init), wait: (ms) => pause(ms) };

/** Says whether a phase of a release may be followed by the next, by what was answered in the last while. */
export async function goNoGoCommand(
  args: readonly string[],
  output: Output,
  tools: MeasuredGrowthDeps = OWN_TOOLS,
): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const { phase, windowMs, leastRequests, json } = request.value;
  const growth = await growthOf(request.value, tools);
  if (growth.isErr()) return cannotTell(request.value, growth.error.cause, output);
  // A process that has answered nothing yet has no series of requests, but others.
  if (!growth.value.some(({ name }) => name.startsWith('clarity_'))) {
    return cannotTell(request.value, 'there are no metrics of Clarity', output);
  }
  const verdict = judgeTraffic(phaseTraffic(phase, growth.value), { ...RELEASE_THRESHOLDS, leastRequests });
  const word = verdict.isGo ? 'go' : 'no-go';
  if (json)
    output.out(JSON.stringify({ phase, verdict: word, window_seconds: windowMs / 1000, judged: verdict.judged }));
  else for (const line of table(phase, verdict)) output.out(line);
  return verdict.isGo ? GO : NO_GO;
}

function growthOf(
  { from, windowMs }: Request,
  tools: MeasuredGrowthDeps,
): ResultAsync<readonly Series[], PortUnavailable> {
  return 'urls' in from
    ? scrapedGrowth(tools, from.urls, windowMs)
    : queriedGrowth(tools, from.prometheus, [REQUESTS_METRIC, DURATIONS_METRIC], windowMs);
}

function cannotTell({ phase, json }: Request, reason: string, output: Output): number {
  if (json) output.out(JSON.stringify({ phase, verdict: 'unknown', reason }));
  output.note(`clarity go-no-go: it cannot be told: ${reason}`);
  return CANNOT_TELL;
}

const WORDS: Readonly<Record<Judged['measure'], string>> = {
  requests: 'calls',
  auth_failure_share: 'answered 401',
  error_share: 'answered 5xx',
  p99_seconds: 'p99',
};

function table(phase: FeatureName, { isGo, judged }: Verdict): readonly string[] {
  const rows = judged.map(({ measure, value, threshold, holds }) => [
    WORDS[measure],
    value === null ? 'nothing to measure' : shown(measure, value),
    measure === 'requests' ? `at least ${String(threshold)}` : `below ${shown(measure, threshold)}`,
    holds ? 'holds' : measure === 'requests' ? 'too few' : 'does not hold',
  ]);
  const all = [['measure', 'measured', 'threshold', ''], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const isTooFew = judged.some(({ measure, holds }) => measure === 'requests' && !holds);
  return [...lines, `${phase}: ${isGo ? 'go' : isTooFew ? 'no-go: too few calls to tell' : 'no-go'}`];
}

function shown(measure: Judged['measure'], value: number): string {
  if (measure === 'requests') return String(Math.round(value));
  return measure === 'p99_seconds' ? `${(value * 1000).toFixed(1)} ms` : `${(value * 100).toFixed(2)} %`;
}

const MOST_WINDOW_S = 86_400;
const MOST_LEAST_REQUESTS = 1_000_000_000;
const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

function windowOf(text: string): Result<number, UsageError> {
  const [, number, unit = 's'] = /^(\d{1,5})(s|m|min|h)$/.exec(text) ?? [];
  const seconds = Number(number ?? Number.NaN) * (UNITS_S[unit] ?? 1);
  return seconds >= 1 && seconds <= MOST_WINDOW_S
    ? ok(seconds * 1000)
    : err(usageError(`--window ${text}: expected a time from 1s to 24h`));
}

const isHttpUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);

function readRequest(values: Values, positionals: readonly string[]): Result<Request, UsageError> {
  const { url: urls = [], prometheus, phase: named } = values;
  const phase = FEATURE_NAMES.find((name) => name === named);
  if (positionals.length > 0) return err(usageError(`${positionals[0] ?? ''}: it takes options alone`));
  if (phase === undefined) return err(usageError(`--phase is one of ${FEATURE_NAMES.join(', ')}`));
  if (urls.length > 0 === (prometheus !== undefined)) return err(usageError('expected --url or --prometheus'));
  const wrong = [...urls, ...(prometheus === undefined ? [] : [prometheus])].find((one) => !isHttpUrl(one));
  if (wrong !== undefined) return err(usageError(`${wrong} is no http or https URL`));
  return windowOf(values.window ?? '60s').andThen((windowMs) =>
    wholeNumberArgument(
      '--least-requests',
      values['least-requests'],
      RELEASE_THRESHOLDS.leastRequests,
      1,
      MOST_LEAST_REQUESTS,
    ).map((leastRequests) => ({
      phase,
      from: prometheus === undefined ? { urls } : { prometheus },
      windowMs,
      leastRequests,
      json: values.json === true,
    })),
  );
}
