import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOfCode, isCode, platformSecrets } from '../../../adapters/local-identity/code-secrets.ts';
import { userId } from '../../../core/kernel/ids.ts';

const UNHASHED = {
  user: userId('ada'),
  purpose: 'reset',
  address: 'ada@example.org',
  salt: '0f'.repeat(16),
  expiresAtMs: 0,
  used: false,
} as const;

test('codes are eight characters that can be copied by hand, and do not repeat in a pattern', () => {
  const codes = Array.from({ length: 5000 }, () => platformSecrets.code());
  assert.ok(codes.every((code) => /^[A-Z2-7]{4}-[A-Z2-7]{4}$/.test(code)));
  // Of 5000 codes some 156 begin with each character; 60 is eight standard deviations away.
  for (const first of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') {
    assert.ok(codes.filter((code) => code.startsWith(first)).length > 60, first);
  }
  assert.is(new Set(codes).size, 5000);
});

test('salts are 128 bits and never the same', () => {
  const salts = Array.from({ length: 1000 }, () => platformSecrets.salt());
  assert.ok(salts.every((salt) => /^[0-9a-f]{32}$/.test(salt)));
  assert.is(new Set(salts).size, 1000);
});

test('a code is recognised however it was copied, for its person, purpose and salt', () => {
  const code = { ...UNHASHED, hash: hashOfCode(UNHASHED, '0123-45AB') };
  for (const shown of ['0123-45AB', '012345AB', ' 0123 45ab ']) assert.ok(isCode(code, shown), shown);
  for (const shown of ['0123-45AC', '123-45AB', '0123-45AB0', '', '٠١٢٣٤٥AB'])
    assert.not.ok(isCode(code, shown), shown);
  for (const change of [{ user: userId('ben') }, { purpose: 'confirm' }, { salt: '00'.repeat(16) }] as const) {
    assert.not.ok(isCode({ ...code, ...change }, '0123-45AB'));
  }
});

test.run();
