import type { Night } from '../apple-health/nights.ts';
import { formatLocal, isoDate, type LocalZone } from '../kernel/local-time.ts';
import type { NightResult } from './document.ts';

/** A night in the document's form. */
export function nightResult(night: Night, zone: LocalZone): NightResult {
  return {
    date: isoDate(night.day),
    in_bed_start: formatLocal(zone, night.startMs),
    in_bed_end: formatLocal(zone, night.endMs),
    time_in_bed_minutes: night.timeInBedMinutes,
    asleep_minutes: night.asleepMinutes,
    efficiency_percent: night.efficiencyPercent,
    onset_latency_minutes: night.onsetLatencyMinutes,
    waso_minutes: night.wasoMinutes,
    stages: night.stages,
    source: night.source,
  };
}
