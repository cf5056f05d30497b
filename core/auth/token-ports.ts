import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { InvalidToken } from './errors.ts';

/** What a person is in this installation. Everybody is at least a patient: the owner of their own data. */
export type Role = 'patient' | 'clinician' | 'researcher' | 'admin';

/** Who a verified access token speaks for. */
export interface Principal {
  readonly userId: UserId;
  /** Null where the provider's access tokens do not carry it. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** The login session that the token belongs to. */
  readonly sessionId: string;
  /** At least one; those that the provider names, in no particular order. */
  readonly roles: readonly Role[];
  /** When the token was made, as exactly as it says; never later than what it tells of its person was true. */
  readonly issuedAtMs: EpochMs;
  /** When the token ends. What goes on longer than a request, such as a stream of events, ends then too. */
  readonly expiresAtMs: EpochMs;
}

/** What somebody is about to do on the strength of a token: only look, or change something. */
export type TokenPurpose = 'read' | 'write';

/** Checks signature, issuer, audience, use and times of an access token, without asking over the network each time. */
export interface TokenVerifier {
  /** `purpose` is what the token is shown for, `write` unless it is said; see `ofLivingOwners`. */
  verify(accessToken: string, purpose?: TokenPurpose): ResultAsync<Principal, InvalidToken | PortUnavailable>;
}
