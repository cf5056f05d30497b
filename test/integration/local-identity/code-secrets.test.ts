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

test('codes have six digits, leading zeros kept, and do not repeat in a pattern', () => {
  const codes = Array.from({ length: 5000 }, () => platformSecrets.digits());
  assert.ok(codes.every((code) => /^\d{6}$/.test(code)));
  // Of 5000 codes some 500 begin with each digit; 300 is ten standard deviations away.
  for (const digit of '0123456789') assert.ok(codes.filter((code) => code.startsWith(digit)).length > 300, digit);
  assert.ok(new Set(codes).size > 4800);
});

test('salts are 128 bits and never the same', () => {
  const salts = Array.from({ length: 1000 }, () => platformSecrets.salt());
  assert.ok(salts.every((salt) => /^[0-9a-f]{32}$/.test(salt)));
  assert.is(new Set(salts).size, 1000);
});

test('a code is recognised by its digits alone, for its person, purpose and salt', () => {
  const code = { ...UNHASHED, hash: hashOfCode(UNHASHED, '012345') };
  assert.ok(isCode(code, '012345'));
  for (const digits of ['012346', '12345', '0123456', ' 012345', '', '٠١٢٣٤٥']) assert.not.ok(isCode(code, digits));
  for (const change of [{ user: userId('ben') }, { purpose: 'confirm' }, { salt: '00'.repeat(16) }] as const) {
    assert.not.ok(isCode({ ...code, ...change }, '012345'));
  }
});

test.run();
