import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromBase32, toBase32 } from '../../../core/auth/base32.ts';
import { codeAt, otpauthUri, stepAt, stepsTakenAt, type HmacSha1 } from '../../../core/auth/totp.ts';

const hmac: HmacSha1 = (key, message) => createHmac('sha1', key).update(message).digest();
const SECRET = Buffer.from('12345678901234567890');

test('the codes are those of RFC 6238 appendix B', () => {
  for (const [seconds, code] of [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ] as const) {
    assert.is(codeAt(hmac, SECRET, stepAt(seconds * 1000), 8), code);
    assert.is(codeAt(hmac, SECRET, stepAt(seconds * 1000)), code.slice(2));
  }
});

test('the codes by counter are those of RFC 4226 appendix D', () => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
  assert.equal(
    codes.map((_, counter) => codeAt(hmac, SECRET, counter)),
    codes,
  );
});

test('a step lasts 30 seconds, and the one before and the one after are taken too', () => {
  assert.equal([stepAt(0), stepAt(29_999), stepAt(30_000)], [0, 0, 1]);
  assert.equal(stepsTakenAt(300_000), [10, 9, 11]);
  assert.equal(stepsTakenAt(0), [0, 1]);
});

test('the URI names issuer and account, whatever they are made of', () => {
  const uri = new URL(otpauthUri({ issuer: 'Clarity', name: 'a+b&c=d:é@example.org', secret: 'JBSWY3DP' }));
  assert.is(uri.protocol, 'otpauth:');
  assert.is(uri.host, 'totp');
  assert.is(decodeURIComponent(uri.pathname), '/Clarity:a+b&c=d:é@example.org');
  assert.equal(Object.fromEntries(uri.searchParams), {
    secret: 'JBSWY3DP',
    issuer: 'Clarity',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

test('Base32 is that of RFC 4648 section 10, without padding', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const) {
    assert.is(toBase32(Buffer.from(text)), encoded);
    assert.is(Buffer.from(fromBase32(encoded) ?? 'null').toString(), text);
  }
});

test('all octets come back from Base32, and what it never writes is not read', () => {
  fc.assert(fc.property(fc.uint8Array(), (octets) => assert.equal(fromBase32(toBase32(octets)), octets)));
  for (const text of ['A', 'MZ', 'my', 'MY======', 'M1', 'MZX', ' MY']) assert.is(fromBase32(text), null, text);
});

test.run();
