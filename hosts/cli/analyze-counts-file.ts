import { errAsync, type ResultAsync } from 'neverthrow';
import { readCountsCsv, type CountsRecording } from '../../adapters/csv/counts-csv.ts';
import { analyzeSeries } from '../../core/analysis/analyze-series.ts';
import type { AnalysedRecording } from '../../core/analysis/recording.ts';
import type { ModelPorts } from '../../core/analysis/model-results.ts';
import { MOST_WINDOW_DAYS } from '../../core/analysis/analyze-window.ts';
import { COUNT_WEAR_RULES } from '../../core/analysis/wear-rules.ts';
import { faultAndPlace } from '../../core/health-data/unreadable-file.ts';
import { chooseZone } from '../../core/analysis/zone-choice.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import {
  fixedOffsetZone,
  MINUTES_PER_DAY,
  MS_PER_MINUTE,
  startOfLocalDay,
  type LocalZone,
} from '../../core/kernel/local-time.ts';
import {
  notAnalysed,
  reportNotices,
  type AnalyzeRequest,
  type NotAnalysed,
  type Reporting,
} from './analysis-request.ts';

/** Analyses minute-level activity counts: the whole recording, or the asked days of it. */
export function analyzeCountsFile(
  file: ByteSource,
  sha256: string,
  name: string,
  request: AnalyzeRequest,
  ports: ModelPorts,
  reporting: Reporting,
): ResultAsync<AnalysedRecording, NotAnalysed> {
  // Local times without an offset are read in UTC unless a zone is given: that keeps every clock time as it is written.
  return readCountsCsv(file, request.zone ?? fixedOffsetZone(0))
    .mapErr((error) => notAnalysed(error.kind === 'csv-unreadable' ? faultAndPlace(error) : error.cause))
    .andThen((recording) => {
      reportNotices(recording.notices, reporting);
      const zone =
        request.zone ?? chooseZone({ requested: null, recorded: null, offsetMinutes: recording.utcOffsetMinutes });
      const window = windowOf(recording, request, zone);
      if (window.values.length < 1 || window.values.length > MOST_WINDOW_DAYS * (MINUTES_PER_DAY + 60)) {
        return errAsync(notAnalysed('no minute of the recording lies in the days that were asked for'));
      }
      let used = 0;
      for (const value of window.values) if (!Number.isNaN(value)) used += value;
      return analyzeSeries(ports)({
        kind: 'counts',
        startMs: window.startMs,
        values: window.values,
        zone,
        sha256,
        notices: recording.notices,
        sources: [
          { name, device: 'file', signal: 'activity_count', samples: recording.rows, used, set_aside: 0, reason: null },
        ],
        wearRule: COUNT_WEAR_RULES[request.nonWear],
        nonWear: request.nonWear,
        encodedDays: request.encodedDays,
        recordedSleep: { absent: 'the recording holds no sleep intervals' },
      }).mapErr((error) => notAnalysed(`the encoder does not answer (${error.cause})`));
    });
}

/** The asked local days, whole; minutes outside the recording are missing. An open end is the recording's own. */
function windowOf(
  recording: CountsRecording,
  { firstDay, lastDay }: AnalyzeRequest,
  zone: LocalZone,
): { readonly startMs: number; readonly values: Float64Array } {
  const recordedEndMs = recording.startMs + recording.values.length * MS_PER_MINUTE;
  const startMs = firstDay === null ? recording.startMs : startOfLocalDay(zone, firstDay);
  const endMs = lastDay === null ? recordedEndMs : startOfLocalDay(zone, lastDay + 1);
  if (startMs >= recordedEndMs || endMs <= recording.startMs) return { startMs, values: new Float64Array(0) };
  const values = new Float64Array(Math.round((endMs - startMs) / MS_PER_MINUTE)).fill(Number.NaN);
  const offset = Math.round((recording.startMs - startMs) / MS_PER_MINUTE);
  for (let i = 0; i < values.length; i++) {
    const at = i - offset;
    if (at >= 0 && at < recording.values.length) values[i] = recording.values[at] as number;
  }
  return { startMs, values };
}
