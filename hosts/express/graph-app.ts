import type { Express } from 'express';
import { authenticate } from '../../core/auth/authenticate.ts';
import { RateLimiter } from '../../core/limits/rate-limiter.ts';
import { auditedPseudonyms, recordEvent } from '../../core/audit/record-event.ts';
import { AUDIT_TOKENS } from '../wiring/audit-module.ts';
import { TOKENS } from '../wiring/tokens.ts';
import type { Get } from '../wiring/typed-container.ts';
import { HTTP_TOKENS } from './http-module.ts';
import { createApp } from './http/app.ts';
import { CallsInHand } from './http/calls-in-hand.ts';
import type { ReportError } from '../wiring/observe/report-errors.ts';
import type { WatchRequest } from './http/watch-request.ts';

/** Every call but the long ones is answered within this time. */
const DEADLINE_MS = 15_000;

/** Who looks on at requests; nobody where left out. */
export interface RequestObservers {
  readonly inHand?: CallsInHand;
  readonly watchRequest?: WatchRequest | undefined;
  readonly reportError?: ReportError | undefined;
}

/** The Express application of a graph. `stopping` is aborted when the process begins to stop. */
export function graphApp(
  get: Get,
  stopping: AbortSignal,
  { inHand = new CallsInHand(), watchRequest, reportError }: RequestObservers = {},
): Express {
  const config = get(TOKENS.config);
  const recording = get(AUDIT_TOKENS.recording);
  const authenticateCaller = authenticate({ tokens: get(TOKENS.tokens) });
  return createApp({
    endpoints: get(HTTP_TOKENS.endpoints),
    authenticate: authenticateCaller,
    auditor: {
      pseudonyms: auditedPseudonyms(recording),
      known: (user) => recording.auditPseudonyms.known(user),
      record: recordEvent(recording),
      authenticate: authenticateCaller,
    },
    flags: get(TOKENS.flags),
    idempotency: get(TOKENS.idempotency),
    ids: get(TOKENS.ids),
    clock: get(TOKENS.clock),
    digest: get(TOKENS.digest),
    limiter: limiterOf(get),
    stopping,
    inHand,
    settings: {
      jsonLimitBytes: config.jsonLimitBytes,
      fileLimitBytes: config.exportLimitBytes,
      publicUrl: config.publicUrl,
      deadlineMs: DEADLINE_MS,
      checkReplies: config.environment === 'testing',
    },
    logger: get(TOKENS.logger),
    production: config.environment === 'production',
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    watchRequest,
    reportError,
  });
}

/** Null where the operator has turned limits off. */
function limiterOf(get: Get): RateLimiter | null {
  const { rateLimits: limits } = get(TOKENS.config);
  if (limits === null) return null;
  const counters = get(TOKENS.shelteredCounters);
  return new RateLimiter({ counters, limits, clock: get(TOKENS.clock), digest: get(TOKENS.digest) });
}
