import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import type { SampleColumns, SampleSource } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';

/** A stretch of one sleep code, `[startMs, endMs)`, longer than nothing. */
export interface SleepInterval {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  /** One of `SLEEP_STAGE`. */
  readonly stage: number;
}

/** What one source recorded, each list ordered by start. */
export interface SourceSleep {
  readonly source: SampleSource;
  /** Asleep and awake; not in bed. */
  readonly stages: readonly SleepInterval[];
  readonly inBed: readonly SleepInterval[];
}

export const isInBed = (stage: number): boolean => stage === SLEEP_STAGE.inBed;
export const isAwake = (stage: number): boolean => stage === SLEEP_STAGE.awake;
export const isAsleep = (stage: number): boolean => !isInBed(stage) && !isAwake(stage);
/** Asleep, and the source could tell how. */
export const isStaged = (stage: number): boolean => isAsleep(stage) && stage !== SLEEP_STAGE.asleepUnspecified;

/** The samples by source, ordered by source key so that the result does not depend on the order of the samples. */
export function sleepBySource(sleep: SampleColumns): readonly SourceSleep[] {
  const bySource = new Map<string, { source: SampleSource; stages: SleepInterval[]; inBed: SleepInterval[] }>();
  for (let at = 0; at < sleep.startMs.length; at += 1) {
    const source = sleep.sources[sleep.source[at] as number] as SampleSource;
    let entry = bySource.get(source.key);
    if (entry === undefined) {
      entry = { source, stages: [], inBed: [] };
      bySource.set(source.key, entry);
    }
    const stage = sleep.value[at] as number;
    const interval = { startMs: sleep.startMs[at] as number, endMs: sleep.endMs[at] as number, stage };
    if (interval.endMs > interval.startMs) (isInBed(stage) ? entry.inBed : entry.stages).push(interval);
  }
  for (const { stages, inBed } of bySource.values()) {
    stages.sort(byStart);
    inBed.sort(byStart);
  }
  return [...bySource.values()].sort((a, b) => (a.source.key < b.source.key ? -1 : 1));
}

function byStart(a: SleepInterval, b: SleepInterval): number {
  return a.startMs - b.startMs || a.endMs - b.endMs || a.stage - b.stage;
}

/**
 * The intervals without overlap: at every instant the one that says most about it. A stage or being awake says more than
 * merely asleep, because trackers that write both lay the details over one long stretch of sleep. Of two that say
 * equally much, the one that starts later holds (it corrects or continues the one before), then the shorter.
 * The result is ordered; neighbours of one stage are joined; instants that no interval covers are left out.
 */
export function withoutOverlap(intervals: readonly SleepInterval[]): readonly SleepInterval[] {
  const edges = [...new Set(intervals.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const cellOf = new Map(edges.map((edge, at) => [edge, at]));
  // The interval that says most takes its cells first; `nextFree` jumps over cells that are taken.
  const stageOfCell = new Int8Array(edges.length).fill(-1);
  const nextFree = Int32Array.from(edges, (_, at) => at);
  for (const { startMs, endMs, stage } of [...intervals].sort(mostSayingFirst)) {
    const end = cellOf.get(endMs) as number;
    for (let cell = freeFrom(nextFree, cellOf.get(startMs) as number); cell < end; cell = freeFrom(nextFree, cell)) {
      stageOfCell[cell] = stage;
      nextFree[cell] = cell + 1;
    }
  }
  const flat: { startMs: EpochMs; endMs: EpochMs; stage: number }[] = [];
  for (let cell = 0; cell + 1 < edges.length; cell += 1) {
    const stage = stageOfCell[cell] as number;
    if (stage < 0) continue;
    const [startMs, endMs] = [edges[cell] as number, edges[cell + 1] as number];
    const last = flat.at(-1);
    if (last !== undefined && last.endMs === startMs && last.stage === stage) last.endMs = endMs;
    else flat.push({ startMs, endMs, stage });
  }
  return flat;
}

/** The first free cell at or after `cell`, shortening the way for the next search. */
function freeFrom(nextFree: Int32Array, cell: number): number {
  let free = cell;
  while (nextFree[free] !== free) {
    nextFree[free] = nextFree[nextFree[free] as number] as number;
    free = nextFree[free] as number;
  }
  return free;
}

function mostSayingFirst(a: SleepInterval, b: SleepInterval): number {
  return detail(b.stage) - detail(a.stage) || b.startMs - a.startMs || a.endMs - b.endMs || b.stage - a.stage;
}

function detail(stage: number): number {
  if (isInBed(stage)) return 0;
  return stage === SLEEP_STAGE.asleepUnspecified ? 1 : 2;
}
