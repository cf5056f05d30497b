import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';
import { isAsleep, isInBed, isStaged, withoutOverlap, type SleepInterval, type SourceSleep } from './sleep-sources.ts';

/**
 * Sleep resumes in the same session after at most this long. Getting up for a while, a feed or a lost signal rarely takes
 * two hours; a nap lies further from the night, or it is the night's own last sleep.
 */
export const SESSION_GAP_MINUTES = 120;

export interface Stretch {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** One continuous attempt to sleep as one source recorded it. */
export interface SleepSession extends Stretch {
  /** Asleep and awake without overlap, ordered; empty where the source only knows about the bed. */
  readonly segments: readonly SleepInterval[];
  readonly asleepMs: number;
  readonly hasStages: boolean;
  /** First in to last out of bed as recorded, or null where no sample says so. */
  readonly bed: Stretch | null;
}

interface OwnedInterval extends SleepInterval {
  readonly ownerKey: string;
}

/**
 * The sessions of one source in time order; `startMs` to `endMs` reach from its first to its last sample of sleep
 * analysis (of being in bed where it knows nothing else). Time in bed that overlaps its sleep, by whatever source, joins
 * what it recorded in that time: whoever stays in bed for three wakeful hours has had one night, not a night and a nap.
 */
export function sessionsOf(own: SourceSleep, all: readonly SourceSleep[]): readonly SleepSession[] {
  const ownerKey = own.source.key;
  if (own.stages.length === 0) {
    return groupByGap(own.inBed.map((bed) => ({ ...bed, ownerKey }))).map((beds) => session(stretchOf(beds), [], beds));
  }
  const touchesSleep = overlapTest(own.stages);
  const beds = all.flatMap(({ source, inBed }) =>
    inBed.filter(touchesSleep).map((bed) => ({ ...bed, ownerKey: source.key })),
  );
  const intervals = [...own.stages.map((stage) => ({ ...stage, ownerKey })), ...beds];
  return groupByGap(intervals.sort((a, b) => a.startMs - b.startMs)).map((group) => {
    const stages = group.filter(({ stage }) => !isInBed(stage));
    const groupBeds = group.filter(({ stage }) => isInBed(stage));
    return session(stretchOf(stages), withoutOverlap(stages), believedBeds(groupBeds, stretchOf(stages), ownerKey));
  });
}

/** `ordered` by start, split wherever nothing is recorded for longer than `SESSION_GAP_MINUTES`. */
function groupByGap(ordered: readonly OwnedInterval[]): readonly (readonly OwnedInterval[])[] {
  const groups: OwnedInterval[][] = [];
  let reachedMs = -Infinity;
  for (const interval of ordered) {
    const group = groups.at(-1);
    if (group !== undefined && interval.startMs - reachedMs <= SESSION_GAP_MINUTES * MS_PER_MINUTE)
      group.push(interval);
    else groups.push([interval]);
    reachedMs = Math.max(reachedMs, interval.endMs);
  }
  return groups;
}

function session(reach: Stretch, segments: readonly SleepInterval[], beds: readonly SleepInterval[]): SleepSession {
  const asleep = segments.filter(({ stage }) => isAsleep(stage));
  return {
    ...reach,
    segments,
    asleepMs: asleep.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    hasStages: asleep.some(({ stage }) => isStaged(stage)),
    bed: beds.length > 0 ? stretchOf(beds) : null,
  };
}

/** Where several sources know about the bed, one is believed: the sleep's own, else the one that overlaps it longest. */
function believedBeds(beds: readonly OwnedInterval[], sleep: Stretch, ownerKey: string): readonly OwnedInterval[] {
  const byOwner = new Map<string, OwnedInterval[]>();
  for (const bed of beds) {
    const owned = byOwner.get(bed.ownerKey);
    if (owned === undefined) byOwner.set(bed.ownerKey, [bed]);
    else owned.push(bed);
  }
  const own = byOwner.get(ownerKey);
  if (own !== undefined) return own;
  const overlap = (owned: readonly OwnedInterval[]): number => owned.reduce((sum, b) => sum + overlapMs(b, sleep), 0);
  return [...byOwner.values()].reduce((best, owned) => (overlap(owned) > overlap(best) ? owned : best), []);
}

/** Tells whether a stretch shares time with any of the intervals, which are ordered by start. */
function overlapTest(ordered: readonly SleepInterval[]): (stretch: Stretch) => boolean {
  const reachedMs = new Float64Array(ordered.length);
  ordered.forEach(({ endMs }, at) => (reachedMs[at] = Math.max(endMs, reachedMs[at - 1] ?? -Infinity)));
  return ({ startMs, endMs }) => {
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ordered[middle] as SleepInterval).startMs < endMs) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (reachedMs[low - 1] as number) > startMs;
  };
}

function stretchOf(intervals: readonly Stretch[]): Stretch {
  return intervals.reduce(
    (whole, { startMs, endMs }) => ({ startMs: Math.min(whole.startMs, startMs), endMs: Math.max(whole.endMs, endMs) }),
    { startMs: Infinity, endMs: -Infinity },
  );
}

function overlapMs(a: Stretch, b: Stretch): number {
  return Math.max(0, Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs));
}
