import { err, ok, type Result } from 'neverthrow';

/** What of a JSON value is not as it should be. */
export interface Misfit {
  /** RFC 6901 pointer; empty for the value itself. */
  readonly pointer: string;
  /** Such as `expected a number from 0 to 1`. */
  readonly reason: string;
}

/** Reads a JSON value as a T, or says what does not fit. `pointer` is where the value stands. */
export type Reader<T> = (value: unknown, pointer: string) => Result<T, Misfit>;

const misfit = (pointer: string, reason: string): Result<never, Misfit> => err({ pointer, reason });

/** A text that is not blank and, where a pattern is given, matches it. */
export const text =
  (pattern: RegExp = /\S/, form = 'a text'): Reader<string> =>
  (value, pointer) =>
    typeof value === 'string' && pattern.test(value) ? ok(value) : misfit(pointer, `expected ${form}`);

/** A finite number for which `holds`. */
export const number =
  (holds: (value: number) => boolean = () => true, form = 'a finite number'): Reader<number> =>
  (value, pointer) =>
    typeof value === 'number' && Number.isFinite(value) && holds(value)
      ? ok(value)
      : misfit(pointer, `expected ${form}`);

/** A whole number of at least `low` that a double holds exactly. */
export const whole = (low: number): Reader<number> =>
  number((value) => Number.isSafeInteger(value) && value >= low, `a whole number from ${String(low)} on`);

export const truth: Reader<boolean> = (value, pointer) =>
  typeof value === 'boolean' ? ok(value) : misfit(pointer, 'expected true or false');

/** One of these texts or numbers. */
export const oneOf =
  <const T extends string | number>(choices: readonly T[]): Reader<T> =>
  (value, pointer) => {
    const found = choices.find((choice) => choice === value);
    return found === undefined ? misfit(pointer, `expected ${choices.join(' or ')}`) : ok(found);
  };

export const nullable =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, pointer) =>
    value === null ? ok(null) : reader(value, pointer);

export const list =
  <T>(reader: Reader<T>): Reader<readonly T[]> =>
  (value, pointer) => {
    if (!Array.isArray(value)) return misfit(pointer, 'expected a list');
    const items: T[] = [];
    for (const [i, item] of (value as readonly unknown[]).entries()) {
      const read = reader(item, `${pointer}/${String(i)}`);
      if (read.isErr()) return err(read.error);
      items.push(read.value);
    }
    return ok(items);
  };

/**
 * An object with exactly these fields. One that is not known is a misfit too: it may say something without which the
 * others mean something else.
 */
export const record =
  <T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> =>
  (value, pointer) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return misfit(pointer, 'expected an object');
    }
    const given = new Map<string, unknown>(Object.entries(value));
    const fields: [string, unknown][] = [];
    for (const [name, reader] of Object.entries<Reader<unknown>>(readers)) {
      if (!given.has(name)) return misfit(`${pointer}/${name}`, 'is missing');
      const read = reader(given.get(name), `${pointer}/${name}`);
      if (read.isErr()) return err(read.error);
      fields.push([name, read.value]);
      given.delete(name);
    }
    const [unknown] = given.keys();
    if (unknown !== undefined) return misfit(pointer, `has a field that is not known, ${JSON.stringify(unknown)}`);
    return ok(Object.fromEntries<unknown>(fields) as T);
  };
