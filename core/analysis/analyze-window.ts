import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { assembleNights, sleepStatesPerMinute, type Night } from '../apple-health/nights.ts';
import type { ImportNotice } from '../health-data/model.ts';
import type { MetricStore, SampleStore } from '../health-data/ports.ts';
import type { SampleType } from '../health-data/sample-types.ts';
import type { SampleColumns, SampleSource, Span } from '../health-data/samples.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import {
  localDayOf,
  MS_PER_DAY,
  MS_PER_MINUTE,
  startOfLocalDay,
  type EpochDay,
  type LocalZone,
} from '../kernel/local-time.ts';
import { analyzeSeries } from './analyze-series.ts';
import type { AnalysedRecording, RecordedSleep } from './recording.ts';
import type { SourceUse } from './document.ts';
import type { ModelPorts } from './model-results.ts';
import { metricNights, type MetricNight } from './metric-nights.ts';
import { nightResult } from './night-result.ts';
import { STEP_WEAR_RULE, stepMinutes, WEAR_EVIDENCE_TYPES } from './step-minutes.ts';

/** The person has no sample of a kind that the analysis is made from. */
export interface NothingToAnalyze {
  readonly kind: 'nothing-to-analyze';
  readonly reason: string;
}

/** A window longer than this is refused: a minute series of it would not be a picture of anybody's rhythm. */
export const MOST_WINDOW_DAYS = 366;

/** Without a wish of their own a person's window is their last 28 local days that hold data. */
export const DEFAULT_WINDOW_DAYS = 28;

/** Days that hold data count for the default window only this far back from the last of them. */
export const DEFAULT_WINDOW_REACH_DAYS = 56;

const SIGNAL_TYPES: readonly SampleType[] = ['step_count', ...WEAR_EVIDENCE_TYPES, 'sleep_stage'];

/** Local days, both inclusive. */
export interface DayRange {
  readonly firstDay: EpochDay;
  readonly lastDay: EpochDay;
}

export interface AnalyzeWindowCommand {
  readonly owner: UserId;
  readonly zone: LocalZone;
  /** The wanted days; an open end is filled from the data. */
  readonly firstDay: EpochDay | null;
  readonly lastDay: EpochDay | null;
  /** SHA-256 of the input that this analysis was asked for. */
  readonly sha256: string;
  /** What was noticed while that input was read. */
  readonly notices: readonly ImportNotice[];
  /** How many days the encoder is to be given; null for seven, or all where there are fewer. */
  readonly encodedDays: number | null;
}

export interface AnalyzeWindowPorts extends ModelPorts {
  readonly samples: SampleStore;
  readonly metrics: MetricStore;
}

/** Analyses a person's stored samples in a window of local days. */
export function analyzeWindow(ports: AnalyzeWindowPorts) {
  return (command: AnalyzeWindowCommand): ResultAsync<AnalysedRecording, NothingToAnalyze | PortUnavailable> =>
    metricNights(ports.metrics)(command.owner, command.zone).andThen((sentNights) =>
      chooseDays(ports, command, sentNights).andThen((days) => analyzeDays(ports)({ ...command, ...days, sentNights })),
    );
}

export interface AnalyzeDaysCommand
  extends DayRange, Pick<AnalyzeWindowCommand, 'owner' | 'zone' | 'sha256' | 'notices' | 'encodedDays'> {
  /** The person's `metricNights`, read once for however many ranges are analysed. */
  readonly sentNights: readonly MetricNight[];
}

/** Analyses exactly these local days. */
export function analyzeDays(ports: Pick<AnalyzeWindowPorts, 'samples' | 'model' | 'models'>) {
  return (command: AnalyzeDaysCommand): ResultAsync<AnalysedRecording, PortUnavailable> => {
    const { owner, zone, firstDay, lastDay, sentNights } = command;
    const startMs = startOfLocalDay(zone, firstDay);
    const endMs = startOfLocalDay(zone, lastDay + 1);
    const minutes = Math.round((endMs - startMs) / MS_PER_MINUTE);
    const reach = MS_PER_DAY;
    return ResultAsync.combine([
      ports.samples.read(owner, ['step_count', ...WEAR_EVIDENCE_TYPES], {
        fromMs: startMs - reach / 24,
        toMs: endMs + reach / 24,
      }),
      ports.samples.read(owner, ['sleep_stage'], { fromMs: startMs - reach, toMs: endMs + reach }),
    ]).andThen(([activity, sleepColumns]) => {
      const steps = activity.find((columns) => columns.type === 'step_count') ?? null;
      const evidence = activity.filter((columns) => columns.type !== 'step_count');
      const built = stepMinutes(steps, evidence, startMs, minutes);
      const sleep = recordedSleep(sleepColumns[0] ?? null, sentNights, { zone, firstDay, lastDay, startMs, minutes });
      return analyzeSeries(ports)({
        kind: 'healthkit',
        startMs,
        values: built.values,
        zone,
        sha256: command.sha256,
        notices: command.notices,
        sources: [...built.sources, ...sleep.sources],
        wearRule: STEP_WEAR_RULE,
        nonWear: 'none',
        encodedDays: command.encodedDays,
        recordedSleep: sleep.recorded,
      });
    });
  };
}

function chooseDays(
  ports: AnalyzeWindowPorts,
  command: AnalyzeWindowCommand,
  sentNights: readonly MetricNight[],
): ResultAsync<DayRange, NothingToAnalyze | PortUnavailable> {
  const { owner, zone, firstDay, lastDay } = command;
  if (firstDay !== null && lastDay !== null) return bounded({ firstDay, lastDay });
  return ports.samples.daysWithData(owner, SIGNAL_TYPES).andThen((utcDays) => {
    const sentDays = sentNights.map(({ day }) => day);
    const wanted = [...utcDays, ...sentDays]
      .filter((day) => (lastDay === null || day <= lastDay + 1) && (firstDay === null || day >= firstDay - 1))
      .sort((a, b) => a - b);
    const newest = wanted.at(-1);
    if (newest === undefined)
      return nothing('there are no step, heart rate, energy, stand or sleep samples to analyse');
    // The last two of the UTC days may hold nothing but what lies after the last wanted local day.
    const certain = wanted.findLast((day) => lastDay === null || day < lastDay) ?? newest;
    const oldest = firstDay === null ? certain - DEFAULT_WINDOW_REACH_DAYS : (wanted[0] as number);
    const span: Span = { fromMs: oldest * MS_PER_DAY, toMs: (newest + 1) * MS_PER_DAY };
    return ports.samples.read(owner, SIGNAL_TYPES, span).andThen((columns) => {
      const days = localDaysHolding(columns, sentDays, zone).filter(
        (day) => (firstDay === null || day >= firstDay) && (lastDay === null || day <= lastDay),
      );
      const last = days.at(-1);
      if (last === undefined) return nothing('there are no samples to analyse in these days');
      const first =
        firstDay ??
        (days.filter((day) => day > last - DEFAULT_WINDOW_REACH_DAYS).slice(-DEFAULT_WINDOW_DAYS)[0] as number);
      return bounded({ firstDay: first, lastDay: lastDay ?? last });
    });
  });
}

const nothing = (reason: string) => errAsync<DayRange, NothingToAnalyze>({ kind: 'nothing-to-analyze', reason });

function bounded(days: DayRange): ResultAsync<DayRange, NothingToAnalyze> {
  const count = days.lastDay - days.firstDay + 1;
  if (count < 1) return nothing('the window ends before it starts');
  if (count > MOST_WINDOW_DAYS) {
    return nothing(`the window has ${String(count)} days; at most ${String(MOST_WINDOW_DAYS)} are analysed at once`);
  }
  return okAsync(days);
}

/** Local days on which a sample starts or a sent night begins, ascending, each once. */
function localDaysHolding(
  columns: readonly SampleColumns[],
  sentDays: readonly EpochDay[],
  zone: LocalZone,
): readonly EpochDay[] {
  const days = new Set<EpochDay>(sentDays);
  for (const { startMs } of columns) for (const at of startMs) days.add(localDayOf(zone, at));
  return [...days].sort((a, b) => a - b);
}

/** Nights told by samples; for evenings without any, those that a client sent as metrics. */
function recordedSleep(
  sleep: SampleColumns | null,
  sent: readonly MetricNight[],
  window: DayRange & { readonly zone: LocalZone; readonly startMs: number; readonly minutes: number },
): { readonly recorded: RecordedSleep | { readonly absent: string }; readonly sources: readonly SourceUse[] } {
  const { zone, firstDay, lastDay, startMs, minutes } = window;
  const span: Span = { fromMs: startMs - MS_PER_DAY, toMs: startMs + minutes * MS_PER_MINUTE + MS_PER_DAY };
  const nights = sleep === null ? [] : assembleNights(sleep, zone, span);
  const shown = nights.filter((night) => night.day >= firstDay && night.day <= lastDay);
  const told = new Set(shown.map((night) => night.day));
  const added = sent.filter(({ day }) => day >= firstDay && day <= lastDay && !told.has(day));
  if (shown.length + added.length === 0) {
    return { recorded: { absent: 'the recording holds no sleep samples in this window' }, sources: [] };
  }
  return {
    recorded: {
      nights: [...shown.map((night) => ({ day: night.day, result: nightResult(night, zone) })), ...added]
        .sort((a, b) => a.day - b.day)
        .map(({ result }) => result),
      states: sleepStatesPerMinute(nights, startMs, minutes),
    },
    sources: nightSources(shown),
  };
}

/** For each source of sleep: of how many nights it was used, and for how many another one was preferred. */
function nightSources(nights: readonly Night[]): readonly SourceUse[] {
  const bySource = new Map<string, { readonly source: SampleSource; used: number; setAside: number }>();
  const entryOf = (source: SampleSource) => {
    const entry = bySource.get(source.key) ?? { source, used: 0, setAside: 0 };
    bySource.set(source.key, entry);
    return entry;
  };
  for (const night of nights) {
    entryOf(night.recordedBy).used += 1;
    for (const source of night.setAside) entryOf(source).setAside += 1;
  }
  return [...bySource.values()].map(({ source, used, setAside }) => ({
    name: source.name,
    device: source.device,
    signal: 'sleep_stage nights',
    samples: used + setAside,
    used,
    set_aside: setAside,
    reason: setAside > 0 ? 'another source was preferred for these nights' : null,
  }));
}
