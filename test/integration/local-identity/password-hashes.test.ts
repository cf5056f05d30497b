import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestArgon2, nativeArgon2, wasmArgon2 } from '../../../adapters/local-identity/argon2-engines.ts';
import type { Argon2Engine } from '../../../adapters/local-identity/argon2.ts';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { CHEAP_ARGON2 } from './local-installation.ts';

/**
 * From the tests of the reference implementation (P-H-C/phc-winner-argon2, src/test.c, version 0x13): with much
 * memory and little, two lanes, and another password.
 */
const REFERENCE = [
  {
    password: 'password',
    phc: '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  },
  { password: 'password', phc: '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4' },
  { password: 'password', phc: '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc' },
  {
    password: 'differentpassword',
    phc: '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94',
  },
];

/** RFC 7914 section 12, third and second vector, written as PHC strings; their first 32 octets. */
const RFC_7914 = [
  {
    password: 'pleaseletmein',
    phc: scryptPhc(
      'ln=14,r=8,p=1',
      'SodiumChloride',
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
    ),
  },
  {
    password: 'password',
    phc: scryptPhc('ln=10,r=8,p=16', 'NaCl', 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'),
  },
];

function scryptPhc(parameters: string, salt: string, hashHex: string): string {
  const base64 = (octets: Buffer) => octets.toString('base64').replaceAll('=', '');
  return `$scrypt$${parameters}$${base64(Buffer.from(salt))}$${base64(Buffer.from(hashHex, 'hex'))}`;
}

const cheap = (argon2?: Argon2Engine) => new PasswordHashes({ cost: CHEAP_ARGON2, ...(argon2 && { argon2 }) });
const wasm = wasmArgon2();

/** A choice in which the native library is not to be had. */
function withoutNative() {
  const passedOver: unknown[] = [];
  const argon2 = bestArgon2({
    preferred: () => Promise.reject(new Error('Cannot find package')),
    passedOver: (cause) => passedOver.push(cause),
  });
  return { argon2, passedOver };
}

test("the reference implementation's test vectors are matched by either engine, whatever cost new hashes are made at", async () => {
  for (const engine of [await nativeArgon2(), wasm]) {
    for (const { password, phc } of REFERENCE) {
      assert.is(valueOf(await cheap(engine).matches(password, phc)), true, phc);
      assert.is(valueOf(await cheap(engine).matches(`${password}!`, phc)), false, phc);
    }
  }
});

test('hashes that scrypt made are still matched', async () => {
  for (const { password, phc } of RFC_7914) {
    assert.is(valueOf(await cheap().matches(password, phc)), true);
    assert.is(valueOf(await cheap().matches(`${password}!`, phc)), false);
  }
});

test('native library and WebAssembly compute the same', async () => {
  const native = await nativeArgon2();
  const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
  const cost = fc.record({
    lanes: fc.integer({ min: 1, max: 3 }),
    memoryKiB: fc.integer({ min: 24, max: 70 }),
    passes: fc.integer({ min: 1, max: 3 }),
  });
  const task = fc.record({
    password: octets(1, 80),
    salt: octets(8, 48),
    octets: fc.integer({ min: 16, max: 64 }),
    cost,
  });
  await fc.assert(
    fc.asyncProperty(task, async (given) => {
      const [one, other] = await Promise.all([native(given), wasm(given)]);
      assert.is(one.length, given.octets);
      assert.equal([...one], [...other]);
    }),
    { numRuns: 25 },
  );
});

test('where the native library is missing, WebAssembly makes and checks the same hashes, and somebody is told once', async () => {
  const { argon2, passedOver } = withoutNative();
  const fallback = cheap(argon2);
  const hash = valueOf(await fallback.hash('Correct1horse'));
  assert.match(hash, /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.is(valueOf(await fallback.matches('Correct1horse', hash)), true);
  assert.is(valueOf(await cheap(await nativeArgon2()).matches('Correct1horse', hash)), true);
  assert.is(valueOf(await fallback.matches('Wrong1horse', hash)), false);
  assert.is(valueOf(await fallback.matches('', hash)), false);
  assert.is(valueOf(await fallback.matches('Correct1horse', null)), false);
  assert.is(passedOver.length, 1);
});

test('where it is there, nobody is told anything', async () => {
  const passedOver: unknown[] = [];
  const passwords = cheap(bestArgon2({ passedOver: (cause) => passedOver.push(cause) }));
  assert.ok((await passwords.hash('Correct1horse')).isOk());
  assert.equal(passedOver, []);
});

test('a hash that the engine cannot compute is a failure that may pass', async () => {
  const broken = cheap(() => Promise.reject(new Error('no memory')));
  for (const outcome of [await broken.hash('Correct1horse'), await broken.matches('Correct1horse', null)]) {
    assert.ok(outcome.isErr());
    assert.is(outcome.error.port, 'IdentityProvider');
    assert.is(outcome.error.retryable, true);
  }
});

test('a hash is a PHC string that says its cost and not the password', async () => {
  const hash = valueOf(await cheap().hash('Correct1horse'));
  assert.match(hash, /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.not.match(hash, /horse/);
});

test('without being told otherwise, a hash costs what OWASP recommends', async () => {
  const hash = valueOf(await new PasswordHashes().hash('Correct1horse'));
  assert.ok(hash.startsWith('$argon2id$v=19$m=19456,t=2,p=1$'), hash);
  assert.is(valueOf(await cheap().matches('Correct1horse', hash)), true);
});

test('the same password has another hash each time', async () => {
  const passwords = cheap();
  const first = valueOf(await passwords.hash('Correct1horse'));
  const second = valueOf(await passwords.hash('Correct1horse'));
  assert.is.not(first, second);
});

test('a password matches its hash, and another one does not', async () => {
  const passwords = cheap();
  const password = fc.string({ unit: 'grapheme', minLength: 1 });
  await fc.assert(
    fc.asyncProperty(password, fc.string({ unit: 'grapheme' }), async (one, other) => {
      fc.pre(one.normalize('NFC') !== other.normalize('NFC'));
      const hash = valueOf(await passwords.hash(one));
      assert.is(valueOf(await passwords.matches(one, hash)), true);
      assert.is(valueOf(await passwords.matches(other, hash)), false);
    }),
  );
});

test('a letter with its accent composed or apart is the same password', async () => {
  const passwords = cheap();
  const hash = valueOf(await passwords.hash('Caf\u00e9-1234'));
  assert.is(valueOf(await passwords.matches('Cafe\u0301-1234', hash)), true);
});

test('nothing matches where there is no account', async () => {
  for (const password of ['', 'Correct1horse']) {
    assert.is(valueOf(await cheap().matches(password, null)), false);
  }
});

test('a stored hash that cannot be read or afforded is a failure of the store, not a wrong password', async () => {
  const good = REFERENCE[0]?.phc ?? '';
  const scrypt = RFC_7914[0]?.phc ?? '';
  const damaged = [
    '',
    'Correct1horse',
    good.slice(0, -30),
    `${good}$`,
    good.replace('$argon2id$', '$argon2i$'),
    good.replace('$argon2id$', '$scrypt$'),
    good.replace('v=19', 'v=16'),
    good.replace('$v=19', ''),
    good.replace('c29tZXNhbHQ', 'c2FsdA'),
    // Would take gigabytes or minutes, or is no cost at all.
    good.replace('m=65536', 'm=262145'),
    good.replace('m=65536', 'm=4294967295'),
    good.replace('m=65536', 'm=7'),
    good.replace('m=65536,t=2,p=1$', 'm=15,t=2,p=2$'),
    good.replace('t=2', 't=0'),
    good.replace('t=2', 't=11'),
    good.replace('t=2', 't=4294967295'),
    good.replace('p=1$', 'p=0$'),
    good.replace('p=1$', 'p=17$'),
    scrypt.slice(0, -30),
    scrypt.replace('$scrypt$', '$argon2id$'),
    scrypt.replace('ln=14', 'ln=0'),
    // Would take 64 GiB, or hours.
    scrypt.replace('ln=14', 'ln=26'),
    scrypt.replace('r=8', 'r=99'),
    scrypt.replace('p=1$', 'p=99$'),
  ];
  for (const phc of damaged) {
    const error = errorOf(await cheap().matches('password', phc));
    assert.is(error.kind, 'port-unavailable', phc);
    assert.is(error.port, 'AccountStore');
    assert.is(error.retryable, false);
    assert.is(cheap().isOutdated(phc), true);
  }
});

test('a hash is outdated when it was made at another cost, or by scrypt', async () => {
  const hash = valueOf(await cheap().hash('Correct1horse'));
  assert.is(cheap().isOutdated(hash), false);
  assert.is(new PasswordHashes().isOutdated(hash), true);
  for (const change of [{ memoryKiB: 16 }, { passes: 2 }, { memoryKiB: 16, lanes: 2 }]) {
    assert.is(new PasswordHashes({ cost: { ...CHEAP_ARGON2, ...change } }).isOutdated(hash), true);
  }
  for (const { phc } of RFC_7914) assert.is(cheap().isOutdated(phc), true);
});

test('of a storm of passwords as many are checked as there is room for, the rest may come back later', async () => {
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2, concurrent: 2, maxWaiting: 3 });
  const storm = await Promise.all(Array.from({ length: 50 }, () => passwords.matches('Correct1horse', null)));
  const refused = storm.flatMap((outcome) => (outcome.isErr() ? [outcome.error] : []));
  assert.is(storm.length - refused.length, 5);
  assert.ok(refused.every((error) => error.port === 'IdentityProvider' && error.retryable));
  assert.ok((await passwords.matches('Correct1horse', null)).isOk());
});

test('a cost that no machine should be asked for is refused at the start', () => {
  const changes = [
    { memoryKiB: 7 },
    { memoryKiB: 15, lanes: 2 },
    { memoryKiB: 8.5 },
    { memoryKiB: 262_145 },
    { passes: 0 },
    { passes: 11 },
    { lanes: 0 },
    { lanes: 17 },
  ];
  for (const change of changes) {
    assert.throws(() => new PasswordHashes({ cost: { ...CHEAP_ARGON2, ...change } }), /out of range/);
  }
});

test.run();
