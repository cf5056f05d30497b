import { okAsync, type ResultAsync } from 'neverthrow';
import { wasErased, type ErasedOwnersPorts } from '../account/erased-owners.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import { pseudonymOfUuid, type Pseudonym } from './model.ts';
import type { AuditPseudonyms } from './ports.ts';

/** More people than this, and all are looked up anew. */
const MOST_REMEMBERED = 10_000;

/** Pseudonyms that were looked up once are not again: they never change for as long as there is the person. */
export function rememberingPseudonyms(pseudonyms: AuditPseudonyms): AuditPseudonyms {
  const remembered = new Map<UserId, Pseudonym>();
  const remember = <P extends Pseudonym | null>(owner: UserId, found: P): P => {
    if (found === null) return found;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(owner, found);
    return found;
  };
  const orAsk = <P extends Pseudonym | null>(
    owner: UserId,
    ask: () => ResultAsync<P, PortUnavailable>,
  ): ResultAsync<P | Pseudonym, PortUnavailable> => {
    const known = remembered.get(owner);
    return known === undefined ? ask().map((found) => remember(owner, found)) : okAsync(known);
  };
  return {
    known: (owner) => orAsk(owner, () => pseudonyms.known(owner)),
    assign: (owner, fresh) => orAsk(owner, () => pseudonyms.assign(owner, fresh)),
    // The other way round is asked seldom, and by administrators only.
    owners: (some) => pseudonyms.owners(some),
    eraseOwner: (owner) => {
      remembered.delete(owner);
      return pseudonyms.eraseOwner(owner).map(() => {
        remembered.delete(owner);
      });
    },
  };
}

export interface PseudonymPorts extends ErasedOwnersPorts {
  readonly auditPseudonyms: AuditPseudonyms;
  readonly ids: Ids;
}

/**
 * The person's pseudonym. Somebody who was erased gets one that is kept nowhere, so that nothing comes into being that leads
 * to them.
 */
export function pseudonymOf(ports: PseudonymPorts) {
  return (owner: UserId): ResultAsync<Pseudonym, PortUnavailable> =>
    ports.auditPseudonyms.known(owner).andThen((known) => {
      if (known !== null) return okAsync(known);
      const fresh = pseudonymOfUuid(ports.ids.uuid());
      return wasErased(ports)(owner).andThen((erased) =>
        erased ? okAsync(fresh) : ports.auditPseudonyms.assign(owner, fresh),
      );
    });
}
