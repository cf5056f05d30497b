import type { InvalidCursor } from '../../../core/admin/ports.ts';
import type { UnknownUser } from '../../../core/auth/errors.ts';
import { type Meanings, TROUBLE } from './error-meaning.ts';

/*
 * What Cognito's errors mean to whoever lists users and changes them, as in `cognito-meanings.ts`.
 */

const DONE = { kind: 'done' } as const;
const INVALID_CURSOR: InvalidCursor = { kind: 'invalid-cursor' };
const UNKNOWN_USER: UnknownUser = { kind: 'unknown-user' };

/** A place that Cognito does not know, or has forgotten. */
const placeOrTrouble = (message: string): InvalidCursor | typeof TROUBLE =>
  /token/i.test(message) ? INVALID_CURSOR : TROUBLE;

export const LIST_USERS: Meanings<InvalidCursor> = {
  InvalidParameterException: placeOrTrouble,
  NotAuthorizedException: TROUBLE,
};

/** `done`: there is no such group, and so nobody in it. */
export const GROUP_MEMBERS: Meanings<InvalidCursor | typeof DONE> = {
  InvalidParameterException: placeOrTrouble,
  ResourceNotFoundException: (message) => (/group/i.test(message) ? DONE : TROUBLE),
  NotAuthorizedException: TROUBLE,
};

/** Of all operations on one user. */
export const ADMIN_USER: Meanings<UnknownUser> = {
  UserNotFoundException: UNKNOWN_USER,
  InvalidParameterException: TROUBLE,
  NotAuthorizedException: TROUBLE,
};

/** `done`: it is there. */
export const CREATE_GROUP: Meanings<typeof DONE> = {
  GroupExistsException: DONE,
  InvalidParameterException: TROUBLE,
  LimitExceededException: TROUBLE,
  NotAuthorizedException: TROUBLE,
};

/** Of adding a user to a group, and taking them out. */
export const IN_GROUP: Meanings<UnknownUser | { readonly kind: 'no-group' }> = {
  ...ADMIN_USER,
  ResourceNotFoundException: (message) => (/group/i.test(message) ? { kind: 'no-group' } : TROUBLE),
};
