import type { Session, SessionRotation, ShownRefreshToken } from './account-store.ts';

/**
 * So long the refresh token before the last one is still taken: the answer that brought the new one may have been lost,
 * or the client asked twice at once. A request is given 15 seconds, and its client as many to ask again.
 */
export const REFRESH_GRACE_MS = 30_000;

/**
 * Refresh token rotation with reuse detection (RFC 9700 section 4.14.2). Tokens are signed and numbered, and a session
 * keeps the number of its newest one alone: nothing that is kept could be made into a token. The grace is counted from
 * the rotation, so that repeating does not prolong it.
 */
export function rotationOf(session: Session | null, { userId, rotation, nowMs }: ShownRefreshToken): SessionRotation {
  const isAlive = session?.userId === userId && !session.revoked && nowMs < session.expiresAtMs;
  if (!isAlive || !(rotation <= session.rotation)) return { kind: 'over' };
  if (rotation === session.rotation) {
    return { kind: 'rotated', session: { ...session, rotation: rotation + 1, lastUsedAtMs: nowMs } };
  }
  const isRepeated = rotation === session.rotation - 1 && nowMs <= session.lastUsedAtMs + REFRESH_GRACE_MS;
  return isRepeated ? { kind: 'repeated', session } : { kind: 'reused', session: { ...session, revoked: true } };
}
