import { err, ok, type Result } from 'neverthrow';
import type { AuditPlace } from '../../../core/audit/model.ts';

/** A place in the audit log as clients carry it. */
export const writeAuditCursor = ({ day, number }: AuditPlace): string =>
  Buffer.from(`${day}.${String(number)}`).toString('base64url');

export function readAuditCursor(cursor: string): Result<AuditPlace, { readonly kind: 'invalid-cursor' }> {
  const match = /^(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,11})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const place = { day: match?.[1] ?? '', number: Number(match?.[2]) };
  // Decoding base64 forgives what does not belong to it.
  return match !== null && writeAuditCursor(place) === cursor ? ok(place) : err({ kind: 'invalid-cursor' });
}
