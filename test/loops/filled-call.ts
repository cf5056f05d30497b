import type * as t from 'io-ts';
import { shapeOf, tolerantItemsOf } from '../../contracts/codec.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import { listItemsOf } from '../../contracts/scalars.ts';
import type { Asked } from './ask.ts';

/** The whole contract by operation. */
export const TABLE = Object.entries(ROUTES as Readonly<Record<string, RouteDefinition>>);

/** What stands for a parameter or a property, by its name. */
export type Values = Readonly<Record<string, string>>;

const DAY_MS = 86_400_000;
/** What a route needs in its query, by name. */
export const QUERY_VALUES: Readonly<Record<string, string>> = {
  metric_type: 'biometric_data.heart_rate',
  from: '2025-01-06T00:00:00Z',
  to: '2025-01-07T00:00:00Z',
};

let minutes = 0;
/** Bodies that the contract's example is none of which names what these loops are about. */
const BODIES: Readonly<Record<string, () => unknown>> = {
  generateInsight: () => ({ processing_id: '' }),
  // Another reading each time: the same one twice would be told of as such.
  uploadHealthData: () => ({
    user_id: '',
    upload_source: 'loop',
    client_timestamp: '2025-02-01T00:00:00Z',
    metrics: [
      {
        metric_type: 'heart_rate',
        metric_id: '',
        biometric_data: { heart_rate: 61 },
        created_at: new Date(Date.UTC(2025, 1, 1, 0, ++minutes)).toISOString(),
      },
    ],
  }),
  giveConsent: () => ({
    grantee: '',
    purpose: 'care',
    data_types: ['insights'],
    ends_at: new Date(Date.now() + 30 * DAY_MS).toISOString(),
  }),
};

/** A body that the route takes, before values are put into it. */
const sampleBody = (id: string, { body }: RouteDefinition): unknown =>
  body?.kind === 'json' ? (BODIES[id]?.() ?? structuredClone(body.example)) : undefined;

/** The names of what is in a codec's objects, at any depth. */
export function propertyNames(codec: t.Mixed): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (at: t.Mixed): void => {
    const shape = shapeOf(at);
    for (const [name, inner] of Object.entries({ ...shape?.required, ...shape?.optional })) {
      names.add(name);
      walk(inner);
    }
    const item = (tolerantItemsOf(at) ?? listItemsOf(at))?.item;
    if (item !== undefined) walk(item);
    if ('types' in at) for (const inner of at.types as readonly t.Mixed[]) walk(inner);
  };
  walk(codec);
  return names;
}

const paramNames = (path: string): readonly string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Ids that a body or a query speaks of, which a path would call parameters. */
const NAMES_A_THING = /_ids?$|^(?:grantee|owner|patient|user|subject)$/;

/** By name, where in the route something is named that belongs to somebody. */
export function idsOf(route: RouteDefinition): ReadonlyMap<string, 'path' | 'query' | 'body'> {
  const found = new Map<string, 'path' | 'query' | 'body'>();
  const named = (codec: t.Mixed | undefined, place: 'query' | 'body'): void => {
    if (codec === undefined) return;
    for (const name of propertyNames(codec)) if (NAMES_A_THING.test(name)) found.set(name, place);
  };
  if (route.body?.kind === 'json') named(route.body.codec, 'body');
  named(route.query, 'query');
  for (const name of paramNames(route.path)) found.set(name, 'path');
  return found;
}

/** Sets properties of these names, wherever the value has them. */
function withValues(value: unknown, values: Values): unknown {
  if (Array.isArray(value)) return value.map((item) => withValues(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, values[name] ?? withValues(inner, values)]),
  );
}

/**
 * A call of the route that it takes, with values put in by name.
 *
 * @throws Error where a parameter of the path or a required one of the query has no value.
 */
export function filledCall(id: string, route: RouteDefinition, values: Values): Asked {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${id}: nothing is known that could be its ${name}`);
    return encodeURIComponent(value);
  });
  const shape = route.query === undefined ? undefined : shapeOf(route.query);
  const query = new URLSearchParams();
  for (const name of Object.keys(shape?.required ?? {})) {
    const value = values[name] ?? QUERY_VALUES[name];
    if (value === undefined) throw new Error(`${id}: nothing is known that could be its ?${name}`);
    query.set(name, value);
  }
  for (const name of Object.keys(shape?.optional ?? {})) {
    const value = values[name];
    if (value !== undefined) query.set(name, value);
  }
  const json = withValues(sampleBody(id, route), values);
  const where = `${path}${query.size === 0 ? '' : `?${query.toString()}`}`;
  return { method: route.method, where, ...(json === undefined ? {} : { json }) };
}
