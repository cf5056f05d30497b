import { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import { rememberErased, type ErasedOwnersPorts } from './erased-owners.ts';

/** Whoever knows a person's name and password can forget them. */
export interface ErasesAccount {
  /** Removes the account and ends its sessions; absent already is fine. */
  eraseAccount(user: UserId): ResultAsync<void, PortUnavailable>;
}

/** Everything that keeps something of a person, and whoever remembers that they are gone. */
export interface EraseAccountPorts extends ErasedOwnersPorts {
  readonly queue: ErasesOwner;
  readonly failedJobs: ErasesOwner;
  readonly uploads: ErasesOwner;
  readonly samples: ErasesOwner;
  readonly metrics: ErasesOwner;
  readonly analyses: ErasesOwner;
  readonly idempotency: ErasesOwner;
  readonly rooms: ErasesOwner;
  readonly insights: ErasesOwner;
  readonly ownerEvents: ErasesOwner;
  readonly webhooks: ErasesOwner;
  readonly consents: ErasesOwner;
  readonly objects: ErasesOwner;
  /** Without it, copies of what was encrypted, also those in backups, cannot be read by anybody. */
  readonly dataKeys: ErasesOwner;
  /** The audit log itself stays; from then on nothing leads from it to the person. */
  readonly auditPseudonyms: ErasesOwner;
  readonly identities: ErasesAccount;
}

/**
 * Removes a person everywhere, so that nothing is left that names them. It may be called again at any time: what is
 * gone already is fine, and after an error the same call goes on where the one before stopped. The account goes last,
 * so until all data are gone the person can still ask for it.
 *
 * Work that goes on meanwhile does not bring anything back. The jobs go first, so none is begun. The uploads go next,
 * and only then what was made of them: whoever works on an upload looks, after the last write, whether the upload is
 * still there, and takes back what was written when it is not (`takeBackUpload`). So either the write came before the
 * look at an upload that was there, and is removed here after the upload was, or the writer removes it. Requests that
 * were let in before the account was gone may have written since; no token lets any more in from then on, and a second
 * round removes that too. What is left open: a request that is still being read when the second round passes, and a worker that is killed between its last write and
 * its look. Calling once more later removes what they left.
 */
export function eraseAccount(ports: EraseAccountPorts) {
  return (user: UserId): ResultAsync<void, PortUnavailable> =>
    eraseData(ports, user)
      .andThen(() => ports.identities.eraseAccount(user))
      // Not before the account, which could not be read without it.
      .andThen(() => ports.dataKeys.eraseOwner(user))
      .andThen(() => rememberErased(ports)(user))
      .andThen(() => eraseData(ports, user))
      // A request that was let in before may have made another one.
      .andThen(() => ports.dataKeys.eraseOwner(user));
}

const eraseData = (ports: EraseAccountPorts, user: UserId): ResultAsync<void, PortUnavailable> =>
  ports.queue
    .eraseOwner(user)
    .andThen(() => ports.uploads.eraseOwner(user))
    .andThen(() =>
      // All of them are tried, so that one store that does not answer keeps no other from forgetting.
      ResultAsync.combine(
        [
          ports.failedJobs,
          ports.samples,
          ports.metrics,
          ports.analyses,
          ports.idempotency,
          ports.rooms,
          ports.insights,
          ports.ownerEvents,
          ports.webhooks,
          ports.consents,
          ports.objects,
          ports.auditPseudonyms,
        ].map((store) => store.eraseOwner(user)),
      ),
    )
    .map(() => undefined);
