import type { AdministratorNeeded } from '../../../core/admin/errors.ts';
import { faultAndPlace } from '../../../core/health-data/unreadable-file.ts';
import { MOST_ISSUES } from '../../../contracts/codec.ts';
import type { InputIssue } from '../../../core/kernel/errors.ts';
import {
  PROBLEM_TYPE_BASE,
  PROBLEMS,
  type Problem,
  type ProblemIssue,
  type ProblemSlug,
} from '../../../contracts/problems.ts';
import type { EndpointError } from './endpoint-error.ts';
import { detailOfOff } from './turned-off.ts';

/** A problem before it knows its request, with headers that go with it. */
export interface ProblemFacts {
  readonly slug: ProblemSlug;
  readonly detail: string;
  readonly issues?: readonly InputIssue[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Seconds after which a failed dependency is worth another try. */
const RETRY_AFTER_S = '5';
/** A client that has left may be counted for so long. */
const STREAM_RETRY_AFTER_S = '15';

const NOT_FOUND: ProblemFacts = { slug: 'resource-not-found', detail: 'Nothing is known under this id.' };

const ADMINISTRATOR_NEEDED: Readonly<Record<AdministratorNeeded['reason'], string>> = {
  'own-account': 'This is your own account.',
  'own-admin-role': 'This is your own role.',
  'last-admin': 'There would be no administrator left who can log in.',
};

/** The one place where an error becomes an answer. A new kind of error does not compile until it is named here. */
export function problemFacts(error: EndpointError): ProblemFacts {
  switch (error.kind) {
    case 'not-found':
      return NOT_FOUND;
    case 'no-route':
      return { slug: 'resource-not-found', detail: 'There is no such path; see /docs.' };
    case 'feature-disabled':
      return { slug: 'feature-disabled', detail: detailOfOff(error), extensions: { feature: error.feature } };
    case 'method-not-allowed':
      return {
        slug: 'method-not-allowed',
        detail: `This path answers ${error.allowed.join(', ')}.`,
        headers: { Allow: error.allowed.join(', ') },
      };
    case 'input-rejected':
      return { slug: 'validation-error', detail: `${places(error.issues.length)} not accepted.`, issues: error.issues };
    case 'malformed-json':
      return { slug: 'malformed-json', detail: error.reason };
    case 'invalid-cursor':
      return { slug: 'invalid-cursor', detail: 'The cursor was not given out by this service.' };
    case 'authentication-required':
    case 'invalid-token':
    case 'unknown-user':
      return {
        slug: 'authentication-required',
        detail: 'A valid access token is needed.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      };
    case 'not-your-own':
      return {
        slug: 'authorization-denied',
        detail: 'Data can only be stored for the caller.',
        issues: [{ pointer: error.pointer, message: 'is not the id of the caller', code: 'not_your_own' }],
      };
    case 'invalid-credentials':
      return { slug: 'invalid-credentials', detail: 'Invalid email or password.' };
    case 'email-not-verified':
      return { slug: 'email-not-verified', detail: 'Confirm the e-mail address first.' };
    case 'user-disabled':
      return { slug: 'account-disabled', detail: 'The operator has turned this account off.' };
    case 'password-reset-required':
      return {
        slug: 'password-reset-required',
        detail:
          error.by === 'owner'
            ? 'The password must be replaced: ask for a code at /api/v1/auth/forgot-password.'
            : 'The first password of this account has expired: the operator must set a new one.',
      };
    case 'invalid-code':
      return { slug: 'invalid-code', detail: 'The code does not fit.' };
    case 'expired-code':
      return { slug: 'expired-code', detail: 'The code is too old, or was used already.' };
    case 'challenge-expired':
      return { slug: 'challenge-expired', detail: 'No login waits for this answer any more.' };
    case 'too-many-attempts':
      return {
        slug: 'rate-limit-exceeded',
        detail: 'There were too many tries for this account.',
        headers: { 'Retry-After': String(error.retryAfterSeconds) },
      };
    case 'too-many-calls':
      return {
        slug: 'rate-limit-exceeded',
        detail: 'There were too many calls of this kind; the RateLimit headers tell how many there may be.',
        headers: { 'Retry-After': String(error.retryAfterSeconds) },
      };
    case 'invalid-refresh-token':
      return { slug: 'invalid-refresh-token', detail: 'The refresh token is invalid, expired or revoked.' };
    case 'sign-up-disabled':
      return { slug: 'sign-up-disabled', detail: 'New accounts cannot be made here.' };
    case 'email-taken':
      return { slug: 'resource-conflict', detail: 'An account with this e-mail address exists already.' };
    case 'weak-password':
      return {
        slug: 'weak-password',
        detail: `The password ${error.unmet.join(', ')}.`,
        issues: error.unmet.map((message) => ({
          pointer: error.pointer ?? '/password',
          message,
          code: 'weak_password',
        })),
      };
    case 'insufficient-data':
      return {
        slug: 'insufficient-data',
        detail: `${String(error.validMinutes)} valid minutes were sent; at least ${String(error.minimumValidMinutes)} are needed.`,
        extensions: {
          valid_minutes: error.validMinutes,
          minimum_valid_minutes: error.minimumValidMinutes,
        },
      };
    case 'export-unreadable':
    case 'archive-unreadable':
      return {
        slug: 'unreadable-file',
        detail: faultAndPlace(error),
        issues: [{ pointer: '/file', message: error.message, code: error.code }],
        extensions: { place: error.place },
      };
    case 'object-too-large':
    case 'body-too-large':
      return {
        slug: 'payload-too-large',
        detail: `At most ${String(error.limitBytes)} bytes are accepted here.`,
        extensions: { limit_bytes: error.limitBytes },
        headers: { Connection: 'close' },
      };
    case 'unsupported-media-type':
      return {
        slug: 'unsupported-media-type',
        detail: `${error.given} is not supported here; send ${error.supported.join(' or ')}.`,
        headers: { Connection: 'close' },
      };
    case 'not-analysed':
      return {
        slug: 'analysis-not-ready',
        detail:
          error.status === 'completed'
            ? 'The processing is completed and held nothing that could be analysed.'
            : `The processing is ${error.status}; there is no analysis of it.`,
      };
    case 'limit-reached':
      return { slug: 'limit-reached', detail: `There can be at most ${String(error.limit)} ${error.what}.` };
    case 'too-many-streams':
      return {
        slug: 'rate-limit-exceeded',
        detail: `At most ${String(error.limit)} streams can be open at once; close one first.`,
        headers: { 'Retry-After': STREAM_RETRY_AFTER_S },
      };
    case 'not-retryable':
      return {
        slug: 'not-retryable',
        detail: `The processing is ${error.status}; only one that failed, or stalled for 15 minutes, can be retried.`,
      };
    case 'storage-quota-exceeded':
      return {
        slug: 'storage-quota-exceeded',
        detail: `You keep ${String(error.usedBytes)} bytes, and may keep ${String(error.limitBytes)}.`,
        extensions: { used_bytes: error.usedBytes, limit_bytes: error.limitBytes, request_bytes: error.requestBytes },
        headers: { Connection: 'close' },
      };
    case 'too-many-running-jobs':
      return {
        slug: 'too-many-running-jobs',
        detail: `The work on ${String(error.running)} uploads is not done yet; there may be at most ${String(error.limit)} of them.`,
        extensions: { running: error.running, limit: error.limit },
        headers: { 'Retry-After': String(error.retryAfterSeconds), Connection: 'close' },
      };
    case 'administrator-needed':
      return {
        slug: 'administrator-needed',
        detail: ADMINISTRATOR_NEEDED[error.reason],
        extensions: { reason: error.reason },
      };
    case 'not-uploaded':
      return { slug: 'not-uploaded', detail: 'Nothing was sent under this id yet, or not what was announced.' };
    case 'direct-upload-unavailable':
      return {
        slug: 'not-available-here',
        detail: 'This installation keeps its files itself: send the export to POST /api/v1/healthkit/export.',
      };
    case 'second-factor-enabled':
      return { slug: 'resource-conflict', detail: 'There is a second factor already: take it away first.' };
    case 'not-managed-here':
      return {
        slug: 'not-available-here',
        detail:
          error.what === 'sessions'
            ? 'The user pool does not tell single sessions apart: POST /api/v1/auth/logout ends one by its refresh token, or all of them.'
            : 'Second factors are set up with the user pool itself; logins here ask for them.',
      };
    case 'research-unavailable':
      return {
        slug: 'not-available-here',
        detail: 'This installation has no key for pseudonyms: its operator can set STUDY_KEY.',
      };
    case 'port-unavailable':
      return {
        slug: 'service-unavailable',
        detail:
          'Something this operation needs does not answer right now. Send it again later; data that was stored already is not stored twice.',
        headers: { 'Retry-After': RETRY_AFTER_S },
      };
    case 'endpoint-removed':
      return {
        slug: 'gone',
        detail: `This was removed on ${error.removedDate}: use ${error.newEndpoint}.`,
        extensions: {
          migration: {
            new_endpoint: error.newEndpoint,
            documentation: error.documentation,
            benefits: error.benefits,
          },
          removed_date: error.removedDate,
        },
      };
    case 'deletion-not-confirmed':
      return {
        slug: 'confirmation-required',
        detail: `Nothing was deleted: the header ${error.header} must be your own user id.`,
        issues: [
          { pointer: `/header/${error.header}`, message: 'must be your own user id', code: 'confirmation_required' },
        ],
      };
    case 'client-gone':
      return { slug: 'service-unavailable', detail: 'The request ended before it was complete.' };
    case 'call-in-progress':
      return {
        slug: 'call-in-progress',
        detail: 'A call with this Idempotency-Key is being worked on.',
        headers: { 'Retry-After': String(error.retryAfterSeconds) },
      };
    case 'idempotency-key-reused':
      return { slug: 'idempotency-key-reused', detail: 'This Idempotency-Key came with another request before.' };
    case 'deadline-exceeded':
      return {
        slug: 'deadline-exceeded',
        detail: `There was no answer within ${String(error.seconds)} seconds. What was begun may still have been done: ask for it before you send it again, or send it with an Idempotency-Key.`,
        headers: { 'Retry-After': RETRY_AFTER_S, Connection: 'close' },
      };
    case 'role-required':
      return { slug: 'authorization-denied', detail: `This is for ${error.roles.join(', ')} only.` };
    case 'not-acceptable':
      return { slug: 'not-acceptable', detail: `This answers ${error.offered.join(' or ')}.` };
    case 'upgrade-required':
      return {
        slug: 'upgrade-required',
        detail: 'Only a WebSocket handshake of version 13 is answered here.',
        headers: { Upgrade: 'websocket', Connection: 'Upgrade, close', 'Sec-WebSocket-Version': '13' },
      };
    case 'foreign-origin':
      return { slug: 'authorization-denied', detail: 'Pages of this origin may not open a socket here.' };
    case 'shutting-down':
      return {
        slug: 'service-unavailable',
        detail: 'This process is about to end; another one will answer.',
        headers: { 'Retry-After': RETRY_AFTER_S },
      };
    case 'bug':
      return { slug: 'internal-server-error', detail: 'This should not have happened, and it was logged.' };
    default:
      return unreachable(error);
  }
}

const unreachable = (error: never): never => {
  throw new Error(`an error kind has no answer: ${JSON.stringify(error)}`);
};

const places = (count: number): string =>
  count === 1
    ? 'One place of the input is'
    : `${count < MOST_ISSUES ? '' : 'At least '}${String(count)} places of the input are`;

/** The problem document of one request. */
export function problemDocument(facts: ProblemFacts, request: { readonly path: string; readonly id: string }): Problem {
  const { status, title } = PROBLEMS[facts.slug];
  return {
    type: `${PROBLEM_TYPE_BASE}${facts.slug}`,
    title,
    status,
    detail: facts.detail,
    instance: request.path,
    code: facts.slug,
    request_id: request.id,
    ...facts.extensions,
    ...(facts.issues === undefined ? {} : { errors: facts.issues.map(problemIssue) }),
  };
}

/** `/metrics/3/sleep_data` is also given as `metrics.3.sleep_data`, the form that older clients read. */
const problemIssue = (issue: InputIssue): ProblemIssue => ({
  pointer: issue.pointer,
  field: issue.pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'),
  message: issue.message,
  code: issue.code,
});
