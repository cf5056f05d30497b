import type { Account, Session } from '../../core/auth/account-store.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import type { AccountRow, LoginSessionRow } from './tables.ts';

/** A session as its row. */
export const sessionRowOf = (session: Session): LoginSessionRow => ({
  session_id: session.sessionId,
  user_id: session.userId,
  created_at_ms: session.createdAtMs,
  expires_at_ms: session.expiresAtMs,
  last_used_at_ms: session.lastUsedAtMs,
  rotation: session.rotation,
  revoked: Number(session.revoked),
});

/** An account as its row. */
export const rowOf = (account: Account): AccountRow => ({
  user_id: account.userId,
  email: account.email,
  email_key: account.emailKey,
  email_verified: Number(account.emailVerified),
  display_name: account.displayName,
  password_hash: account.passwordHash,
  created_at_ms: account.createdAtMs,
  roles: JSON.stringify(account.roles),
  disabled: Number(account.disabled),
});

/** The account of a row. */
export const accountOf = (row: AccountRow): Account => ({
  userId: userId(row.user_id),
  email: row.email,
  emailKey: row.email_key,
  emailVerified: row.email_verified === 1,
  displayName: row.display_name,
  passwordHash: row.password_hash,
  createdAtMs: row.created_at_ms,
  roles: JSON.parse(row.roles) as readonly Role[],
  disabled: row.disabled === 1,
});

/** The session of a row. */
export const sessionOf = (row: LoginSessionRow): Session => ({
  sessionId: row.session_id,
  userId: userId(row.user_id),
  createdAtMs: row.created_at_ms,
  expiresAtMs: row.expires_at_ms,
  lastUsedAtMs: row.last_used_at_ms,
  rotation: row.rotation,
  revoked: row.revoked === 1,
});
