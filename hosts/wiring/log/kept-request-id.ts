import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * A request id as the request log and the audit log keep it: that of this service, or a hash of one that the client has
 * chosen and may have put anything into. Both logs have the same, so that a line of one leads to the entry in the other.
 */
export const keptRequestId = (id: string): string =>
  UUID.test(id) || ALREADY_KEPT.test(id) ? id : `sha256-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;

const ALREADY_KEPT = /^sha256-[0-9a-f]{32}$/;
