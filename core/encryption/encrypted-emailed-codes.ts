import { okAsync, type ResultAsync } from 'neverthrow';
import type { CodePurpose, EmailedCode, EmailedCodes, IssuedCode, MailPace } from '../auth/mail-ports.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { SealedPlace } from './model.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

const PURPOSE = 'emailed-code.address';

/** A store of mailed codes that is given the addresses encrypted only. */
export class EncryptedEmailedCodes implements EmailedCodes {
  readonly #store: EmailedCodes;
  readonly #fields: SealedFields;

  constructor(store: EmailedCodes, encryption: Encryption) {
    this.#store = store;
    this.#fields = new SealedFields('EmailedCodes', encryption);
  }

  issue(code: EmailedCode, nowMs: EpochMs, pace: MailPace): ResultAsync<IssuedCode, PortUnavailable> {
    return this.#fields
      .sealer(code.user)
      .andThen((seal) =>
        this.#store.issue({ ...code, address: seal(PURPOSE, recordOf(code), code.address) }, nowMs, pace),
      )
      .andThen((issued): ResultAsync<IssuedCode, PortUnavailable> =>
        issued.kind === 'issued'
          ? okAsync(issued)
          : this.#opened(issued.standing, 'issue').map((standing) => ({ ...issued, standing })),
      );
  }

  countTry(user: UserId, purpose: CodePurpose, mostTries: number): ResultAsync<EmailedCode | null, PortUnavailable> {
    return this.#store
      .countTry(user, purpose, mostTries)
      .andThen((code) => (code === null ? okAsync(null) : this.#opened(code, 'countTry')));
  }

  use(code: EmailedCode): ResultAsync<boolean, PortUnavailable> {
    return this.#store.use(code);
  }

  release(code: EmailedCode): ResultAsync<void, PortUnavailable> {
    return this.#store.release(code);
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(user);
  }

  #opened(stored: EmailedCode, operation: string): ResultAsync<EmailedCode, PortUnavailable> {
    const place: SealedPlace = { owner: stored.user, purpose: PURPOSE, record: recordOf(stored) };
    return this.#fields.open(place, stored.address, operation).map((address) => ({ ...stored, address }));
  }
}

const recordOf = ({ purpose, salt }: EmailedCode): string => `${purpose} ${salt}`;
