import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { ScryptPasswords } from '../../../adapters/local-identity/scrypt-passwords.ts';
import { CHEAP_SCRYPT } from './local-installation.ts';

/** RFC 7914 section 12, third and second vector, written as PHC strings; their first 32 octets. */
const RFC_7914 = [
  {
    password: 'pleaseletmein',
    phc: phc('ln=14,r=8,p=1', 'SodiumChloride', '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2'),
  },
  {
    password: 'password',
    phc: phc('ln=10,r=8,p=16', 'NaCl', 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'),
  },
];

function phc(parameters: string, salt: string, hashHex: string): string {
  const base64 = (octets: Buffer) => octets.toString('base64').replaceAll('=', '');
  return `$scrypt$${parameters}$${base64(Buffer.from(salt))}$${base64(Buffer.from(hashHex, 'hex'))}`;
}

const cheap = () => new ScryptPasswords({ cost: CHEAP_SCRYPT });

test("the RFC's test vectors are matched, whatever cost new hashes are made at", async () => {
  for (const vector of RFC_7914) {
    assert.is(valueOf(await cheap().matches(vector.password, vector.phc)), true);
    assert.is(valueOf(await cheap().matches(`${vector.password}!`, vector.phc)), false);
  }
});

test('a hash is a PHC string that says its cost and not the password', async () => {
  const hash = valueOf(await cheap().hash('Correct1horse'));
  assert.match(hash, /^\$scrypt\$ln=2,r=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.not.match(hash, /horse/);
});

test('without being told otherwise, a hash costs what OWASP recommends', async () => {
  const hash = valueOf(await new ScryptPasswords().hash('Correct1horse'));
  assert.ok(hash.startsWith('$scrypt$ln=15,r=8,p=3$'), hash);
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
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), async (one, other) => {
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

test('a stored hash that cannot be read is a failure of the store, not a wrong password', async () => {
  const [{ phc: good } = { phc: '' }] = RFC_7914;
  const damaged = [
    '',
    'Correct1horse',
    good.slice(0, -30),
    good.replace('$scrypt$', '$argon2id$'),
    good.replace('ln=14', 'ln=0'),
    // Would take 64 GiB, or hours.
    good.replace('ln=14', 'ln=26'),
    good.replace('r=8', 'r=99'),
    good.replace('p=1$', 'p=99$'),
  ];
  for (const phc of damaged) {
    const error = errorOf(await cheap().matches('pleaseletmein', phc));
    assert.is(error.kind, 'port-unavailable', phc);
    assert.is(error.port, 'AccountStore');
    assert.is(error.retryable, false);
  }
});

test('a hash is outdated when it was made at another cost', async () => {
  const hash = valueOf(await cheap().hash('Correct1horse'));
  assert.is(cheap().isOutdated(hash), false);
  assert.is(new ScryptPasswords().isOutdated(hash), true);
  for (const change of [{ log2N: 3 }, { blockSize: 2 }, { parallelization: 2 }]) {
    assert.is(new ScryptPasswords({ cost: { ...CHEAP_SCRYPT, ...change } }).isOutdated(hash), true);
  }
});

test('of a storm of passwords as many are checked as there is room for, the rest may come back later', async () => {
  const passwords = new ScryptPasswords({ cost: CHEAP_SCRYPT, concurrent: 2, maxWaiting: 3 });
  const storm = await Promise.all(Array.from({ length: 50 }, () => passwords.matches('Correct1horse', null)));
  const refused = storm.flatMap((outcome) => (outcome.isErr() ? [outcome.error] : []));
  assert.is(storm.length - refused.length, 5);
  assert.ok(refused.every((error) => error.port === 'IdentityProvider' && error.retryable));
  assert.ok((await passwords.matches('Correct1horse', null)).isOk());
});

test('a cost that no machine should be asked for is refused at the start', () => {
  for (const change of [{ log2N: 0 }, { log2N: 18 }, { log2N: 14.5 }, { blockSize: 0 }, { parallelization: 17 }]) {
    assert.throws(() => new ScryptPasswords({ cost: { ...CHEAP_SCRYPT, ...change } }), /out of range/);
  }
});

test.run();
