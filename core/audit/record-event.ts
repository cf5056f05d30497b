import { okAsync, type ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { AuditTrail } from './audit-trail.ts';
import { isAgent, type AuditActor, type AuditAgent, type AuditEvent, type Pseudonym } from './model.ts';
import { pseudonymOf, type PseudonymPorts } from './pseudonyms.ts';

/** Who does something with whose data, under their own ids. */
export interface AuditedPeople {
  /** Null where nobody has said who they are. */
  readonly actor: UserId | AuditAgent | null;
  readonly onBehalfOf: UserId | null;
  readonly subject: UserId | null;
}

/** The same under pseudonyms. */
export type AuditedPseudonyms = Pick<AuditEvent, 'actor' | 'onBehalfOf' | 'subject'>;

/** What was done, and what came of it. */
export type AuditedDeed = Omit<AuditEvent, 'id' | 'atMs' | keyof AuditedPseudonyms> & { readonly atMs?: EpochMs };

export interface RecordEventPorts extends PseudonymPorts {
  readonly auditTrail: AuditTrail;
}

/**
 * Under which pseudonyms something will be written down. It is to be asked before the work is done: the work may be that of
 * forgetting somebody.
 */
export function auditedPseudonyms(ports: PseudonymPorts) {
  const orNull = (user: UserId | null): ResultAsync<Pseudonym | null, PortUnavailable> =>
    user === null ? okAsync(null) : pseudonymOf(ports)(user);
  const actorOf = (actor: AuditedPeople['actor']): ResultAsync<AuditActor | null, PortUnavailable> =>
    isAgent(actor) ? okAsync(actor) : orNull(actor);
  return ({ actor, onBehalfOf, subject }: AuditedPeople): ResultAsync<AuditedPseudonyms, PortUnavailable> =>
    actorOf(actor).andThen((acting) =>
      orNull(onBehalfOf).andThen((helped) =>
        orNull(subject).map((about) => ({ actor: acting, onBehalfOf: helped, subject: about })),
      ),
    );
}

/** Writes down what was done. It is durable once this is answered. */
export function recordEvent(ports: RecordEventPorts) {
  return (people: AuditedPseudonyms, deed: AuditedDeed): ResultAsync<void, PortUnavailable> =>
    ports.auditTrail.record({ id: ports.ids.uuid(), atMs: ports.clock.now(), ...people, ...deed });
}
