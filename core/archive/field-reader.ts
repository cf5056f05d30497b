import { err, ok, type Result } from 'neverthrow';

type Fields = Readonly<Record<string, unknown>>;

/** Deeper nesting than any client sends; what is written out again later must not exhaust a stack. */
const DEEPEST = 64;

const SURROGATE = /\p{Surrogate}/u;

/**
 * Takes the fields of one line that anybody may have written. Each method answers with a value of its type in any case;
 * the first thing that was wrong, such as `value is not a number`, is kept, and is what `result` answers then.
 */
export class FieldReader {
  readonly #fields: Fields;
  #fault: string | null = null;

  constructor(value: unknown) {
    this.#fields = isObject(value) ? value : {};
    if (!isObject(value)) this.refuse('is not an object');
  }

  /** What was made of the fields, unless something is wrong with them. */
  result<T>(made: T): Result<T, string> {
    return this.#fault === null ? ok(made) : err(this.#fault);
  }

  refuse(fault: string): void {
    this.#fault ??= fault;
  }

  /** A text from `least` to `most` UTF-16 code units long. */
  text(name: string, { least = 1, most = 1000 }: { readonly least?: number; readonly most?: number } = {}): string {
    const value = this.#of(name);
    if (typeof value === 'string' && value.length >= least && value.length <= most) return value;
    this.refuse(`${name} is not a text of ${least} to ${most} characters`);
    return '';
  }

  /** A text that names something in a store: not empty, and with a UTF-8 form. */
  id(name: string, most = 300): string {
    const value = this.#of(name);
    if (isId(value, most)) return value;
    this.refuse(`${name} is not a text of 1 to ${most} characters`);
    return '';
  }

  /** A text of at most `most` UTF-16 code units, or null; absent is null. */
  textOrNull(name: string, most = 10_000): string | null {
    const value = this.#of(name);
    if (value === null || value === undefined) return null;
    if (typeof value === 'string' && value.length <= most) return value;
    this.refuse(`${name} is neither a text nor null`);
    return null;
  }

  /** One of the given texts. */
  oneOf<const T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#of(name);
    const choice = choices.find((known) => known === value);
    if (choice !== undefined) return choice;
    this.refuse(`${name} is not one that is known`);
    return choices[0]!;
  }

  /** A finite number from `least` to `most`. */
  number(name: string, least = -Infinity, most = Infinity): number {
    const value = this.#of(name);
    if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value;
    this.refuse(`${name} is not a number that can be here`);
    return 0;
  }

  numberOrNull(name: string, least = -Infinity, most = Infinity): number | null {
    const value = this.#of(name);
    return value === null || value === undefined ? null : this.number(name, least, most);
  }

  integer(name: string, least: number, most: number): number {
    const value = this.number(name, least, most);
    if (!Number.isInteger(value)) this.refuse(`${name} is not a whole number`);
    return value;
  }

  boolean(name: string): boolean {
    const value = this.#of(name);
    if (typeof value !== 'boolean') this.refuse(`${name} is neither true nor false`);
    return value === true;
  }

  /** Any JSON object that is not nested too deeply. */
  object(name: string): Fields {
    const value = this.#of(name);
    if (isObject(value) && isShallow(value, DEEPEST)) return value;
    this.refuse(`${name} is not an object, or nested too deeply`);
    return {};
  }

  objectOrNull(name: string): Fields | null {
    const value = this.#of(name);
    return value === null || value === undefined ? null : this.object(name);
  }

  /** A list, with each item as `read` reads it from its own reader; a fault of an item is one of the line. */
  list<T>(name: string, most: number, read: (item: FieldReader) => T): readonly T[] {
    return this.values(name, most).map((value) => {
      const item = new FieldReader(value);
      const made = read(item);
      return this.#part(item, made, `${name}: an item`);
    });
  }

  /** A list of texts of at most `longest` UTF-16 code units. */
  texts(name: string, most: number, longest = 10_000): readonly string[] {
    const items = this.values(name, most);
    if (items.every((item): item is string => typeof item === 'string' && item.length <= longest)) return items;
    this.refuse(`${name} has an item that is not a text`);
    return [];
  }

  /** A list of texts that name something in a store. */
  ids(name: string, most: number): readonly string[] {
    const items = this.values(name, most);
    if (items.every((item) => isId(item, 300))) return items;
    this.refuse(`${name} has an item that is no id`);
    return [];
  }

  /** The items of a list as they are. */
  values(name: string, most: number): readonly unknown[] {
    const value = this.#of(name);
    if (Array.isArray(value) && value.length <= most) return value as readonly unknown[];
    this.refuse(`${name} is not a list of at most ${most} items`);
    return [];
  }

  /** An object all of whose values are whole numbers from 0 on. */
  countsByName(name: string): Readonly<Record<string, number>> {
    const counts = Object.entries(this.object(name));
    if (counts.every(([, count]) => Number.isSafeInteger(count) && (count as number) >= 0)) {
      return Object.fromEntries(counts) as Readonly<Record<string, number>>;
    }
    this.refuse(`${name} has a count that is not a whole number`);
    return {};
  }

  /** The value as it came; absent is undefined. */
  value(name: string): unknown {
    return this.#of(name);
  }

  /** An object or null, read by `read` from its own reader; a fault of it is one of the line. */
  partOrNull<T>(name: string, read: (part: FieldReader) => T): T | null {
    const value = this.objectOrNull(name);
    if (value === null) return null;
    const part = new FieldReader(value);
    return this.#part(part, read(part), `${name}:`);
  }

  #part<T>(part: FieldReader, made: T, words: string): T {
    if (part.#fault !== null) this.refuse(`${words} ${part.#fault}`);
    return made;
  }

  #of(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }
}

const isId = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most && !SURROGATE.test(value);

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether nothing in the value is nested deeper than so many levels. */
function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isShallow(part, levels - 1));
}
