/** Nothing that the caller can do anything about. */
export const TROUBLE = { kind: 'trouble' } as const;
export type Trouble = typeof TROUBLE;

/** `mayHaveHappened`: an earlier try of the same call was lost, and may have had its effect. */
export type Meaning<E> = E | Trouble | ((message: string, mayHaveHappened: boolean) => E | Trouble);
/** What the errors of one operation mean, by the names that Cognito gives them. */
export type Meanings<E> = Readonly<Record<string, Meaning<E>>>;

/** Of a service that is down or busy, a pool that is set up otherwise than this program needs, or the operator's own triggers. */
export const TROUBLE_NAMES: ReadonlySet<string> = new Set([
  'ConcurrentModificationException',
  'FeatureUnavailableInTierException',
  'ForbiddenException',
  'InternalErrorException',
  'InvalidEmailRoleAccessPolicyException',
  'InvalidLambdaResponseException',
  'InvalidSmsRoleAccessPolicyException',
  'InvalidSmsRoleTrustRelationshipException',
  'InvalidUserPoolConfigurationException',
  'OperationNotEnabledException',
  'ResourceNotFoundException',
  'TooManyRequestsException',
  'UnexpectedLambdaException',
  'UserLambdaValidationException',
]);

/** The meaning of an error in an operation. A name that is not in its table is `TROUBLE`. */
export function meaningOf<E>(
  meanings: Meanings<E>,
  name: string,
  message: string,
  mayHaveHappened: boolean,
): E | Trouble {
  const meaning = Object.hasOwn(meanings, name) ? meanings[name] : undefined;
  if (meaning === undefined) return TROUBLE;
  return typeof meaning === 'function'
    ? (meaning as (message: string, mayHaveHappened: boolean) => E | Trouble)(message, mayHaveHappened)
    : meaning;
}

export const isTrouble = (meaning: unknown): meaning is Trouble => meaning === TROUBLE;

/** The error's name and words for the operator's log, without the values that Cognito quotes: they may be secrets. */
export function withoutValues(cause: unknown): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return text.replaceAll(/(\bValue) '[^']*'/g, '$1');
}
