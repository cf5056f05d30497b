import type { Role } from '../auth/token-ports.ts';

/** What somebody is allowed to do. Everybody owns their own data, whatever else they are. */
export type Permission =
  | 'read-own-data'
  | 'write-own-data'
  | 'read-patient-data'
  | 'break-glass'
  | 'read-anonymized-data'
  | 'manage-users'
  | 'read-audit-log'
  | 'manage-jobs';

const OWN = ['read-own-data', 'write-own-data'] as const satisfies readonly Permission[];

const PERMISSIONS_OF: Readonly<Record<Role, readonly Permission[]>> = {
  patient: OWN,
  clinician: [...OWN, 'read-patient-data', 'break-glass'],
  researcher: [...OWN, 'read-anonymized-data'],
  // An administrator looks after the service, and has no business with what is in it.
  admin: [...OWN, 'manage-users', 'read-audit-log', 'manage-jobs'],
};

/** Every role there is. */
export const ROLES = Object.keys(PERMISSIONS_OF) as readonly Role[];

export const isRole = (name: unknown): name is Role => ROLES.some((role) => role === name);

/** Whether one of the roles has the permission. */
export const isPermitted = (roles: readonly Role[], permission: Permission): boolean =>
  roles.some((role) => PERMISSIONS_OF[role].includes(permission));

/** The roles that have the permission. */
export const rolesWith = (permission: Permission): readonly Role[] =>
  ROLES.filter((role) => PERMISSIONS_OF[role].includes(permission));
