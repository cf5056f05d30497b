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
  'authorization-denied': {
    status: 403,
    title: 'Not allowed',
    hint: 'The user_id in the body must be your own, and some operations are for certain roles only; see detail.',
  },
  'feature-disabled': {
    status: 404,
    title: 'The feature is turned off',
    hint: 'This installation does not have it, or not for you yet; what there is for everybody is in /openapi.json.',
  },
  'resource-not-found': { status: 404, title: 'Not found', hint: 'The id is unknown, or it is not yours.' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here', hint: 'See the Allow header.' },
  'not-acceptable': {
    status: 406,
    title: 'No such form of the answer',
    hint: 'Ask with an Accept header that allows a media type of the operation, or without one.',
  },
  'resource-conflict': {
    status: 409,
    title: 'It exists already',
    hint: 'Use the existing one, or choose another name.',
  },
  'limit-reached': {
    status: 409,
    title: 'There are as many as there may be',
    hint: 'Remove one that is not needed any more.',
  },
  'administrator-needed': {
    status: 409,
    title: 'An administrator would be lost',
    hint: 'Nobody turns off their own account or gives up their own role admin, and the last administrator stays; have another administrator do it.',
  },
  'call-in-progress': {
    status: 409,
    title: 'The same call is being worked on',
    hint: 'Send it again with the same Idempotency-Key after the time in Retry-After; the answer of the first is kept.',
  },
  'confirmation-required': {
    status: 422,
    title: 'The deletion was not confirmed',
    hint: 'Send your own user id in the header X-Confirm-Delete; GET /api/v1/auth/me tells it.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key belongs to another call',
    hint: 'Use a new key for a new call, and the same key only to send the very same call again.',
  },
  'analysis-not-ready': {
    status: 409,
    title: 'There is no analysis yet',
    hint: 'Wait until the processing is completed; GET /api/v1/health-data/processing/{processing_id} tells how far it is.',
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
    hint: 'Send an Apple Health export.zip or export.xml; to import an account, a zip as GET /api/v1/me/export gave it.',
  },
  'upgrade-required': {
    status: 426,
    title: 'This is a WebSocket',
    hint: 'Open it with a WebSocket client: the handshake carries "Upgrade: websocket" and the access token.',
  },
  'rate-limit-exceeded': {
    status: 429,
    title: 'Too many tries',
    hint: 'Try again after the time in Retry-After.',
  },
  'too-many-running-jobs': {
    status: 429,
    title: 'Too much is being worked on',
    hint: 'Wait until some of the uploads are completed; GET /api/v1/health-data/processing/{processing_id} tells how far each is.',
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
  'deadline-exceeded': {
    status: 503,
    title: 'It took too long',
    hint: 'Try again after the time in Retry-After; send less at once where you can.',
  },
  'service-unavailable': {
    status: 503,
    title: 'The service is not available right now',
    hint: 'Try again after the time in Retry-After.',
  },
  'storage-quota-exceeded': {
    status: 507,
    title: 'There is no more room for this person',
    hint: 'Delete uploads that are not needed any more, or ask the operator for more: used_bytes, limit_bytes and request_bytes tell how much is missing.',
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
