import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { text } from '../scalars.ts';

export const AccountDeleted = object('AccountDeleted', { message: t.string, deleted_at: t.string });

export const meRoutes = routes({
  deleteMe: {
    method: 'DELETE',
    path: '/api/v1/me',
    audit: {
      action: 'erase',
      dataTypes: ['account', 'uploads', 'raw-files', 'metrics', 'samples', 'analyses', 'insights'],
    },
    auth: 'write-own-data',
    tag: 'Me',
    summary:
      'Delete the account and everything that is kept of the caller, for good. Needs their own user id in the header ' +
      'X-Confirm-Delete, or in the parameter confirm',
    query: object('DeleteMeQuery', {}, { confirm: text(0, 200) }),
    responses: {
      200: {
        kind: 'json',
        codec: AccountDeleted,
        description: 'Nothing is left, and no token of the account is good any more.',
        example: { message: 'Account deleted successfully', deleted_at: '2025-01-06T08:30:00.000+00:00' },
      },
    },
    problems: ['confirmation-required'],
  },
});
