import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emailKey, parseDisplayName, parseEmail, unmetPasswordRules } from '../../../core/auth/model.ts';

const reads = (text: string, address: string) => {
  const parsed = parseEmail(text);
  assert.ok(parsed.isOk() && parsed.value === address, `${JSON.stringify(text)} -> ${JSON.stringify(parsed)}`);
};

const refuses = (text: string) => {
  const parsed = parseEmail(text);
  assert.ok(parsed.isErr(), `${JSON.stringify(text)} was accepted`);
  assert.is(parsed.isErr() && parsed.error.pointer, '/email');
  assert.is(parsed.isErr() && parsed.error.code, 'invalid_email');
};

test('addresses as people have them are accepted', () => {
  for (const address of [
    'a@b.co',
    'Ada.Lovelace@Example.org',
    'ada+watch@mail.example.co.uk',
    "o'brien@example.ie",
    'user_name-1@sub-domain.example.org',
    '1@2.example',
    'ada@xn--bcher-kva.example',
    'ada@b\u00fccher.example',
    '\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a',
  ]) {
    reads(address, address);
  }
});

test('white space around an address is dropped, and an accent is put together with its letter', () => {
  reads('  ada@example.org\n', 'ada@example.org');
  reads('cafe\u0301@example.org', 'caf\u00e9@example.org');
});

test('text that mail cannot be sent to is refused', () => {
  for (const text of [
    '',
    '   ',
    'ada',
    '@',
    'ada@',
    '@example.org',
    'ada@example',
    'ada@@example.org',
    'ada@example.org@example.org',
    '.ada@example.org',
    'ada.@example.org',
    'a..da@example.org',
    'ada lovelace@example.org',
    'ada@exam ple.org',
    'ada@-example.org',
    'ada@example-.org',
    'ada@.example.org',
    'ada@example.org.',
    'ada@example..org',
    'ada@exam_ple.org',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    '"ada"@example.org',
    'Ada <ada@example.org>',
    'ada@example.org, eve@example.org',
    'ada\r\nBcc: eve@example.org',
    'ada\u0000@example.org',
    'ada\u200b@example.org',
    'ada\ud800@example.org',
    'ada\uff20example.org',
  ]) {
    refuses(text);
  }
});

test('an address of 254 octets is the longest', () => {
  const label = 'd'.repeat(61);
  const domain = `${label}.${label}.${label}.example`;
  const local = (length: number) => `${'l'.repeat(length)}@${domain}`;
  const longest = local(254 - domain.length - 1);
  assert.is(longest.length, 254);
  reads(longest, longest);
  refuses(local(254 - domain.length));
});

test('lengths are counted in octets of UTF-8, the name before the @ has at most 64 and a label 63 characters', () => {
  reads(`${'l'.repeat(64)}@example.org`, `${'l'.repeat(64)}@example.org`);
  refuses(`${'l'.repeat(65)}@example.org`);
  reads(`${'\u00e9'.repeat(32)}@example.org`, `${'\u00e9'.repeat(32)}@example.org`);
  refuses(`${'\u00e9'.repeat(33)}@example.org`);
  refuses(`${'\u7528'.repeat(22)}@example.org`);
  refuses(`${'\u{20000}'.repeat(17)}@example.org`);
  reads(`ada@${'d'.repeat(63)}.org`, `ada@${'d'.repeat(63)}.org`);
  refuses(`ada@${'d'.repeat(64)}.org`);
});

test('any text is either refused or read as an address that reads as itself', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.emailAddress(),
    fc.tuple(fc.string(), fc.domain()).map(([local, domain]) => ` ${local}@${domain}`),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      const parsed = parseEmail(candidate);
      if (parsed.isOk()) reads(parsed.value, parsed.value);
      else refuses(candidate);
    }),
  );
});

test('the key of an address does not depend on case, surrounding space or composition', () => {
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      const key = emailKey(address);
      assert.is(emailKey(address.toUpperCase()), key);
      assert.is(emailKey(`\t${address} `), key);
    }),
  );
  assert.is(emailKey('CAFE\u0301@example.org'), emailKey('caf\u00e9@EXAMPLE.org'));
  assert.is.not(emailKey('ada@example.org'), emailKey('ada@example.com'));
});

test('the key of a key is the key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.is(emailKey(emailKey(text)), emailKey(text));
    }),
  );
});

test('a password that meets the rules lacks nothing', () => {
  for (const password of [
    'Correct1',
    'correct horse Battery 9',
    `aA1${'x'.repeat(125)}`,
    '\u00c9t\u00e9-2025',
    'Aa1!@# ()',
  ]) {
    assert.equal(unmetPasswordRules(password), [], password);
  }
});

test('a password is told each rule it does not meet, and only those', () => {
  assert.equal(unmetPasswordRules('Short1x'), ['must have at least 8 characters']);
  assert.equal(unmetPasswordRules(`aA1${'x'.repeat(126)}`), ['must have at most 128 characters']);
  assert.equal(unmetPasswordRules('UPPER-CASE-1'), ['must have a lower-case letter']);
  assert.equal(unmetPasswordRules('nocaps123'), ['must have an upper-case letter']);
  assert.equal(unmetPasswordRules('No-digits-here'), ['must have a digit']);
  assert.equal(unmetPasswordRules(''), [
    'must have at least 8 characters',
    'must have a lower-case letter',
    'must have an upper-case letter',
    'must have a digit',
  ]);
});

test('a password is counted in characters, not in code units or in decomposed accents', () => {
  const emoji = '\u{1f600}';
  assert.equal(unmetPasswordRules(`aA1${emoji.repeat(4)}`), ['must have at least 8 characters']);
  assert.equal(unmetPasswordRules(`aA1${emoji.repeat(125)}`), []);
  assert.equal(unmetPasswordRules('aA1e\u0301e\u0301e\u0301e\u0301'), ['must have at least 8 characters']);
});

test('a display name is trimmed and composed, and an empty one is no name', () => {
  assert.is(parseDisplayName('  Ada Lovelace ').unwrapOr('refused'), 'Ada Lovelace');
  assert.is(parseDisplayName('Rene\u0301').unwrapOr('refused'), 'Ren\u00e9');
  assert.is(parseDisplayName(' \t ').unwrapOr('refused'), '');
  assert.is(parseDisplayName('\u{1f468}\u200d\u{1f469}\u200d\u{1f467}').isOk(), true);
});

test('a display name over 100 characters or with control characters is refused', () => {
  assert.ok(parseDisplayName('\u{1f600}'.repeat(100)).isOk());
  for (const name of ['x'.repeat(101), 'Ada\u0000', 'Ada\r\nLovelace', 'Ada\u001b[31m', 'Ada\ud800']) {
    const parsed = parseDisplayName(name);
    assert.ok(parsed.isErr(), JSON.stringify(name));
    assert.is(parsed.isErr() && parsed.error.pointer, '/display_name');
    assert.is(parsed.isErr() && parsed.error.code, 'invalid_display_name');
  }
});

test.run();
