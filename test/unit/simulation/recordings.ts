import fc from 'fast-check';
import { localZone, type LocalZone } from '../../../core/kernel/local-time.ts';
import type { SimulatedRecord } from '../../../core/simulation/record.ts';
import type { SimulatedRecording, SimulationRequest } from '../../../core/simulation/simulate-person.ts';
import { valueOf } from '../result-values.ts';

export const zoneNamed = (name: string): LocalZone => valueOf(localZone(name));

export const BERLIN = zoneNamed('Europe/Berlin');

/**
 * Requests for any person, of a few days, at any time of the year 2025, in zones with and without clock changes. Requests
 * rather than recordings, because a failing property prints what it was given.
 */
export const anyRequest: fc.Arbitrary<SimulationRequest> = fc.record({
  seed: fc.nat(),
  days: fc.integer({ min: 1, max: 9 }),
  firstDay: fc.integer({ min: 20_089, max: 20_453 }),
  zone: fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC+05:45').map(zoneNamed),
});

/** The records of a type, its identifier given without `HK...TypeIdentifier`. */
export function recordsOfType(recording: SimulatedRecording, type: string): readonly SimulatedRecord[] {
  return [...recording.records()].filter((record) => record.type.endsWith(`TypeIdentifier${type}`));
}

/** The minute of the recording that holds an instant. */
export const minuteOf = (recording: SimulatedRecording, instantMs: number): number =>
  Math.floor((instantMs - recording.startMs) / 60_000);

/** The mask's runs of `value` as `[from, to)` minutes. */
export function runsOf(mask: Uint8Array, value: 0 | 1): readonly (readonly [from: number, to: number])[] {
  const runs: [number, number][] = [];
  for (let from = mask.indexOf(value); from >= 0;) {
    const end = mask.indexOf(1 - value, from);
    const to = end < 0 ? mask.length : end;
    runs.push([from, to]);
    from = mask.indexOf(value, to);
  }
  return runs;
}

export const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};
