import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import { inputRejected, type InputRejected, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import type { LimitReached } from '../webhooks/errors.ts';
import {
  consentId,
  isInForce,
  isSeries,
  LONGEST_CONSENT_MS,
  MOST_CONSENTS_IN_FORCE,
  type Consent,
  type ConsentId,
} from './model.ts';
import type { ConsentStore } from './ports.ts';

export interface ConsentPorts {
  readonly consents: Pick<ConsentStore, 'insert' | 'ofPatient'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type ConsentCommand = Pick<Consent, 'patient' | 'grantee' | 'purpose' | 'dataTypes' | 'endsAtMs'>;

const TOO_MANY: LimitReached = { kind: 'limit-reached', what: 'consents in force', limit: MOST_CONSENTS_IN_FORCE };

/**
 * Lets somebody read some of the patient's data until then. Whether there is such a person, and what they are, is not
 * looked up: that would tell the patient about others; a consent for nobody opens nothing.
 */
export function giveConsent({ consents, clock, ids }: ConsentPorts) {
  return (command: ConsentCommand): ResultAsync<Consent, InputRejected | LimitReached | PortUnavailable> => {
    const nowMs = clock.now();
    const refusal = refusalOf(command, nowMs);
    if (refusal !== null) return errAsync(refusal);
    const consent: Consent = {
      ...command,
      dataTypes: [...new Set(command.dataTypes)],
      consentId: consentId(ids.uuid()),
      createdAtMs: nowMs,
      revokedAtMs: null,
    };
    return consents
      .ofPatient(command.patient)
      .andThen((given) => {
        // A call that is made again gives the same consent again.
        const others = given.filter((each) => each.consentId !== consent.consentId && isInForce(each, nowMs));
        return others.length < MOST_CONSENTS_IN_FORCE ? okAsync(undefined) : errAsync(TOO_MANY);
      })
      .andThen(() => consents.insert(consent))
      .map(() => consent);
  };
}

function refusalOf(command: ConsentCommand, nowMs: EpochMs): InputRejected | null {
  const { patient, grantee, purpose, dataTypes, endsAtMs } = command;
  if (grantee === patient) {
    return inputRejected({ pointer: '/grantee', message: 'is you: your own data are yours to read', code: 'invalid' });
  }
  if (endsAtMs <= nowMs) {
    return inputRejected({ pointer: '/ends_at', message: 'has passed', code: 'invalid' });
  }
  if (endsAtMs - nowMs > LONGEST_CONSENT_MS) {
    return inputRejected({ pointer: '/ends_at', message: 'lies more than 366 days ahead', code: 'invalid' });
  }
  const named = purpose === 'research' ? dataTypes.findIndex((type) => !isSeries(type)) : -1;
  if (named >= 0) {
    return inputRejected({
      pointer: `/data_types/${String(named)}`,
      message: 'is not shared for research: it would tell whose it is',
      code: 'invalid',
    });
  }
  return null;
}

export interface RevokeConsentPorts {
  readonly consents: Pick<ConsentStore, 'revoke'>;
  readonly clock: Clock;
}

/** Takes a consent back, from this moment on. */
export function revokeConsent({ consents, clock }: RevokeConsentPorts) {
  return (patient: UserId, id: ConsentId): ResultAsync<Consent, NotFound | PortUnavailable> =>
    consents.revoke(patient, id, clock.now());
}
