import { chooseSource, type NightCandidate } from '../apple-health/night-source.ts';
import { sessionsOf, type SleepSession, type Stretch } from '../apple-health/sleep-sessions.ts';
import { isAsleep, sleepBySource } from '../apple-health/sleep-sources.ts';
import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import type { SampleColumns, SampleSource } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import { localDayOf, localMinuteOfDay, MS_PER_MINUTE, type EpochDay, type LocalZone } from '../kernel/local-time.ts';
import type { SeriesBin } from './model.ts';
import type { SourceTally, WantedSources } from './source-tally.ts';

const NOON_MINUTE = 720;
const STAGES = 6;

/** A session with the source that recorded it. */
interface OwnedSession {
  readonly source: SampleSource;
  readonly session: SleepSession;
}

/**
 * Minutes of sleep by bin. Every day from local noon to noon is told by one source, the one that `chooseSource` believes
 * of all that recorded a session whose middle lies in that day; what others recorded in it is set aside. `sleep` must
 * reach a few days beyond the bins on both sides, so that every session is whole.
 */
export function sleepBins(
  sleep: SampleColumns | null,
  edges: Float64Array,
  zone: LocalZone,
  wanted: WantedSources,
  tally: SourceTally,
): readonly SeriesBin[] {
  if (sleep === null || edges.length < 2) return [];
  const all = sleepBySource(sleep);
  const told = all.filter(({ source }) => wanted(source));
  const sessions = told.flatMap((own) => sessionsOf(own, told).map((session) => ({ source: own.source, session })));
  const others = all
    .filter(({ source }) => !wanted(source))
    .flatMap((own) => sessionsOf(own, all).map((session) => ({ source: own.source, session })));
  const { chosen, setAside } = bySourceOfTheDay(sessions, zone);
  const fold = new SleepFold(edges);
  let reachedMs = -Infinity;
  for (const { source, session } of chosen) {
    // Where two days are told by two sources, they may disagree about the hour at noon: the earlier one has it.
    const { minutes, asleep } = fold.add(session, reachedMs);
    reachedMs = Math.max(reachedMs, session.endMs, session.bed?.endMs ?? -Infinity);
    if (minutes > 0) tally.add(source, { minutes, used: asleep, setAside: 0 });
  }
  for (const { source, session } of [...setAside, ...others]) {
    const asleep = fold.asleepMinutes(session);
    if (asleep > 0) tally.add(source, { minutes: 0, used: 0, setAside: asleep });
  }
  return fold.bins();
}

/** The local date of the last noon at or before the middle of the session. */
function dayOf({ startMs, endMs }: SleepSession, zone: LocalZone): EpochDay {
  const middleMs = (startMs + endMs) / 2;
  const day = localDayOf(zone, middleMs);
  return localMinuteOfDay(zone, middleMs) < NOON_MINUTE ? day - 1 : day;
}

function bySourceOfTheDay(
  sessions: readonly OwnedSession[],
  zone: LocalZone,
): { readonly chosen: readonly OwnedSession[]; readonly setAside: readonly OwnedSession[] } {
  const days = new Map<EpochDay, Map<string, { source: SampleSource; sessions: SleepSession[] }>>();
  for (const { source, session } of sessions) {
    const day = dayOf(session, zone);
    const candidates = days.get(day) ?? new Map<string, { source: SampleSource; sessions: SleepSession[] }>();
    days.set(day, candidates);
    const candidate = candidates.get(source.key) ?? { source, sessions: [] };
    candidates.set(source.key, candidate);
    candidate.sessions.push(session);
  }
  const chosen: OwnedSession[] = [];
  const setAside: OwnedSession[] = [];
  for (const candidates of days.values()) {
    const believed = chooseSource([...candidates.values()] satisfies NightCandidate[]);
    for (const candidate of candidates.values()) {
      const kept = candidate === believed ? chosen : setAside;
      kept.push(...candidate.sessions.map((session) => ({ source: candidate.source, session })));
    }
  }
  return { chosen: chosen.sort((a, b) => a.session.startMs - b.session.startMs), setAside };
}

/** Adds stretches of time to bins. */
class SleepFold {
  readonly #edges: Float64Array;
  readonly #bins: number;
  /** Minutes by stage and bin. */
  readonly #stage: readonly Float64Array[];
  /** Minutes of which sleep or waking is known, minutes in bed, and minutes of which either is. */
  readonly #told: Float64Array;
  readonly #inBed: Float64Array;
  readonly #covered: Float64Array;

  constructor(edges: Float64Array) {
    this.#edges = edges;
    this.#bins = edges.length - 1;
    this.#stage = Array.from({ length: STAGES }, () => new Float64Array(this.#bins));
    this.#told = new Float64Array(this.#bins);
    this.#inBed = new Float64Array(this.#bins);
    this.#covered = new Float64Array(this.#bins);
  }

  /** Adds what of the session lies after `afterMs`; answers how many minutes of the bins it covers, and how many asleep. */
  add(session: SleepSession, afterMs: EpochMs): { readonly minutes: number; readonly asleep: number } {
    let asleep = 0;
    for (const segment of session.segments) {
      const minutes = this.#spread(after(segment, afterMs), this.#stage[segment.stage] as Float64Array);
      this.#spread(after(segment, afterMs), this.#told);
      if (isAsleep(segment.stage)) asleep += minutes;
    }
    if (session.bed !== null) this.#spread(after(session.bed, afterMs), this.#inBed);
    let minutes = 0;
    for (const stretch of united([...session.segments, ...(session.bed === null ? [] : [session.bed])])) {
      minutes += this.#spread(after(stretch, afterMs), this.#covered);
    }
    return { minutes, asleep };
  }

  /** Minutes asleep of the session that lie in the bins; changes nothing. */
  asleepMinutes({ segments }: SleepSession): number {
    const fromMs = this.#edges[0] as EpochMs;
    const toMs = this.#edges[this.#bins] as EpochMs;
    let minutes = 0;
    for (const { startMs, endMs, stage } of segments) {
      if (!isAsleep(stage)) continue;
      minutes += Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs)) / MS_PER_MINUTE;
    }
    return minutes;
  }

  bins(): readonly SeriesBin[] {
    const bins: SeriesBin[] = [];
    const of = (stage: number, bin: number): number => (this.#stage[stage] as Float64Array)[bin] as number;
    for (let i = 0; i < this.#bins; i++) {
      const coveredMinutes = this.#covered[i] as number;
      if (coveredMinutes === 0) continue;
      const isTold = (this.#told[i] as number) > 0;
      const stages = {
        awake: of(SLEEP_STAGE.awake, i),
        core: of(SLEEP_STAGE.asleepCore, i),
        deep: of(SLEEP_STAGE.asleepDeep, i),
        rem: of(SLEEP_STAGE.asleepRem, i),
        unspecified: of(SLEEP_STAGE.asleepUnspecified, i),
      };
      bins.push({
        startMs: this.#edges[i] as EpochMs,
        endMs: this.#edges[i + 1] as EpochMs,
        value: isTold ? stages.core + stages.deep + stages.rem + stages.unspecified : null,
        coveredMinutes,
        spread: null,
        stages: isTold ? stages : null,
        inBedMinutes: (this.#inBed[i] as number) > 0 ? (this.#inBed[i] as number) : null,
      });
    }
    return bins;
  }

  /** Adds the stretch's minutes to the bins that it lies in, and answers how many there are. */
  #spread({ startMs, endMs }: Stretch, into: Float64Array): number {
    let minutes = 0;
    for (let bin = this.#binAt(startMs); bin < this.#bins && (this.#edges[bin] as EpochMs) < endMs; bin++) {
      const from = Math.max(startMs, this.#edges[bin] as EpochMs);
      const share = Math.max(0, Math.min(endMs, this.#edges[bin + 1] as EpochMs) - from) / MS_PER_MINUTE;
      into[bin] = (into[bin] as number) + share;
      minutes += share;
    }
    return minutes;
  }

  /** The bin that holds the instant; the first for one before all. */
  #binAt(instantMs: EpochMs): number {
    let low = 0;
    let high = this.#bins;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[middle + 1] as EpochMs) <= instantMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What of the stretch lies after the instant; without length where nothing does. */
const after = ({ startMs, endMs }: Stretch, instantMs: EpochMs): Stretch => ({
  startMs: Math.max(startMs, instantMs),
  endMs: Math.max(endMs, startMs, instantMs),
});

/** The stretches put together, in time order without overlap. */
function united(stretches: readonly Stretch[]): readonly Stretch[] {
  const joined: { startMs: EpochMs; endMs: EpochMs }[] = [];
  for (const { startMs, endMs } of [...stretches].sort((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else joined.push({ startMs, endMs });
  }
  return joined;
}
