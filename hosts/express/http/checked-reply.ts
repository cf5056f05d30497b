import * as E from 'fp-ts/lib/Either.js';
import { issuesOf } from '../../../contracts/codec.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';

/**
 * Holds a reply against the route's definition. Throws where the status is not one of the route's, or where the JSON that
 * would be sent is not what its codec says: then the contract or the endpoint is wrong, and clients would be misled.
 */
export function checkedReply(route: RouteDefinition, reply: unknown): void {
  const { status, body } = reply as { readonly status: number; readonly body?: unknown };
  const definition = route.responses[status];
  if (definition === undefined) throw new TypeError(`${route.method} ${route.path} does not answer ${String(status)}`);
  if (definition.kind !== 'json') return;
  const result = definition.codec.decode(JSON.parse(JSON.stringify(body)) as unknown);
  if (E.isRight(result)) return;
  const places = issuesOf(result.left).map(({ pointer, message }) => `${pointer} ${message}`);
  throw new TypeError(
    `${route.method} ${route.path} answers ${String(status)} against its contract: ${places.join('; ')}`,
  );
}
