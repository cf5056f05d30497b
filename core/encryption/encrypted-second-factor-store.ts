import { okAsync, type ResultAsync } from 'neverthrow';
import type { SecondFactor, SecondFactorProof, SecondFactorStore } from '../auth/second-factor-ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

const PURPOSE = 'second-factor.secret';

/** A store of second factors that is given the shared secrets encrypted only: who reads one could make its codes. */
export class EncryptedSecondFactorStore implements SecondFactorStore {
  readonly #store: SecondFactorStore;
  readonly #fields: SealedFields;

  constructor(store: SecondFactorStore, encryption: Encryption) {
    this.#store = store;
    this.#fields = new SealedFields('SecondFactorStore', encryption);
  }

  begin(
    user: UserId,
    { factorId, secret }: Pick<SecondFactor, 'factorId' | 'secret'>,
  ): ResultAsync<boolean, PortUnavailable> {
    return this.#fields
      .sealer(user)
      .andThen((seal) => this.#store.begin(user, { factorId, secret: seal(PURPOSE, factorId, secret) }));
  }

  find(user: UserId): ResultAsync<SecondFactor | null, PortUnavailable> {
    return this.#store.find(user).andThen((stored) => {
      if (stored === null) return okAsync(null);
      const place = { owner: user, purpose: PURPOSE, record: stored.factorId };
      return this.#fields.open(place, stored.secret, 'find').map((secret) => ({ ...stored, secret }));
    });
  }

  enable(
    user: UserId,
    enabled: Pick<SecondFactor, 'factorId' | 'recoveryHashes'> & { readonly step: number },
  ): ResultAsync<boolean, PortUnavailable> {
    return this.#store.enable(user, enabled);
  }

  spend(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable> {
    return this.#store.spend(user, proof);
  }

  removeBy(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable> {
    return this.#store.removeBy(user, proof);
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(user);
  }
}
