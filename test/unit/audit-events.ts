import { Ed25519HeadSigner } from '../../adapters/node/ed25519-head-signer.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { AuditTrail } from '../../core/audit/audit-trail.ts';
import { pseudonym, type AuditEvent } from '../../core/audit/model.ts';
import type { AuditStore, HeadSigner } from '../../core/audit/ports.ts';
import { ResultAsync } from 'neverthrow';

export const ADA_P = pseudonym('p_00000000000040008000000000000a0a');
export const BOB_P = pseudonym('p_00000000000040008000000000000b0b');

/** 2025-03-10T12:00:00Z. */
export const NOON_MS = Date.UTC(2025, 2, 10, 12);
export const DAY_MS = 86_400_000;

export const auditEvent = (id: string, changes: Partial<AuditEvent> = {}): AuditEvent => ({
  id,
  atMs: NOON_MS,
  actor: ADA_P,
  actorRoles: ['patient'],
  onBehalfOf: null,
  action: 'read',
  operation: 'listHealthData',
  subject: ADA_P,
  dataTypes: ['metrics'],
  outcome: 'done',
  problem: null,
  requestId: `request ${id}`,
  ...changes,
});

/** A signer with a key of its own. */
export function headSigner(): HeadSigner {
  let key: Promise<string> | null = null;
  return new Ed25519HeadSigner((create) => ResultAsync.fromSafePromise((key ??= create())));
}

export const trailOver = (auditStore: AuditStore, signer: HeadSigner): AuditTrail =>
  new AuditTrail({ auditStore, signer, digest: nodeDigest });
