import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { InvalidCode, NotManagedHere, SecondFactorEnabled, TooManyAttempts, UnknownUser } from './errors.ts';

/** Sets a second factor up and takes it away again; `LoginChallenges` asks for it. */
export interface SecondFactorSetup {
  /** Makes a secret, which counts once `confirm` has seen a code of it. */
  begin(
    user: UserId,
  ): ResultAsync<BegunSecondFactor, SecondFactorEnabled | NotManagedHere | UnknownUser | PortUnavailable>;
  /** Enables what was begun, and answers the recovery codes: each is good once, in the place of a code. */
  confirm(
    user: UserId,
    code: string,
  ): ResultAsync<
    readonly string[],
    InvalidCode | SecondFactorEnabled | TooManyAttempts | NotManagedHere | PortUnavailable
  >;
  /** Takes it away. Needs a code or a recovery code. Where there is none, every code is wrong. */
  remove(
    user: UserId,
    code: string,
  ): ResultAsync<void, InvalidCode | TooManyAttempts | NotManagedHere | PortUnavailable>;
}

/** What goes into an authenticator app. */
export interface BegunSecondFactor {
  /** Base32 (RFC 4648), to be typed. */
  readonly secret: string;
  /** `otpauth://totp/...`, to be shown as a QR code. */
  readonly uri: string;
}

/** The second factor of a local account: a secret that is shared with its owner's authenticator app (RFC 6238). */
export interface SecondFactor {
  readonly user: UserId;
  /** Another one for every secret. */
  readonly factorId: string;
  /** Base32 (RFC 4648), without padding. */
  readonly secret: string;
  /** False until its owner has shown a first code. */
  readonly enabled: boolean;
  /** The last time step whose code was taken; null before the first. No code of it or of an earlier one is taken again. */
  readonly lastStep: number | null;
  /** What is kept of the recovery codes that are left. */
  readonly recoveryHashes: readonly string[];
}

/** What shows the second factor: the code of a time step, or a recovery code, known by what is kept of it. */
export type SecondFactorProof =
  | { readonly kind: 'totp'; readonly factorId: string; readonly step: number }
  | { readonly kind: 'recovery'; readonly hash: string };

/**
 * The second factors of local accounts, at most one each. Every method is one step, also where several processes share the
 * store.
 */
export interface SecondFactorStore {
  /** Keeps a new one in the place of one that is not enabled. False, and nothing changes, where one is enabled. */
  begin(user: UserId, begun: Pick<SecondFactor, 'factorId' | 'secret'>): ResultAsync<boolean, PortUnavailable>;
  find(user: UserId): ResultAsync<SecondFactor | null, PortUnavailable>;
  /** Enables the one that was begun, taking the code of this step. False where it is another one now, or enabled. */
  enable(
    user: UserId,
    enabled: Pick<SecondFactor, 'factorId' | 'recoveryHashes'> & { readonly step: number },
  ): ResultAsync<boolean, PortUnavailable>;
  /** Uses the proof up. False where it is no proof of an enabled one, or was used before. */
  spend(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable>;
  /** Removes the second factor. False, and nothing changes, where `spend` would be false. */
  removeBy(user: UserId, proof: SecondFactorProof): ResultAsync<boolean, PortUnavailable>;
  /** Removes the second factor, without proof; none being there is fine. */
  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable>;
}
