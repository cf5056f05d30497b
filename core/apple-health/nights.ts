import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import type { SampleColumns, SampleSource, Span } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import { isoDate, localDayOf, localMinuteOfDay, localToInstant, MS_PER_MINUTE } from '../kernel/local-time.ts';
import type { EpochDay, LocalZone } from '../kernel/local-time.ts';
import { chooseSource, knowsSleep, mainSession, type NightCandidate } from './night-source.ts';
import { sessionsOf, type SleepSession } from './sleep-sessions.ts';
import { isAsleep, sleepBySource, type SleepInterval } from './sleep-sources.ts';

export { SESSION_GAP_MINUTES } from './sleep-sessions.ts';

/** Minutes in each stage of a night's main sleep. */
export interface StageMinutes {
  readonly awake: number;
  readonly core: number;
  readonly deep: number;
  readonly rem: number;
  readonly unspecified: number;
}

/**
 * One night, from local noon to the next noon, as one source recorded it. Minutes are elapsed time, so a night with a
 * clock change is as long as it was. What the source could not know is null, never 0.
 */
export interface Night {
  /** The local date of the evening, as a day and as ISO text. */
  readonly day: EpochDay;
  readonly date: string;
  /** In and out of bed; the first and last sample of the main sleep where no sample tells about the bed. */
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly timeInBedMinutes: number;
  /** Null where only time in bed was recorded; so are efficiency and wake after onset. */
  readonly asleepMinutes: number | null;
  /** Asleep over time in bed, times 100. */
  readonly efficiencyPercent: number | null;
  /** From getting into bed to first asleep; null also where no sample tells when that was. */
  readonly onsetLatencyMinutes: number | null;
  /** Not asleep between first and last asleep (WASO); null where nothing was slept. */
  readonly wasoMinutes: number | null;
  /** Null where the source does not tell stages. */
  readonly stages: StageMinutes | null;
  /** Asleep in the other sessions of the same noon-to-noon day. */
  readonly napMinutes: number | null;
  /** Stretches asleep, main sleep and naps, in time order without overlap. */
  readonly asleep: readonly { readonly startMs: EpochMs; readonly endMs: EpochMs }[];
  /** The name of the source that the night is told from. */
  readonly source: string;
  readonly recordedBy: SampleSource;
  /** Sources that told this night too, each in its own way, and were not believed; by key. */
  readonly setAside: readonly SampleSource[];
}

/** A sleep of at least this long is a night at any hour. */
export const MIN_NIGHT_MINUTES = 180;

/**
 * The nights whose evening noon lies in the span, in time order; nights that nobody recorded are left out, and so are
 * days on which only a nap was: a night is a main sleep of at least three hours, or one of which some lies between
 * local midnight and six. A session of sleep belongs to the noon-to-noon day that holds its middle, whole, so no sleep
 * is counted twice or lost at noon. For whole nights, `sleep` must hold the samples up to a day after the span. See
 * `sessionsOf` for what one session is and `chooseSource` for which source is used.
 */
export function assembleNights(sleep: SampleColumns | null, zone: LocalZone, span: Span): readonly Night[] {
  if (sleep === null) return [];
  const sources = sleepBySource(sleep);
  const candidates = new Map<EpochDay, Map<string, { source: SampleSource; sessions: SleepSession[] }>>();
  for (const own of sources) {
    for (const session of sessionsOf(own, sources)) {
      const evening = eveningOf(zone, (session.startMs + session.endMs) / 2);
      const noonMs = localToInstant(zone, evening, NOON_MINUTE);
      if (noonMs < span.fromMs || noonMs >= span.toMs) continue;
      const night = candidates.get(evening) ?? new Map<string, { source: SampleSource; sessions: SleepSession[] }>();
      candidates.set(evening, night);
      const candidate = night.get(own.source.key) ?? { source: own.source, sessions: [] };
      night.set(own.source.key, candidate);
      candidate.sessions.push(session);
    }
  }
  return [...candidates]
    .sort(([a], [b]) => a - b)
    .flatMap(([day, bySource]) => {
      const isNight = nightTest(zone, day);
      const told = [...bySource.values()].filter(({ sessions }) => sessions.some(isNight));
      const chosen = chooseSource(told);
      const main = mainSession(chosen?.sessions.filter(isNight) ?? []);
      if (chosen === null || main === null) return [];
      const setAside = told
        .filter((other) => other !== chosen && (knowsSleep(other) || !knowsSleep(chosen)))
        .map(({ source }) => source);
      return [nightOf(day, chosen, main, setAside)];
    });
}

const SIX_MINUTE = 360;
const NOON_MINUTE = 720;

/** The local date of the last noon at or before the instant. */
function eveningOf(zone: LocalZone, instantMs: EpochMs): EpochDay {
  const day = localDayOf(zone, instantMs);
  return localMinuteOfDay(zone, instantMs) < NOON_MINUTE ? day - 1 : day;
}

/** Tells which sessions of the noon-to-noon day are its night, and not only a nap. */
function nightTest(zone: LocalZone, day: EpochDay): (session: SleepSession) => boolean {
  const midnightMs = localToInstant(zone, day + 1, 0);
  const sixMs = localToInstant(zone, day + 1, SIX_MINUTE);
  return ({ startMs, endMs }) =>
    endMs - startMs >= MIN_NIGHT_MINUTES * MS_PER_MINUTE || (endMs > midnightMs && startMs < sixMs);
}

function nightOf(day: EpochDay, chosen: NightCandidate, main: SleepSession, setAside: readonly SampleSource[]): Night {
  // Bed and sleep may come from two devices that disagree; whoever slept was in bed.
  const startMs = Math.min(main.startMs, main.bed?.startMs ?? Infinity);
  const endMs = Math.max(main.endMs, main.bed?.endMs ?? -Infinity);
  const timeInBedMinutes = (endMs - startMs) / MS_PER_MINUTE;
  const asleepMinutes = main.segments.length > 0 ? main.asleepMs / MS_PER_MINUTE : null;
  const slept = main.segments.filter(({ stage }) => isAsleep(stage));
  const first = slept[0];
  const last = slept.at(-1);
  return {
    day,
    date: isoDate(day),
    startMs,
    endMs,
    timeInBedMinutes,
    asleepMinutes,
    efficiencyPercent: asleepMinutes === null ? null : (asleepMinutes / timeInBedMinutes) * 100,
    onsetLatencyMinutes: onsetLatencyMinutes(main, first),
    wasoMinutes: first && last ? (last.endMs - first.startMs - main.asleepMs) / MS_PER_MINUTE : null,
    stages: main.hasStages ? stageMinutes(main) : null,
    napMinutes: knowsSleep(chosen) ? minutesAsleep(chosen.sessions.filter((session) => session !== main)) : null,
    asleep: chosen.sessions.flatMap(({ segments }) => joined(segments.filter(({ stage }) => isAsleep(stage)))),
    source: chosen.source.name,
    recordedBy: chosen.source,
    setAside,
  };
}

/** A bed that was recorded only after sleep had begun says nothing about how long falling asleep took. */
function onsetLatencyMinutes({ bed }: SleepSession, firstAsleep: SleepInterval | undefined): number | null {
  if (bed === null || firstAsleep === undefined || bed.startMs > firstAsleep.startMs) return null;
  return (firstAsleep.startMs - bed.startMs) / MS_PER_MINUTE;
}

function stageMinutes({ segments }: SleepSession): StageMinutes {
  const minutes = new Map<number, number>();
  for (const { startMs, endMs, stage } of segments) {
    minutes.set(stage, (minutes.get(stage) ?? 0) + (endMs - startMs) / MS_PER_MINUTE);
  }
  const of = (stage: number): number => minutes.get(stage) ?? 0;
  return {
    awake: of(SLEEP_STAGE.awake),
    core: of(SLEEP_STAGE.asleepCore),
    deep: of(SLEEP_STAGE.asleepDeep),
    rem: of(SLEEP_STAGE.asleepRem),
    unspecified: of(SLEEP_STAGE.asleepUnspecified),
  };
}

function minutesAsleep(sessions: readonly SleepSession[]): number {
  return sessions.reduce((sum, { asleepMs }) => sum + asleepMs, 0) / MS_PER_MINUTE;
}

/** Ordered stretches with those that touch joined. */
function joined(ordered: readonly SleepInterval[]): readonly { startMs: EpochMs; endMs: EpochMs }[] {
  const stretches: { startMs: EpochMs; endMs: EpochMs }[] = [];
  for (const { startMs, endMs } of ordered) {
    const last = stretches.at(-1);
    if (last !== undefined && last.endMs === startMs) last.endMs = endMs;
    else stretches.push({ startMs, endMs });
  }
  return stretches;
}

/** Values of `sleepStatesPerMinute`. */
export const SLEEP_STATE = { awake: 0, asleep: 1, unknown: 255 } as const;

/**
 * Asleep or awake for each of `minutes` minutes from `startMs`, for the sleep regularity index. A minute is asleep when
 * at least half of it was slept, by night or in a nap. It is awake when it is not, and lies inside a recorded night (of
 * at least `MIN_NIGHT_MINUTES`) or between two such nights in a row: trackers record sleep, so being out of bed between
 * two nights that they did record is being awake. Where the night before or after was not recorded, or only the bed was,
 * nobody knows what was slept in between, and the minute is unknown. `nights` are `assembleNights`'.
 */
export function sleepStatesPerMinute(nights: readonly Night[], startMs: EpochMs, minutes: number): Uint8Array {
  const states = new Uint8Array(minutes).fill(SLEEP_STATE.unknown);
  const minuteAt = (instantMs: EpochMs): number =>
    Math.min(minutes, Math.max(0, Math.round((instantMs - startMs) / MS_PER_MINUTE)));
  const known = nights.filter(
    (night) => night.asleepMinutes !== null && night.endMs - night.startMs >= MIN_NIGHT_MINUTES * MS_PER_MINUTE,
  );
  known.forEach((night, at) => {
    const before = known[at - 1];
    const followsOn = before !== undefined && before.day === night.day - 1;
    const fromMs = followsOn ? Math.min(before.endMs, night.startMs) : night.startMs;
    states.fill(SLEEP_STATE.awake, minuteAt(fromMs), minuteAt(night.endMs));
  });
  const sleptMs = new Float64Array(minutes);
  for (const { asleep } of nights) for (const stretch of asleep) addOverlap(sleptMs, stretch, startMs);
  for (let minute = 0; minute < minutes; minute += 1) {
    if ((sleptMs[minute] as number) * 2 >= MS_PER_MINUTE) states[minute] = SLEEP_STATE.asleep;
  }
  return states;
}

/** Adds to each minute the part of it, in milliseconds, that the stretch covers. */
function addOverlap(
  minuteMs: Float64Array,
  stretch: { readonly startMs: EpochMs; readonly endMs: EpochMs },
  startMs: EpochMs,
): void {
  const first = Math.max(0, Math.floor((stretch.startMs - startMs) / MS_PER_MINUTE));
  const end = Math.min(minuteMs.length, Math.ceil((stretch.endMs - startMs) / MS_PER_MINUTE));
  for (let minute = first; minute < end; minute += 1) {
    const minuteStartMs = startMs + minute * MS_PER_MINUTE;
    const overlapMs = Math.min(stretch.endMs, minuteStartMs + MS_PER_MINUTE) - Math.max(stretch.startMs, minuteStartMs);
    minuteMs[minute] = (minuteMs[minute] as number) + overlapMs;
  }
}
