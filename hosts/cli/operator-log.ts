import { err, type Result } from 'neverthrow';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { randomIds } from '../../adapters/node/ids.ts';
import { AuditTrail } from '../../core/audit/audit-trail.ts';
import type { AuditAction } from '../../core/audit/model.ts';
import { auditedPseudonyms, recordEvent, type AuditedPseudonyms } from '../../core/audit/record-event.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { Storage } from '../wiring/storage.ts';
import { portFault } from './account-place.ts';

/** Where the audit log of an installation is. */
export type AuditedPlace = Pick<Storage, 'auditStore' | 'auditPseudonyms' | 'headSigner' | 'erasedOwners'>;

/** What a command does with people's data. */
export interface OperatorDeed {
  readonly action: AuditAction;
  /** The command as it is typed, without what is particular about it. */
  readonly operation: string;
  /** Whose data; null where it is about nobody in particular. */
  readonly subject: UserId | null;
  readonly dataTypes: readonly string[];
}

/** What is written down of work that did not succeed; why is told to the operator alone. */
const FAILED = { outcome: 'failed', problem: 'command-failed' } as const;

/**
 * Does the work of a command and writes down, in the audit log of the installation that it works on, that its operator did it
 * or tried to. Where that cannot be written the command has failed, although what it did stays done.
 */
export async function writtenDown<T>(
  place: AuditedPlace,
  { subject, ...deed }: OperatorDeed,
  work: () => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
  const recording = recordingIn(place);
  const people = await auditedPseudonyms(recording)({ actor: 'operator', onBehalfOf: null, subject });
  if (people.isErr()) return err(notWritten(people.error));
  const record = (acting: AuditedPseudonyms, came: { outcome: 'done' | 'failed'; problem: string | null }) =>
    recordEvent(recording)(acting, { ...deed, ...came, actorRoles: [], requestId: 'none' });
  let done: Result<T, string>;
  try {
    done = await work();
  } catch (bug) {
    await record(people.value, FAILED);
    throw bug;
  }
  const recorded = await record(people.value, done.isOk() ? { outcome: 'done', problem: null } : FAILED);
  if (recorded.isOk()) return done;
  const fault = notWritten(recorded.error);
  return err(done.isOk() ? fault : `${done.error}\n${fault}`);
}

function recordingIn({ auditStore, auditPseudonyms, headSigner, erasedOwners }: AuditedPlace) {
  const common = { clock: systemClock, ids: randomIds, digest: nodeDigest };
  const auditTrail = new AuditTrail({ auditStore, signer: headSigner, digest: nodeDigest });
  return { ...common, auditTrail, auditPseudonyms, erasedOwners };
}

const notWritten = (error: PortUnavailable): string =>
  `it could not be written down in the audit log (${portFault(error)})`;
