import type { Request, Response } from 'express';
import { err, ResultAsync, type Result } from 'neverthrow';
import { rateLimitOf, type RouteDefinition } from '../../../contracts/route.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { LimitedAdmission, LimitedCall } from '../../../core/limits/rate-limiter.ts';
import { clientAddressOf } from './client-address.ts';
import type { EndpointError } from './endpoint-error.ts';

/** Says whether a call may be made; see `RateLimiter`. */
export interface CallLimiter {
  admit(call: LimitedCall): ResultAsync<LimitedAdmission, never>;
}

/** Who calls, or why it is not known. */
type Caller = Result<Principal | null, EndpointError>;

/**
 * Counts a call before anything of its body is read, and answers who makes it; a refusal where there were too many. Calls
 * of whoever could not show who they are count for where they come from, so that nobody tries tokens without end. Every
 * answer tells how the counter stands (draft-ietf-httpapi-ratelimit-headers-06).
 */
export function limited(
  limiter: CallLimiter | null,
  route: RouteDefinition,
  request: Request,
  response: Response,
  calling: ResultAsync<Principal | null, EndpointError>,
): ResultAsync<Principal | null, EndpointError> {
  const rateClass = rateLimitOf(route);
  if (limiter === null || rateClass === 'none') return calling;
  response.locals['limit'] = rateClass;
  return ResultAsync.fromSafePromise<Caller>(calling).andThen((caller) => {
    const user = caller.isOk() ? (caller.value?.userId ?? null) : null;
    return limiter
      .admit({ limited: rateClass, user, address: clientAddressOf(request) })
      .andThen((admission): Caller => {
        tell(response, admission);
        const { admitted, retryAfterSeconds } = admission;
        return admitted ? caller : err({ kind: 'too-many-calls', retryAfterSeconds });
      });
  });
}

function tell(response: Response, { limit, remaining, resetSeconds }: LimitedAdmission): void {
  // Its time may be over.
  if (response.headersSent) return;
  const { calls, windowMs } = limit;
  response.setHeader('RateLimit-Limit', calls);
  response.setHeader('RateLimit-Remaining', remaining);
  response.setHeader('RateLimit-Reset', resetSeconds);
  response.setHeader('RateLimit-Policy', `${String(calls)};w=${String(windowMs / 1000)}`);
}
