import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PERMISSION_NAMES } from '../../../contracts/permissions.ts';
import { isPermitted, rolesWith } from '../../../core/access/permissions.ts';
import type { Role } from '../../../core/auth/token-ports.ts';

const EVERYBODY: readonly Role[] = ['patient', 'clinician', 'researcher', 'admin'];

test('who has which permission', () => {
  assert.equal(Object.fromEntries(PERMISSION_NAMES.map((name) => [name, rolesWith(name)])), {
    'read-own-data': EVERYBODY,
    'write-own-data': EVERYBODY,
    'read-patient-data': ['clinician'],
    'break-glass': ['clinician'],
    'read-anonymized-data': ['researcher'],
    'manage-users': ['admin'],
    'read-audit-log': ['admin'],
    'manage-jobs': ['admin'],
  });
});

test('one role of several is enough, and none is none', () => {
  assert.is(isPermitted(['patient', 'admin'], 'manage-users'), true);
  assert.is(isPermitted(['patient'], 'manage-users'), false);
  assert.is(isPermitted([], 'read-own-data'), false);
});

test.run();
