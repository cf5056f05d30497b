import type { InsufficientData } from '../../../core/analysis/analyze-readings.ts';
import type { SignUpDisabled } from '../../../core/auth/register.ts';
import type {
  ChallengeExpired,
  EmailNotVerified,
  EmailTaken,
  ExpiredCode,
  InvalidCode,
  InvalidCredentials,
  InvalidRefreshToken,
  InvalidToken,
  NotManagedHere,
  PasswordResetRequired,
  SecondFactorEnabled,
  TooManyAttempts,
  UnknownUser,
  UserDisabled,
  WeakPassword,
} from '../../../core/auth/errors.ts';
import type { LimitReached } from '../../../core/webhooks/errors.ts';
import type { TooManyStreams } from '../events/event-streams.ts';
import type { NotUploaded } from '../../../core/health-data/complete-direct-export.ts';
import type { DirectUploadUnavailable, ExportUnreadable, ObjectTooLarge } from '../../../core/health-data/ports.ts';
import type { NotRetryable } from '../../../core/health-data/retry-processing.ts';
import type { ArchiveUnreadable } from '../../../core/archive/ports.ts';
import type { CallInProgress, IdempotencyKeyReused } from '../../../core/idempotency/call-once.ts';
import type { NotAnalysed } from '../../../core/insights/errors.ts';
import type { AdministratorNeeded } from '../../../core/admin/errors.ts';
import type { QuotaExceeded } from '../../../core/health-data/upload-quota.ts';
import type { InputRejected, NotFound, PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ResearchUnavailable } from '../../../core/research/ports.ts';
import type { FeatureDisabled } from './turned-off.ts';

/** Refusals that only an HTTP host knows. */
export type HttpError =
  | { readonly kind: 'malformed-json'; readonly reason: string }
  | { readonly kind: 'invalid-cursor' }
  | { readonly kind: 'authentication-required' }
  | { readonly kind: 'not-your-own'; readonly pointer: string }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'method-not-allowed'; readonly allowed: readonly string[] }
  | { readonly kind: 'unsupported-media-type'; readonly given: string; readonly supported: readonly string[] }
  | { readonly kind: 'body-too-large'; readonly limitBytes: number }
  | {
      readonly kind: 'endpoint-removed';
      readonly removedDate: string;
      readonly newEndpoint: string;
      readonly documentation: string;
      readonly benefits: readonly string[];
    }
  | { readonly kind: 'deletion-not-confirmed'; readonly header: string }
  | { readonly kind: 'too-many-calls'; readonly retryAfterSeconds: number }
  | { readonly kind: 'client-gone' }
  | { readonly kind: 'deadline-exceeded'; readonly seconds: number }
  | { readonly kind: 'role-required'; readonly roles: readonly string[] }
  | { readonly kind: 'not-acceptable'; readonly offered: readonly string[] }
  | { readonly kind: 'upgrade-required' }
  | { readonly kind: 'foreign-origin' }
  | { readonly kind: 'shutting-down' }
  | { readonly kind: 'bug' };

/** A weak password, and where in the body it was sent if not at `/password`. */
export interface WeakPasswordAt extends WeakPassword {
  readonly pointer?: string;
}

/** Everything that can keep an endpoint from its success. */
export type EndpointError =
  | HttpError
  | FeatureDisabled
  | PortUnavailable
  | LimitReached
  | TooManyStreams
  | CallInProgress
  | IdempotencyKeyReused
  | NotFound
  | InputRejected
  | InsufficientData
  | ExportUnreadable
  | ArchiveUnreadable
  | ObjectTooLarge
  | NotRetryable
  | QuotaExceeded
  | AdministratorNeeded
  | NotAnalysed
  | NotUploaded
  | DirectUploadUnavailable
  | ResearchUnavailable
  | SignUpDisabled
  | EmailTaken
  | WeakPasswordAt
  | InvalidCredentials
  | EmailNotVerified
  | UserDisabled
  | PasswordResetRequired
  | InvalidCode
  | ExpiredCode
  | ChallengeExpired
  | TooManyAttempts
  | InvalidRefreshToken
  | InvalidToken
  | NotManagedHere
  | SecondFactorEnabled
  | UnknownUser;
