/** The closed list of problems that the service answers with. The slug is the stable name clients decide by. */
export const PROBLEMS = {
  'validation-error': {
    status: 422,
    title: 'The input is not valid',
    hint: 'Correct the places named in errors[] and send it again.',
  },
  'malformed-json': {
    status: 422,
    title: 'The body is not JSON',
    hint: 'Send a JSON document with content-type application/json.',
  },
  'weak-password': {
    status: 400,
    title: 'The password is too weak',
    hint: 'Choose a password that meets the rules named in errors[].',
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    hint: 'Start again without a cursor, or use next_cursor as it was given.',
  },
  'invalid-code': {
    status: 400,
    title: 'The code is not the one that was sent',
    hint: 'Check the newest message, or ask for a new code.',
  },
  'expired-code': {
    status: 400,
    title: 'The code is no longer good',
    hint: 'Ask for a new code. One that you have just used may have done its work: try to log in.',
  },
  'authentication-required': {
    status: 401,
    title: 'Authentication is required',
    hint: 'Send "Authorization: Bearer <access token>"; log in or refresh to get one.',
  },
  'invalid-credentials': { status: 401, title: 'E-mail or password is wrong', hint: 'Check both and try again.' },
  'invalid-refresh-token': { status: 401, title: 'The refresh token is not valid', hint: 'Log in again.' },
  'challenge-expired': {
    status: 401,
    title: 'The login has taken too long',
    hint: 'Log in again from the beginning.',
  },
  'email-not-verified': {
    status: 403,
    title: 'The e-mail address is not verified',
    hint: 'Open the confirmation message, or ask for a new one.',
  },
  'sign-up-disabled': {
    status: 403,
    title: 'Sign-up is turned off',
    hint: 'Ask the operator for an account, or set ENABLE_SELF_SIGNUP=true.',
  },
  'account-disabled': {
    status: 403,
    title: 'The account is turned off',
    hint: 'Ask the operator to turn it on again.',
  },
  'password-reset-required': {
    status: 403,
    title: 'The password is no longer good',
    hint: 'Set a new one through /api/v1/auth/forgot-password, or ask the operator where detail says so.',
  },
  'authorization-denied': { status: 403, title: 'Not allowed', hint: 'The user_id in the body must be your own.' },
  'resource-not-found': { status: 404, title: 'Not found', hint: 'The id is unknown, or it is not yours.' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here', hint: 'See the Allow header.' },
  'resource-conflict': {
    status: 409,
    title: 'It exists already',
    hint: 'Use the existing one, or choose another name.',
  },
  'not-retryable': {
    status: 409,
    title: 'There is nothing to retry',
    hint: 'Only a failed or stalled processing can be retried.',
  },
  'not-uploaded': {
    status: 409,
    title: 'The file has not arrived',
    hint: 'Send it as the answer of /export/presign says, then ask again; where that has expired, begin anew.',
  },
  gone: { status: 410, title: 'This endpoint has been removed', hint: 'Use the endpoint named in detail.' },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    hint: 'Send less at once; exports go to POST /api/v1/healthkit/export.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type is not supported',
    hint: 'Use a media type that the operation names.',
  },
  'insufficient-data': {
    status: 422,
    title: 'There is too little valid data',
    hint: 'Send a longer recording; minimum_valid_minutes names the least.',
  },
  'unreadable-file': {
    status: 422,
    title: 'The file cannot be read',
    hint: 'Send an Apple Health export.zip or export.xml.',
  },
  'rate-limit-exceeded': {
    status: 429,
    title: 'Too many tries',
    hint: 'Try again after the time in Retry-After.',
  },
  'internal-server-error': {
    status: 500,
    title: 'Something went wrong here',
    hint: 'Try again; if it stays, tell the operator the request_id.',
  },
  'not-available-here': {
    status: 501,
    title: 'This installation cannot do that',
    hint: 'The detail says what its operator can do about it.',
  },
  'service-unavailable': {
    status: 503,
    title: 'The service is not available right now',
    hint: 'Try again after the time in Retry-After.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly hint: string }>;

export type ProblemSlug = keyof typeof PROBLEMS;

export const PROBLEM_TYPE_BASE = 'https://api.clarity.health/problems/';

/** One rejected place of the input. */
export interface ProblemIssue {
  readonly pointer: string;
  readonly field: string;
  readonly message: string;
  readonly code: string;
}

/** RFC 9457 problem document, with the members that Clarity adds. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemSlug;
  readonly request_id: string;
  readonly errors?: readonly ProblemIssue[];
  readonly [extension: string]: unknown;
}
