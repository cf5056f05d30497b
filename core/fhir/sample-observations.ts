import { SLEEP_STAGE } from '../health-data/sample-types.ts';
import { UNKNOWN_OFFSET } from '../health-data/samples.ts';
import type { SingleSample } from '../health-data/single-samples.ts';
import { quantityOf, SAMPLE_CONCEPTS, SLEEP_STAGES_SYSTEM } from './concepts.ts';
import { effectiveOf, observationOf, type ObservationContext } from './observation.ts';
import type { Observation, ObservedValue } from './resources.ts';

const STAGE_NAMES: Readonly<Record<number, readonly [code: string, display: string]>> = {
  [SLEEP_STAGE.inBed]: ['in-bed', 'In bed'],
  [SLEEP_STAGE.asleepUnspecified]: ['asleep', 'Asleep'],
  [SLEEP_STAGE.awake]: ['awake', 'Awake'],
  [SLEEP_STAGE.asleepCore]: ['asleep-core', 'Light sleep'],
  [SLEEP_STAGE.asleepDeep]: ['asleep-deep', 'Deep sleep'],
  [SLEEP_STAGE.asleepRem]: ['asleep-rem', 'REM sleep'],
};

/**
 * A sample as a FHIR R4 Observation, at the instant or over the period it was recorded, in the offset it was recorded
 * in (`Z` where that is not known). Its id depends on what makes the sample itself: type, start, end, value and source.
 * Null for a sample outside of the years that FHIR can write.
 */
export function observationOfSample(sample: SingleSample, context: ObservationContext): Observation | null {
  const { type, startMs, endMs, value, source, offsetMinutes } = sample;
  const effective = effectiveOf(startMs, endMs, offsetMinutes === UNKNOWN_OFFSET ? null : offsetMinutes);
  if (effective === null) return null;
  const id = context.digest.sha256Hex(JSON.stringify([type, startMs, endMs, value, source.key])).slice(0, 40);
  return observationOf(`sample-${id}`, context, {
    concept: SAMPLE_CONCEPTS[type],
    effective,
    device: source.name,
    value: valueOf(sample),
  });
}

function valueOf({ type, value }: SingleSample): ObservedValue {
  const stage = type === 'sleep_stage' ? STAGE_NAMES[value] : undefined;
  if (stage !== undefined) {
    const [code, display] = stage;
    return { valueCodeableConcept: { coding: [{ system: SLEEP_STAGES_SYSTEM, code, display }], text: display } };
  }
  const concept = SAMPLE_CONCEPTS[type];
  if (concept.unit !== null) return { valueQuantity: quantityOf(concept, value) };
  // A code; FHIR's integers have 32 bits.
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31
    ? { valueInteger: value }
    : { valueString: String(value) };
}
