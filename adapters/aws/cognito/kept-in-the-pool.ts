import { errAsync } from 'neverthrow';
import type { NotManagedHere } from '../../../core/auth/errors.ts';
import type { OpenSessions } from '../../../core/auth/session-ports.ts';
import type { SecondFactorSetup } from '../../../core/auth/second-factor-ports.ts';

const elsewhere = (what: NotManagedHere['what']) => () =>
  errAsync<never, NotManagedHere>({ kind: 'not-managed-here', what });

/** Cognito has no call that lists the sessions of a user, and none that ends one by its id. */
export const NO_SESSION_LIST: OpenSessions = { list: elsewhere('sessions'), end: elsewhere('sessions') };

/** A pool takes its second factors away without a code, and has no recovery codes: no less than here is promised. */
export const NO_SECOND_FACTOR_SETUP: SecondFactorSetup = {
  begin: elsewhere('second-factors'),
  confirm: elsewhere('second-factors'),
  remove: elsewhere('second-factors'),
};
