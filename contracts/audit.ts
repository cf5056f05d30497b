/** What can be done with personal data. */
export const AUDIT_ACTION_NAMES = [
  'create',
  'read',
  'update',
  'delete',
  'export',
  'import',
  'erase',
  'analyze',
  'register',
  'login',
  'logout',
  'change-credentials',
  'reseal',
] as const;
export type AuditActionName = (typeof AUDIT_ACTION_NAMES)[number];

/** With what of it. */
export const AUDIT_DATA_TYPES = [
  'account',
  'sessions',
  'uploads',
  'raw-files',
  'metrics',
  'samples',
  'analyses',
  'insights',
  'events',
  'webhooks',
  'rooms',
  'consents',
  'audit-log',
  'keys',
] as const;
export type AuditDataType = (typeof AUDIT_DATA_TYPES)[number];

/** How a call is written down in the audit log. */
export interface AuditDefinition {
  readonly action: AuditActionName;
  readonly dataTypes: readonly AuditDataType[];
  /**
   * The path parameter that names whose data it is about; the caller's own where it is left out. Null where it is about nobody
   * in particular, or whom it is about turns out only by the work.
   */
  readonly subject?: string | null;
}
