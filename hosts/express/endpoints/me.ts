import { errAsync } from 'neverthrow';
import { eraseAccount, type EraseAccountPorts } from '../../../core/account/erase-account.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

/** What a call must say besides its token to delete an account: a token alone may lie in a history or a log. */
export const CONFIRM_DELETE_HEADER = 'X-Confirm-Delete';

export function meEndpoints(deps: EraseAccountPorts): Pick<Endpoints, 'deleteMe'> {
  return {
    deleteMe: ({ principal, query, header, clock }) => {
      const confirmed = header(CONFIRM_DELETE_HEADER.toLowerCase()) ?? query.confirm ?? null;
      if (confirmed !== principal.userId) {
        return errAsync({ kind: 'deletion-not-confirmed', header: CONFIRM_DELETE_HEADER });
      }
      return eraseAccount({ ...deps, clock })(principal.userId).map(() => ({
        status: 200,
        body: { message: 'Account deleted successfully', deleted_at: isoUtc(clock.now()) },
      }));
    },
  };
}
