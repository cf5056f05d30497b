import { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { AuditAction } from './model.ts';
import { auditedPseudonyms, recordEvent, type AuditedPeople, type RecordEventPorts } from './record-event.ts';

/** Something that is about to be done with somebody's data, other than by a call of the HTTP contract. */
export interface PlannedDeed extends AuditedPeople {
  readonly action: AuditAction;
  readonly operation: string;
  readonly dataTypes: readonly string[];
  readonly requestId: string;
}

/**
 * Does the work and writes down that it was done or why not, before anybody is told. Where that cannot be written, the work
 * has failed, although what it did stays done.
 */
export type WriteDown = <T, E extends { readonly kind: string }>(
  deed: PlannedDeed,
  work: () => ResultAsync<T, E>,
) => ResultAsync<T, E | PortUnavailable>;

export function writeDown(ports: RecordEventPorts): WriteDown {
  return ({ actor, onBehalfOf, subject, ...deed }, work) =>
    auditedPseudonyms(ports)({ actor, onBehalfOf, subject }).andThen((people) =>
      ResultAsync.fromSafePromise(work()).andThen((result) => {
        const problem = result.isErr() ? result.error.kind : null;
        const outcome = problem === null ? 'done' : problem === 'port-unavailable' ? 'failed' : 'refused';
        return recordEvent(ports)(people, { ...deed, actorRoles: [], outcome, problem }).andThen(() => result);
      }),
    );
}
