import type { EpochMs } from '../kernel/clock.ts';
import type { SimulatedLife } from './life.ts';
import type { MinuteSignals } from './minute-signals.ts';

/** A simulated device with the software it had when it recorded. */
export interface SimulatedDevice {
  readonly kind: 'watch' | 'phone';
  /** The source's name as the person sees it; Apple puts a non-breaking space into "Apple Watch". */
  readonly sourceName: string;
  /** Device name, model and hardware as HealthKit's `HKDevice` gives them. */
  readonly name: string;
  readonly model: string;
  readonly hardware: string;
  readonly software: string;
}

/** One beat of those that a heart rate variability was computed from. */
export interface SimulatedBeat {
  readonly atMs: EpochMs;
  readonly bpm: number;
}

/** One sample as HealthKit would keep it. Times are whole seconds. */
export interface SimulatedRecord {
  /** HealthKit's identifier, such as `HKQuantityTypeIdentifierStepCount`. */
  readonly type: string;
  readonly device: SimulatedDevice;
  /** HealthKit's unit string, or null for categories. */
  readonly unit: string | null;
  readonly createdMs: EpochMs;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  /** A decimal number, or for categories the name of the value. */
  readonly value: string;
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** Only with heart rate variability. */
  readonly beats: readonly SimulatedBeat[];
}

/** A life together with its signals: what records are made from. */
export interface RecordedLife {
  readonly life: SimulatedLife;
  readonly signals: MinuteSignals;
}

const device = (kind: SimulatedDevice['kind'], software: string): SimulatedDevice =>
  kind === 'watch'
    ? {
        kind,
        sourceName: 'Sam’s Apple\u00a0Watch',
        name: 'Apple Watch',
        model: 'Watch',
        hardware: 'Watch6,1',
        software,
      }
    : { kind, sourceName: 'Sam’s iPhone', name: 'iPhone', model: 'iPhone', hardware: 'iPhone14,5', software };

const WATCH = [device('watch', '11.2'), device('watch', '11.3')] as const;
const PHONE = [device('phone', '18.2'), device('phone', '18.3')] as const;

/** The watch or phone on the recording's day `dayIndex`: both get new software after three fifths of the days. */
export function deviceOn(life: SimulatedLife, kind: SimulatedDevice['kind'], dayIndex: number): SimulatedDevice {
  const models = kind === 'watch' ? WATCH : PHONE;
  return dayIndex * 5 < life.days * 3 ? models[0] : models[1];
}

/** A record without metadata; `seconds` after its end it was saved. */
export function quantity(
  type: string,
  unit: string,
  from: SimulatedDevice,
  startMs: EpochMs,
  endMs: EpochMs,
  savedAfterSeconds: number,
  value: number,
): SimulatedRecord {
  return {
    type: `HKQuantityTypeIdentifier${type}`,
    device: from,
    unit,
    createdMs: endMs + savedAfterSeconds * 1000,
    startMs,
    endMs,
    value: String(value),
    metadata: [],
    beats: [],
  };
}

/** A category record, such as a sleep stage. */
export function category(
  type: string,
  value: string,
  from: SimulatedDevice,
  startMs: EpochMs,
  endMs: EpochMs,
  createdMs: EpochMs,
  metadata: SimulatedRecord['metadata'] = [],
): SimulatedRecord {
  return {
    type: `HKCategoryTypeIdentifier${type}`,
    device: from,
    unit: null,
    createdMs,
    startMs,
    endMs,
    value: `HKCategoryValue${value}`,
    metadata,
    beats: [],
  };
}

/** Rounded to `digits` decimals, so that the text of the number is short and the same everywhere. */
export function rounded(value: number, digits: number): number {
  let scale = 1;
  for (let i = 0; i < digits; i++) scale *= 10;
  return Math.round(value * scale) / scale;
}
