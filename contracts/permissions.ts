/** What a caller can be allowed to do. Every route that asks for a token names one. */
export const PERMISSION_NAMES = [
  'read-own-data',
  'write-own-data',
  /** Of patients who have agreed to it. */
  'read-patient-data',
  /** Of a patient who has not, in an emergency. */
  'break-glass',
  /** Without names, of patients who have agreed to it. */
  'read-anonymized-data',
  'manage-users',
  'read-audit-log',
  'manage-jobs',
] as const;
export type PermissionName = (typeof PERMISSION_NAMES)[number];
