import type * as t from 'io-ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';

export const ALL_ROUTES: readonly (readonly [string, RouteDefinition])[] = Object.entries(ROUTES);

export interface NamedCodec {
  /** Such as `uploadHealthData body`. */
  readonly name: string;
  readonly codec: t.Mixed;
}

/** What clients send. */
export const REQUEST_CODECS: readonly NamedCodec[] = ALL_ROUTES.flatMap(([id, { params, query, body }]) => [
  ...(params === undefined ? [] : [{ name: `${id} params`, codec: params }]),
  ...(query === undefined ? [] : [{ name: `${id} query`, codec: query }]),
  ...(body?.kind === 'json' ? [{ name: `${id} body`, codec: body.codec }] : []),
]);

/** What the service answers. */
export const RESPONSE_CODECS: readonly NamedCodec[] = ALL_ROUTES.flatMap(([id, { responses }]) =>
  Object.entries(responses).flatMap(([status, response]) =>
    response.kind === 'json' ? [{ name: `${id} ${status}`, codec: response.codec }] : [],
  ),
);
