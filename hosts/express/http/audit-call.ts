import { errAsync, okAsync, ResultAsync, type Result } from 'neverthrow';
import { PROBLEMS } from '../../../contracts/problems.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { text } from '../../../contracts/scalars.ts';
import type { Pseudonym } from '../../../core/audit/model.ts';
import type { AuditedDeed, AuditedPeople, AuditedPseudonyms } from '../../../core/audit/record-event.ts';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { keptRequestId } from '../../wiring/log/kept-request-id.ts';
import type { Answer } from './call-with-key.ts';
import type { EndpointError } from './endpoint-error.ts';
import { problemFacts } from './problem-of.ts';

/** Writes calls down. */
export interface CallAuditor {
  /** To be asked before the call's work is done: that may be forgetting somebody. */
  readonly pseudonyms: (people: AuditedPeople) => ResultAsync<AuditedPseudonyms, PortUnavailable>;
  /** The pseudonym of somebody who may not exist; null where the log knows nothing of them. */
  readonly known: (user: UserId) => ResultAsync<Pseudonym | null, PortUnavailable>;
  readonly record: (people: AuditedPseudonyms, deed: AuditedDeed) => ResultAsync<void, PortUnavailable>;
  /** Whose an access token is that was just given out. */
  readonly authenticate: (token: string, purpose: 'read') => ResultAsync<Principal, InvalidToken | PortUnavailable>;
}

/** Whom a call was found to be about. */
export interface ConcernedPeople {
  readonly subject: UserId;
  /** Whose agreement the caller acts on; null where they need none, or act without it. */
  readonly onBehalfOf: UserId | null;
}

/** A call by somebody who is known, or need not be. */
export interface AuditedCall {
  /** The route's id. */
  readonly operation: string;
  readonly route: RouteDefinition;
  readonly principal: Principal | null;
  /** As they are in the path, not decoded. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** Whom the work has found it to be about; null where it has not said. */
  readonly found?: () => ConcernedPeople | null;
}

/**
 * Does the work of a call and writes down, before anything is answered, that it was done or why not. Where that cannot be
 * written, the call fails, although what it did stays done: a call that is sent again finds it so. Calls that are turned
 * away before it is known who makes them, or because they were too many, touch nobody's data, and are not written down.
 */
export function audited(
  auditor: CallAuditor,
  call: AuditedCall,
  work: () => ResultAsync<Answer, EndpointError>,
): ResultAsync<Answer, EndpointError> {
  const { route, principal, requestId, operation } = call;
  const { audit } = route;
  if (audit === 'none') return work();
  const deed = {
    action: audit.action,
    operation,
    dataTypes: audit.dataTypes,
    actorRoles: principal?.roles ?? [],
    requestId: keptRequestId(requestId),
  };
  return peopleBefore(auditor, call).andThen((people) =>
    settled(work, () => auditor.record(people, { ...deed, ...outcomeOf({ kind: 'bug' }) })).andThen((result) =>
      peopleAfter(auditor, call, people, result).andThen(({ people: acting, roles }) =>
        auditor
          .record(acting, { ...deed, actorRoles: roles, ...outcomeOf(result.isErr() ? result.error : null) })
          .andThen(() => result),
      ),
    ),
  );
}

/** What an id may be: any store can be asked for it. What is none is in nobody's name, and its call is refused. */
const USER_ID = text(1, 200);

/** Whom the path names, where that is not the caller. */
function namedOther({ route, principal, params }: AuditedCall): UserId | null {
  const parameter = route.audit === 'none' ? null : (route.audit.subject ?? null);
  const named = parameter === null ? undefined : params[parameter];
  return typeof named === 'string' && named !== principal?.userId ? userId(named) : null;
}

/** Whether the call is about the caller's own data, as far as it is known before its work. */
const isOwn = (call: AuditedCall): boolean =>
  call.route.audit !== 'none' && call.route.audit.subject !== null && namedOther(call) === null;

/** Who acts on whose data: on their own, unless the route says otherwise. The path may name somebody who does not exist. */
function peopleBefore(auditor: CallAuditor, call: AuditedCall): ResultAsync<AuditedPseudonyms, PortUnavailable> {
  const actor = call.principal?.userId ?? null;
  const other = namedOther(call);
  const people = auditor.pseudonyms({ actor, onBehalfOf: null, subject: isOwn(call) ? actor : null });
  return other === null || !USER_ID.is(other)
    ? people
    : people.andThen((named) => auditor.known(other).map((subject) => ({ ...named, subject })));
}

/** What the work came to. A bug is written down and goes on as what it is. */
function settled(
  work: () => ResultAsync<Answer, EndpointError>,
  onBug: () => ResultAsync<void, PortUnavailable>,
): ResultAsync<Result<Answer, EndpointError>, never> {
  return ResultAsync.fromSafePromise(
    Promise.resolve()
      .then(work)
      .catch(async (bug: unknown) => {
        await onBug();
        throw bug;
      }),
  );
}

interface Acting {
  readonly people: AuditedPseudonyms;
  readonly roles: readonly string[];
}

/**
 * What is known of the people only now: whoever was given an access token has signed in with the call, and somebody whose
 * data were answered does exist.
 */
function peopleAfter(
  auditor: CallAuditor,
  call: AuditedCall,
  people: AuditedPseudonyms,
  result: Result<Answer, EndpointError>,
): ResultAsync<Acting, PortUnavailable> {
  const asBefore: Acting = { people, roles: call.principal?.roles ?? [] };
  const found = call.found?.() ?? null;
  if (found !== null) {
    return auditor
      .pseudonyms({ actor: null, ...found })
      .map(({ subject, onBehalfOf }) => ({ ...asBefore, people: { ...people, subject, onBehalfOf } }));
  }
  if (result.isErr()) return okAsync(asBefore);
  const other = namedOther(call);
  if (other !== null && people.subject === null) {
    return auditor
      .pseudonyms({ actor: null, onBehalfOf: null, subject: other })
      .map(({ subject }) => ({ ...asBefore, people: { ...people, subject } }));
  }
  const token = call.principal === null ? tokenIn(result.value) : null;
  if (token === null) return okAsync(asBefore);
  return auditor
    .authenticate(token, 'read')
    .andThen(({ userId: user, roles }) =>
      auditor
        .pseudonyms({ actor: user, onBehalfOf: null, subject: user })
        .map((signedIn): Acting => ({ people: signedIn, roles })),
    )
    .orElse((error) => (error.kind === 'invalid-token' ? okAsync(asBefore) : errAsync(error)));
}

function tokenIn(answer: Answer): string | null {
  if (answer.kind === 'kept') return null;
  const { body } = answer.reply as { readonly body?: { readonly access_token?: unknown } | null };
  return typeof body?.access_token === 'string' ? body.access_token : null;
}

function outcomeOf(error: EndpointError | null): Pick<AuditedDeed, 'outcome' | 'problem'> {
  if (error === null) return { outcome: 'done', problem: null };
  const { slug } = problemFacts(error);
  // Of the statuses that speak of the server, this one is the caller's to mend.
  const isFailure = PROBLEMS[slug].status >= 500 && slug !== 'storage-quota-exceeded';
  return { outcome: isFailure ? 'failed' : 'refused', problem: slug };
}
