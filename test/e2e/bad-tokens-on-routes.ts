import { isDeepStrictEqual } from 'node:util';
import type { JWK } from 'jose';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import type { LocalStorage } from '../../hosts/wiring/storage.ts';
import { valueOf } from '../unit/result-values.ts';
import { badTokens } from './bad-tokens.ts';
import type { InProcessService } from './in-process-service.ts';

/** Every route that needs a token. */
export const PROTECTED = Object.entries<RouteDefinition>(ROUTES).filter(([, { auth }]) => auth !== 'none');

/** The refusal that is given for want of a token, without what differs from call to call. */
export interface Refusal {
  readonly status: number;
  readonly said: object;
  readonly type: string | null;
  readonly challenge: string | null;
  readonly caching: string | null;
  /** Whether the problem names its call, and is named as the answer's header names it. */
  readonly isOfThisCall: boolean;
}

/** A person of the service, and tokens that are good in every respect but one. */
export async function forgedTokens(service: InProcessService, { people }: LocalStorage) {
  const { token, refreshToken } = await service.person('ada@example.org');
  const [key] = valueOf(
    await people.signingKeys.loadOrCreate(() => Promise.reject(new Error('there is a key already'))),
  );
  return badTokens({ accessToken: token, refreshToken, privateJwk: JSON.parse(key?.jwk ?? '') as JWK });
}

/** Asks without a body: who asks is settled before what for. */
export async function refusalOf(
  { call }: InProcessService,
  { method, path }: RouteDefinition,
  token?: string,
): Promise<Refusal> {
  const where = path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
  const { status, headers, json } = await call(method, where, token === undefined ? {} : { token });
  const { request_id, instance, ...said } = json as Readonly<Record<string, unknown>>;
  return {
    status,
    said,
    type: headers.get('content-type'),
    challenge: headers.get('www-authenticate'),
    caching: headers.get('cache-control'),
    isOfThisCall: request_id === headers.get('x-request-id') && typeof instance === 'string',
  };
}

/** Asks the routes without a token and with each of these; a failure is what was refused in another way, or not. */
export async function askedWithBadTokens(
  service: InProcessService,
  bad: Readonly<Record<string, string>>,
  routes: readonly (readonly [string, RouteDefinition])[] = PROTECTED,
): Promise<{ readonly cases: number; readonly failures: readonly string[] }> {
  const expected = await refusalOf(service, ROUTES.describeMe);
  const kinds = [['no token', undefined], ...Object.entries(bad)] as const;
  const failures: string[] = [];
  for (const [id, route] of routes) {
    for (const [kind, token] of kinds) {
      const refusal = await refusalOf(service, route, token);
      const isRight = refusal.status === 401 && refusal.isOfThisCall && isDeepStrictEqual(refusal, expected);
      if (!isRight) failures.push(`${id}: ${kind}: ${JSON.stringify(refusal)}`);
    }
  }
  return { cases: routes.length * kinds.length, failures };
}
