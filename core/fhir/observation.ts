import type { EpochMs } from '../kernel/clock.ts';
import type { Digest } from '../kernel/digest.ts';
import { instantText } from '../kernel/instant-text.ts';
import type { Concept } from './concepts.ts';
import type { Coding, Effective, Observation, ObservedValue } from './resources.ts';

/** For what a device or an app computed from other measurements. */
const DERIVED: Coding = {
  system: 'https://clarity.health/fhir/tags',
  code: 'derived',
  display: 'Computed from other measurements',
};

const FHIR_ID = /^[A-Za-z0-9.-]{1,64}$/;
/** FHIR's dateTime: years of four digits, offsets up to 14 hours. */
const FHIR_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):\d{2})$/;

/** The text as an id that FHIR allows: itself where it is one, otherwise its SHA-256. */
export const fhirId = (text: string, digest: Digest): string => (FHIR_ID.test(text) ? text : digest.sha256Hex(text));

/** Whose observations these are, and how ids are made. */
export interface ObservationContext {
  /** The id of the Patient. */
  readonly patient: string;
  readonly digest: Digest;
}

/** What an observation says. */
export interface Finding {
  readonly concept: Concept;
  readonly effective: Effective;
  /** The name of the device; null where none is known. */
  readonly device: string | null;
  /** Null where the components say it. */
  readonly value: ObservedValue | null;
  readonly components?: readonly { readonly concept: Concept; readonly value: ObservedValue }[];
}

/** The observation of that id. */
export function observationOf(id: string, { patient }: ObservationContext, finding: Finding): Observation {
  const { concept, effective, device, value, components } = finding;
  const { category, code } = concept;
  return {
    resourceType: 'Observation',
    id,
    ...(concept.derived ? { meta: { tag: [DERIVED] } } : {}),
    status: 'final',
    ...(category === null ? {} : { category }),
    code,
    subject: { reference: `Patient/${patient}` },
    ...effective,
    ...(device === null || device.trim() === '' ? {} : { device: { display: device } }),
    ...(value ?? {}),
    ...(components === undefined || components.length === 0
      ? {}
      : { component: components.map((part) => ({ code: part.concept.code, ...part.value })) }),
  };
}

/**
 * When something was observed, in the offset (minutes east of UTC; null for `Z`). Null where FHIR has no text for it, as
 * for years after 9999, and where the end is before the start.
 */
export function effectiveOf(startMs: EpochMs, endMs: EpochMs, offsetMinutes: number | null): Effective | null {
  const start = instantText(startMs, offsetMinutes);
  const end = endMs === startMs ? start : instantText(endMs, offsetMinutes);
  if (start === null || end === null || !FHIR_DATE_TIME.test(start) || !FHIR_DATE_TIME.test(end)) return null;
  if (endMs < startMs) return null;
  return start === end ? { effectiveDateTime: start } : { effectivePeriod: { start, end } };
}
