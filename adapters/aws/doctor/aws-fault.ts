import { err, ok, type Result } from 'neverthrow';
import { problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { isPassing, nameOf } from '../aws-caller.ts';

/** What an error of the SDK means for somebody who sets a service up. */
export type AwsFaultKind =
  | 'denied'
  | 'absent'
  | 'no-credentials'
  | 'credentials-refused'
  | 'clock'
  | 'unreachable'
  | 'passing'
  | 'other';

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'UnauthorizedOperation',
  'Forbidden',
]);

const REFUSED = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
]);

const ABSENT = new Set([
  'ResourceNotFoundException',
  'NotFound',
  'NotFoundException',
  'NoSuchBucket',
  'ParameterNotFound',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

interface ErrorFacts {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Tells apart what AWS itself words in a different way for each service. */
export function faultKind(cause: unknown): AwsFaultKind {
  const name = nameOf(cause);
  const { code, $metadata }: ErrorFacts = typeof cause === 'object' && cause !== null ? cause : {};
  const text = cause instanceof Error ? cause.message : '';
  if (name === 'CredentialsProviderError') return 'no-credentials';
  if (name === 'RequestTimeTooSkewed' || /signature (expired|not yet current)/i.test(text)) return 'clock';
  if (REFUSED.has(name)) return 'credentials-refused';
  if (DENIED.has(name)) return 'denied';
  if (ABSENT.has(name)) return 'absent';
  // HEAD answers have no body, and so no name.
  if ($metadata?.httpStatusCode === 403) return 'denied';
  if ($metadata?.httpStatusCode === 404) return 'absent';
  if (typeof code === 'string' && isPassing(cause)) return 'unreachable';
  return isPassing(cause) ? 'passing' : 'other';
}

/** A call as it is named in a policy, and what it was about. */
export interface AttemptedCall {
  readonly subject: string;
  /** Such as `dynamodb:GetItem`. */
  readonly action: string;
  /** The resource in words, such as `the table clarity-health-data`. */
  readonly resource: string;
  /** The service works without being allowed to do this: it is only how the doctor looks. */
  readonly onlyToLook?: boolean;
}

/**
 * The finding for a call that failed. Words of AWS are not passed on, since they can contain keys and tokens of the
 * request; the error's name is. Troubles that all calls share are told in the same words, so that they are told once.
 */
export function faultFinding({ subject, action, resource, onlyToLook }: AttemptedCall, cause: unknown): Finding {
  switch (faultKind(cause)) {
    case 'denied':
      return onlyToLook === true
        ? warning(
            subject,
            `${resource} cannot be looked at: ${action} is not allowed`,
            `Allow ${action} where it should be checked; the service itself works without.`,
          )
        : problem(
            subject,
            `${action} on ${resource} is not allowed (access denied)`,
            `Allow ${action} for the role of the service, and see that no policy of the resource denies it.`,
          );
    case 'absent':
      return problem(
        subject,
        `${resource} does not exist`,
        'Create it, or correct its name, the region or the account; nothing is created at a start.',
      );
    case 'no-credentials':
      return problem(
        'AWS credentials',
        NO_CREDENTIALS,
        'Give the task a role, or set up a profile or AWS_ACCESS_KEY_ID.',
      );
    case 'credentials-refused':
      return problem(
        'AWS credentials',
        `AWS refuses the credentials (${nameOf(cause)})`,
        'Renew them; where they come from a role or a session, they may have ended.',
      );
    case 'clock':
      return problem('clock', "AWS refuses requests because this machine's clock is wrong", CLOCK_ADVICE);
    case 'unreachable':
      return problem(
        subject,
        `${resource} cannot be reached (${codeOf(cause)})`,
        'See that the endpoint is right and that the network lets this machine reach it.',
      );
    case 'passing':
      return problem(subject, `${action} failed for now (${nameOf(cause)})`, 'Try again in a moment.');
    case 'other':
      return problem(
        subject,
        `${action} on ${resource} failed (${nameOf(cause)})`,
        'Look the error up in the documentation of the service; something about the request was not right.',
      );
  }
}

export const NO_CREDENTIALS = 'no AWS credentials were found';
export const CLOCK_ADVICE = 'Let the machine take its time from NTP (on AWS: the Amazon Time Sync Service).';

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : nameOf(cause);

/** What the call answered; null when it failed in a way that says that it is allowed; else the finding. */
export async function attempt<T>(
  call: AttemptedCall,
  abortSignal: AbortSignal,
  work: () => Promise<T>,
  allowedFaults: readonly string[] = [],
): Promise<Result<T | null, Finding>> {
  try {
    return ok(await work());
  } catch (cause) {
    // The wait is over: whoever set the deadline says so.
    abortSignal.throwIfAborted();
    return allowedFaults.includes(nameOf(cause)) ? ok(null) : err(faultFinding(call, cause));
  }
}

/** The findings of the calls that failed. */
export const faultsOf = (attempts: readonly Result<unknown, Finding>[]): readonly Finding[] =>
  attempts.flatMap((attempted) => (attempted.isErr() ? [attempted.error] : []));
