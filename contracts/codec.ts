import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** A JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) written beside a codec that cannot be read structurally. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const SCHEMAS = new WeakMap<object, JsonSchema>();

/** Attaches the schema that the OpenAPI document shows for a codec. */
export function withSchema<C extends t.Mixed>(codec: C, schema: JsonSchema): C {
  SCHEMAS.set(codec, schema);
  return codec;
}

export const schemaOf = (codec: object): JsonSchema | undefined => SCHEMAS.get(codec);

/** One thing that is wrong with an input. */
export interface CodecIssue {
  /** RFC 6901 JSON pointer. */
  readonly pointer: string;
  readonly message: string;
  readonly code: string;
}

/**
 * The most places that one refusal names. Whoever sends a hundred thousand wrong places is not served by hearing of each, and
 * the answer would be far larger than what was sent.
 */
export const MOST_ISSUES = 100;
/** The most places that are named of one item of a list that is read item by item. */
const MOST_ISSUES_OF_AN_ITEM = 20;
/** Errors that are looked for; several may be of one place, as those of a union are. */
const MOST_ERRORS = 1000;

/** Adds errors of a part, up to so many as are looked for; whether there may be more. */
export function addErrors(errors: t.Errors, found: t.Errors): boolean {
  for (const error of found) {
    if (errors.length >= MOST_ERRORS) return false;
    errors.push(error);
  }
  return errors.length < MOST_ERRORS;
}

const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * Reads io-ts errors as pointers and messages; each place is named once, and at most `MOST_ISSUES` are. io-ts counts the alternatives of a union as if
 * they were places in the input: here they are left out, and where none of them fits it is the union that was expected.
 */
export function issuesOf(errors: t.Errors): readonly CodecIssue[] {
  const byPointer = new Map<string, CodecIssue>();
  for (const error of errors) {
    const places = error.context.filter((_, i) => i > 0 && !isUnion(error.context[i - 1]));
    const pointer = places.map(({ key }) => `/${escapePointer(key)}`).join('');
    if (byPointer.has(pointer)) continue;
    if (byPointer.size === MOST_ISSUES) break;
    const expected = (places.at(-1) ?? error.context[0])?.type.name ?? 'a value';
    const missing = error.value === undefined;
    byPointer.set(pointer, {
      pointer,
      message: error.message ?? (missing ? `is required: expected ${expected}` : `expected ${expected}`),
      code: error.message === UNKNOWN_PROPERTY ? 'unknown_property' : missing ? 'missing' : 'invalid',
    });
  }
  return [...byPointer.values()];
}

const isUnion = (entry: t.ContextEntry | undefined): boolean => entry?.type instanceof t.UnionType;

const UNKNOWN_PROPERTY = 'is not a known property';

type RequiredOf<P extends t.Props> = { readonly [K in keyof P]: t.TypeOf<P[K]> };
type OptionalOf<P extends t.Props> = { readonly [K in keyof P]?: t.TypeOf<P[K]> | null };
type RequiredOutputOf<P extends t.Props> = { readonly [K in keyof P]: t.OutputOf<P[K]> };
type OptionalOutputOf<P extends t.Props> = { readonly [K in keyof P]?: t.OutputOf<P[K]> | null };

/** The parts of an object codec, for the OpenAPI document. */
export interface ObjectShape {
  readonly required: t.Props;
  readonly optional: t.Props;
}
const SHAPES = new WeakMap<object, ObjectShape>();
export const shapeOf = (codec: object): ObjectShape | undefined => SHAPES.get(codec);

/**
 * An object with known properties: required ones, and optional ones that may be absent or null. A property that is not
 * known is refused by name, so that a misspelt field never disappears in silence.
 */
export function object<R extends t.Props, O extends t.Props = Record<never, never>>(
  name: string,
  required: R,
  optional: O = {} as O,
): t.Type<RequiredOf<R> & OptionalOf<O>, RequiredOutputOf<R> & OptionalOutputOf<O>> {
  type A = RequiredOf<R> & OptionalOf<O>;
  type Wire = RequiredOutputOf<R> & OptionalOutputOf<O>;
  const known = new Map<string, t.Mixed>([...Object.entries(required), ...Object.entries(optional)]);
  const requiredCount = Object.keys(required).length;
  const codec: t.Type<A, Wire> = new t.Type<A, Wire>(
    name,
    (u): u is A => E.isRight(validateObject(u, [])),
    (u, context) => validateObject(u, context) as t.Validation<A>,
    (value) => encodeObject(value) as Wire,
  );
  function encodeObject(value: Record<string, unknown>): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const [key, type] of Object.entries(required)) out[key] = type.encode(value[key]);
    for (const [key, type] of Object.entries(optional)) {
      const present = value[key];
      if (present !== undefined) out[key] = present === null ? null : type.encode(present);
    }
    return out;
  }
  function validateObject(u: unknown, context: t.Context): t.Validation<Record<string, unknown>> {
    if (typeof u !== 'object' || u === null || Array.isArray(u))
      return t.failure(u, context, `expected ${name} (an object)`);
    const input = u as Record<string, unknown>;
    const right = withoutFault(input, context);
    if (right !== null) return t.success(right);
    const out: Record<string, unknown> = {};
    const errors: t.Errors = [];
    for (const key of Object.keys(input)) {
      if (Object.hasOwn(required, key) || Object.hasOwn(optional, key)) continue;
      const value = input[key];
      const place = t.appendContext(context, key, t.unknown, value);
      if (!addErrors(errors, [{ value, context: place, message: UNKNOWN_PROPERTY }])) break;
    }
    const field = (key: string, type: t.Mixed, value: unknown): void => {
      const result = type.validate(value, t.appendContext(context, key, type, value));
      if (E.isLeft(result)) addErrors(errors, result.left);
      else out[key] = result.right;
    };
    for (const [key, type] of Object.entries(required)) {
      field(key, type, Object.hasOwn(input, key) ? input[key] : undefined);
    }
    for (const [key, type] of Object.entries(optional)) {
      const value = Object.hasOwn(input, key) ? input[key] : undefined;
      if (value === undefined) continue;
      if (value === null) out[key] = null;
      else field(key, type, value);
    }
    return errors.length > 0 ? E.left(errors) : t.success(out);
  }
  /**
   * What the input is where nothing is wrong with it; null where something is, which is then looked for again with the
   * place of everything. Nearly all of what comes is right, and needs no places.
   */
  function withoutFault(input: Record<string, unknown>, context: t.Context): Record<string, unknown> | null {
    const out: Record<string, unknown> = {};
    let found = 0;
    for (const key of Object.keys(input)) {
      const type = known.get(key);
      if (type === undefined) return null;
      const value = input[key];
      const isRequired = Object.hasOwn(required, key);
      if (isRequired) found++;
      else if (value === undefined) continue;
      else if (value === null) {
        out[key] = null;
        continue;
      }
      const result = type.validate(value, context);
      if (E.isLeft(result)) return null;
      out[key] = result.right;
    }
    return found === requiredCount ? out : null;
  }
  SHAPES.set(codec, { required, optional });
  return codec;
}

/** What became of the items of a list that is read item by item. */
export interface TolerantItems<A> {
  /** `wire` is the item as it came: everything in it is known to the codec. */
  readonly accepted: readonly { readonly index: number; readonly value: A; readonly wire: unknown }[];
  readonly rejected: readonly {
    readonly index: number;
    readonly issues: readonly CodecIssue[];
    readonly value: unknown;
  }[];
}

/** A list of which each item is judged by itself: a bad one is set aside with its issues, the others are used. */
export function tolerantList<A, O>(
  name: string,
  item: t.Type<A, O>,
  limits: { readonly min: number; readonly max: number },
): t.Type<TolerantItems<A>, readonly O[]> {
  const codec = new t.Type<TolerantItems<A>, readonly O[]>(
    name,
    (u): u is TolerantItems<A> => typeof u === 'object' && u !== null && 'accepted' in u && 'rejected' in u,
    (u, context) => {
      if (!Array.isArray(u)) return t.failure(u, context, `expected ${name} (a list)`);
      if (u.length < limits.min || u.length > limits.max) {
        return t.failure(
          u,
          context,
          `has ${String(u.length)} items; expected ${String(limits.min)} to ${String(limits.max)}`,
        );
      }
      const accepted: { index: number; value: A; wire: unknown }[] = [];
      const rejected: { index: number; issues: readonly CodecIssue[]; value: unknown }[] = [];
      u.forEach((value: unknown, index) => {
        const result = item.decode(value);
        if (E.isRight(result)) accepted.push({ index, value: result.right, wire: value });
        else rejected.push({ index, issues: issuesOf(result.left).slice(0, MOST_ISSUES_OF_AN_ITEM), value });
      });
      return t.success({ accepted, rejected });
    },
    (items) =>
      [
        ...items.accepted.map(({ index, value }) => ({ index, wire: item.encode(value) })),
        // What was set aside goes back as it came, whatever it is.
        ...items.rejected.map(({ index, value }) => ({ index, wire: value as O })),
      ]
        .sort((a, b) => a.index - b.index)
        .map(({ wire }) => wire),
  );
  ITEMS.set(codec, { item, limits });
  return codec;
}
const ITEMS = new WeakMap<object, { readonly item: t.Mixed; readonly limits: { min: number; max: number } }>();
export const tolerantItemsOf = (codec: object) => ITEMS.get(codec);
