import type { EpochMs } from '../kernel/clock.ts';
import { instantText } from '../kernel/instant-text.ts';
import type { FieldReader } from './field-reader.ts';

/** The range of ECMAScript's time values. */
const LATEST_MS = 8.64e15;

/**
 * An instant as fields of a line: `<name>` is ISO 8601 with the offset (`Z` where none is known), and `<name>_ms`, which
 * is only there where the text does not tell it exactly, the milliseconds since 1970.
 */
export function instantFields(
  name: string,
  ms: EpochMs,
  offsetMinutes: number | null = null,
): Readonly<Record<string, string | number | null>> {
  const text = instantText(ms, offsetMinutes);
  return text !== null && Date.parse(text) === ms ? { [name]: text } : { [name]: text, [`${name}_ms`]: ms };
}

/** Reads what `instantFields` wrote. */
export function readInstant(fields: FieldReader, name: string): EpochMs {
  if (fields.value(`${name}_ms`) !== undefined) return fields.number(`${name}_ms`, -LATEST_MS, LATEST_MS);
  const ms = Date.parse(fields.text(name, { most: 40 }));
  if (Number.isFinite(ms)) return ms;
  fields.refuse(`${name} is not a date-time`);
  return 0;
}
