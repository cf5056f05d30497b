import { beginSecondFactor } from '../../../core/auth/begin-second-factor.ts';
import { confirmSecondFactor } from '../../../core/auth/confirm-second-factor.ts';
import { endSession } from '../../../core/auth/end-session.ts';
import { listSessions, type ListedSession } from '../../../core/auth/list-sessions.ts';
import type { AccountSecurity } from '../../../core/auth/session-ports.ts';
import { removeSecondFactor } from '../../../core/auth/remove-second-factor.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

type SecurityEndpoints = Pick<Endpoints, 'listSessions' | 'endSession' | 'beginTotp' | 'confirmTotp' | 'removeTotp'>;

/** Where a person is logged in, and their second factor. */
export function accountSecurityEndpoints(deps: AccountSecurity): SecurityEndpoints {
  return {
    listSessions: ({ principal }) =>
      listSessions(deps)(principal).map((sessions) => ({ status: 200, body: { data: sessions.map(wireSession) } })),
    endSession: ({ principal, params }) =>
      endSession(deps)({ caller: principal, sessionId: params.session_id }).map(() => ({ status: 204 })),
    beginTotp: ({ principal }) =>
      beginSecondFactor(deps)(principal).map(({ secret, uri }) => ({
        status: 200,
        body: { secret, otpauth_uri: uri },
      })),
    confirmTotp: ({ principal, body }) =>
      confirmSecondFactor(deps)({ caller: principal, code: body.code }).map((codes) => ({
        status: 200,
        body: { recovery_codes: [...codes] },
      })),
    removeTotp: ({ principal, body }) =>
      removeSecondFactor(deps)({ caller: principal, code: body.code }).map(() => ({ status: 204 })),
  };
}

const wireSession = ({ sessionId, createdAtMs, lastUsedAtMs, current }: ListedSession) => ({
  session_id: sessionId,
  created_at: isoUtc(createdAtMs),
  last_used_at: isoUtc(lastUsedAtMs),
  current,
});
