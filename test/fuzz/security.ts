import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openInstallation } from '../integration/account/installations.ts';
import { startForLoops, type ServiceForLoops } from '../loops/service-for-loops.ts';
import { bodyCodecs, fuzzCodecs } from './codecs.ts';
import { fuzzFrames } from './frames.ts';
import { heapBytes } from './heap.ts';
import type { Speaker } from './hostile-calls.ts';
import { JSON_ROUTES } from './hostile-calls.ts';
import { fuzzBodiesOverHttp, fuzzCalls, speakerAt, type CallFuzz } from './http.ts';

/** What one fuzz of what strangers can send has found. */
export interface SecurityFuzz {
  readonly seed: number;
  readonly cases: number;
  readonly failures: number;
  readonly seconds: number;
  /** The longest that any case was waited for; null where nothing waits. */
  readonly longest_ms: number | null;
  /** What is on the heap after it and was not before, garbage left out. */
  readonly heap_growth_mb: number;
}

/** Nobody is kept waiting longer. */
const MOST_MS = 2000;
const MOST_GROWTH_BYTES = 50_000_000;
/** Failures that are told in full. */
const MOST_TOLD = 20;
/** Of the bodies, how many go the whole way over HTTP. */
const SHARE_OVER_HTTP = 0.02;
const WARM_UP_CALLS = 1000;

interface Found {
  readonly cases: number;
  readonly failures: readonly string[];
  readonly longestMs: number | null;
  readonly grownBytes: number;
}

/** Does the work, tells its seed before it and what it found after it. */
async function told(name: string, cases: number, seedText: string | undefined, work: (seed: number) => Promise<Found>) {
  const seed = seedText === undefined ? randomInt(2 ** 31) : wholeNumber(seedText);
  process.stdout.write(`${name}: seed ${String(seed)}, ${String(cases)} cases\n`);
  const startedMs = performance.now();
  const { failures, longestMs, grownBytes, ...found } = await work(seed);
  const all = [
    ...failures,
    ...(longestMs !== null && longestMs > MOST_MS ? [`somebody waited for ${String(Math.round(longestMs))} ms`] : []),
    ...(grownBytes > MOST_GROWTH_BYTES ? [`${String(grownBytes)} bytes more on the heap`] : []),
  ];
  for (const failure of all.slice(0, MOST_TOLD)) process.stdout.write(`${failure}\n`);
  return {
    seed,
    cases: found.cases,
    failures: all.length,
    seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)),
    longest_ms: longestMs === null ? null : Math.round(longestMs),
    heap_growth_mb: Number((grownBytes / 1e6).toFixed(1)),
  } satisfies SecurityFuzz;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`"${text}" is no number of cases, and no seed`);
  return value;
}

/** A service over a real database: what is kept is on the disk, so that what grows on the heap is what was forgotten there. */
async function withService(work: (service: ServiceForLoops, speaker: Speaker) => Promise<Found>): Promise<Found> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-fuzz-'));
  const storage = await openInstallation(folder);
  const service = await startForLoops(storage);
  try {
    return await work(service, await speakerAt(service));
  } finally {
    await service.close();
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Random bodies by every codec, and a share of them over HTTP: `[cases [seed]]`. */
export function fuzzBodies([casesText = '1000000', seedText]: readonly string[]): Promise<SecurityFuzz> {
  const cases = wholeNumber(casesText);
  return told('bodies', cases, seedText, async (seed) => {
    const codecs = bodyCodecs();
    const each = Math.ceil((cases * (1 - SHARE_OVER_HTTP)) / codecs.length);
    const overHttp = Math.ceil((cases * SHARE_OVER_HTTP) / JSON_ROUTES.length);
    const decoded = fuzzCodecs(codecs, each, seed);
    const answered = await withService(async (service, speaker) => {
      await fuzzBodiesOverHttp(service, speaker, Math.ceil(WARM_UP_CALLS / JSON_ROUTES.length), seed + 1);
      return grown(() => fuzzBodiesOverHttp(service, speaker, overHttp, seed));
    });
    return {
      ...answered,
      cases: decoded.cases + answered.cases,
      failures: [...decoded.failures, ...answered.failures],
    };
  });
}

/** Random methods, paths, queries and headers: `[cases [seed]]`. */
export function fuzzHttp([casesText = '50000', seedText]: readonly string[]): Promise<SecurityFuzz> {
  const cases = wholeNumber(casesText);
  return told('http', cases, seedText, (seed) =>
    withService(async (service, speaker) => {
      await fuzzCalls(service, speaker, WARM_UP_CALLS, seed + 1);
      return grown(() => fuzzCalls(service, speaker, cases, seed));
    }),
  );
}

/** Mutated WebSocket frames on both sockets: `[cases [seed]]`. */
export function fuzzSocketFrames([casesText = '100000', seedText]: readonly string[]): Promise<SecurityFuzz> {
  const cases = wholeNumber(casesText);
  return told('frames', cases, seedText, (seed) => fuzzFrames(cases, seed));
}

async function grown(work: () => Promise<CallFuzz>): Promise<Found> {
  const before = heapBytes();
  const { cases, failures, longestMs } = await work();
  return { cases, failures, longestMs, grownBytes: heapBytes() - before };
}

/** Each of the three in full. */
export async function fuzzAll() {
  const [bodies, http, frames] = [await fuzzBodies([]), await fuzzHttp([]), await fuzzSocketFrames([])];
  const sum = (field: 'cases' | 'failures' | 'seconds'): number => bodies[field] + http[field] + frames[field];
  return {
    cases: sum('cases'),
    failures: sum('failures'),
    seconds: Number(sum('seconds').toFixed(1)),
    bodies,
    http,
    frames,
  };
}
