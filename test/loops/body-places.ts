import type * as t from 'io-ts';
import { shapeOf, tolerantItemsOf } from '../../contracts/codec.ts';
import { jsonObject, listItemsOf } from '../../contracts/scalars.ts';

/** A place in a body at which there is an object. */
export interface ObjectPlace {
  /** RFC 6901. */
  readonly pointer: string;
  readonly path: readonly (string | number)[];
  /** What the contract knows in it; null where it takes any JSON. */
  readonly known: ReadonlySet<string> | null;
}

/** Every object in a body, by its codec; the first item stands for a list. */
export function objectPlaces(codec: t.Mixed, body: unknown, path: readonly (string | number)[] = []): ObjectPlace[] {
  const place = (known: ReadonlySet<string> | null): ObjectPlace => ({
    pointer: path.map((key) => `/${String(key)}`).join(''),
    path,
    known,
  });
  if (codec === jsonObject) return typeof body === 'object' && body !== null ? [place(null)] : [];
  const shape = shapeOf(codec);
  if (shape !== undefined && typeof body === 'object' && body !== null) {
    const inner = { ...shape.required, ...shape.optional };
    return [
      place(new Set(Object.keys(inner))),
      ...Object.entries(body).flatMap(([name, value]) => {
        const type = inner[name];
        return type === undefined ? [] : objectPlaces(type, value, [...path, name]);
      }),
    ];
  }
  const item = (tolerantItemsOf(codec) ?? listItemsOf(codec))?.item;
  if (item !== undefined && Array.isArray(body) && body.length > 0) return objectPlaces(item, body[0], [...path, 0]);
  return [];
}

/** The body with more in the object at this place. */
export function withMore(body: unknown, path: readonly (string | number)[], more: object): unknown {
  const copy = structuredClone(body);
  let at = copy as Record<string | number, unknown>;
  for (const key of path) at = at[key] as Record<string | number, unknown>;
  for (const [name, value] of Object.entries(more)) {
    Object.defineProperty(at, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

/** A body in which every free-form object of the codec is there, empty where it was not. */
export function withFreeForms(codec: t.Mixed, body: unknown): unknown {
  const shape = shapeOf(codec);
  if (shape !== undefined && typeof body === 'object' && body !== null && !Array.isArray(body)) {
    const inner = { ...shape.required, ...shape.optional };
    const filled: [string, unknown][] = [];
    for (const [name, type] of Object.entries(inner)) {
      const value = (body as Readonly<Record<string, unknown>>)[name];
      const item = listItemsOf(type)?.item;
      if (value !== undefined) filled.push([name, withFreeForms(type, value)]);
      else if (type === jsonObject) filled.push([name, {}]);
      else if (item === jsonObject) filled.push([name, [{}]]);
    }
    return Object.fromEntries(filled);
  }
  const item = (tolerantItemsOf(codec) ?? listItemsOf(codec))?.item;
  if (item !== undefined && Array.isArray(body)) return body.map((each) => withFreeForms(item, each));
  return body;
}
