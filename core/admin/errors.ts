/** The change would leave somebody locked out of their own administration, or the installation without an administrator. */
export interface AdministratorNeeded {
  readonly kind: 'administrator-needed';
  readonly reason: 'own-account' | 'own-admin-role' | 'last-admin';
}

export const administratorNeeded = (reason: AdministratorNeeded['reason']): AdministratorNeeded => ({
  kind: 'administrator-needed',
  reason,
});
