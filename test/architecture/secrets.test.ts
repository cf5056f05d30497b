import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KIND_NAMES, secretsIn } from './secret-scan.ts';

/** No file of the repository holds a secret, a real address, or where it was written. */
const secrets = suite('secrets in the repository');

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const SIMULATED_WEBHOOK = 'the secret of a simulated webhook';
const ADDRESS_FORMS = 'forms that an address may have, and may not';

/** What only looks like a secret: the file, the kind, and what it is instead. */
const NO_SECRETS: readonly (readonly [file: string, kind: string, reason: string])[] = [
  ['Dockerfile', 'path of a machine', 'the home of root in the image'],
  ['contracts/http/auth.ts', 'JSON Web Token', 'examples of the documentation, signed by nobody'],
  ['contracts/http/auth.ts', 'random text as a secret', 'the same examples'],
  ['contracts/http/webhooks.ts', 'token of a known service', SIMULATED_WEBHOOK],
  ['contracts/http/webhooks.ts', 'random text as a secret', SIMULATED_WEBHOOK],
  ['core/auth/model.ts', 'e-mail address', ADDRESS_FORMS],
  ['scripts/image-check.mjs', 'path of a machine', 'the home of the user in the image'],
  ['scripts/image/base-images.mjs', 'path of a machine', 'the home of the user in the image'],
  ['test/contracts/account-store.contract.ts', 'random text as a secret', 'a hash of no password'],
  ['test/faults/journeys/account.ts', 'token of a known service', SIMULATED_WEBHOOK],
  ['test/faults/journeys/account.ts', 'random text as a secret', SIMULATED_WEBHOOK],
  ['test/faults/journeys/webhooks.ts', 'token of a known service', SIMULATED_WEBHOOK],
  ['test/faults/journeys/webhooks.ts', 'random text as a secret', SIMULATED_WEBHOOK],
  ['test/integration/filesystem/mail-outbox.test.ts', 'e-mail address', ADDRESS_FORMS],
  [
    'test/integration/node/webhook-signer.test.ts',
    'token of a known service',
    'the published test vector of Standard Webhooks',
  ],
  [
    'test/integration/node/webhook-signer.test.ts',
    'random text as a secret',
    'the published test vector of Standard Webhooks',
  ],
  ['test/unit/archive/archive-world.ts', 'token of a known service', SIMULATED_WEBHOOK],
  ['test/unit/archive/archive-world.ts', 'random text as a secret', SIMULATED_WEBHOOK],
  ['test/unit/auth/model.test.ts', 'e-mail address', ADDRESS_FORMS],
];

const NOT_OF_THE_REPOSITORY = /(^|\/)(node_modules|\.git|dist|coverage|\.data)(\/|$)/;

/** What is or would be committed; where the sources came without their history, every file. */
function repositoryFiles(): string[] {
  if (existsSync(join(root, '.git'))) {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    const paths = listed.toString('utf8').split('\0');
    return [...new Set(paths)].filter((path) => path !== '' && existsSync(join(root, path)));
  }
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !NOT_OF_THE_REPOSITORY.test(path));
}

secrets('no file holds a secret, an address of somebody, or a path of a machine', () => {
  const files = repositoryFiles();
  assert.ok(files.length > 1000 && files.includes('README.md'), String(files.length));
  const allowed = new Set(NO_SECRETS.map(([file, kind]) => `${file} ${kind}`));
  const seen = new Set<string>();
  const found: string[] = [];
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    // Latin-1 keeps every byte of what is no text, so that a key inside of it is found as well.
    for (const { kind, line, what } of secretsIn(bytes.toString(bytes.includes(0) ? 'latin1' : 'utf8'))) {
      if (allowed.has(`${file} ${kind}`)) seen.add(`${file} ${kind}`);
      else found.push(`${file}:${String(line)} ${kind}: ${what}`);
    }
  }
  assert.equal(found, []);
  assert.equal([...seen].sort(), [...allowed].sort(), 'an exception that nothing needs any more');
});

/** Without the dots in the middle, which keep this file from holding any. */
const PLANTED: Readonly<Record<string, readonly string[]>> = {
  'private key': [
    '-----BEGIN PRI·VATE KEY-----',
    '-----BEGIN EC PRI·VATE KEY-----',
    '-----BEGIN OPENSSH PRI·VATE KEY-----',
    `{"kty":"EC","d":"${'k7_Q'.repeat(11)}"}`,
    `{ kty: 'OKP', d: '${'k7_Q'.repeat(11)}' }`,
  ],
  'AWS key': [`AKIA${'Q7ZP'.repeat(4)}`, `key=ASIA${'Q7ZP'.repeat(4)}`],
  'JSON Web Token': [`eyJ${'hbGciOiJ'.repeat(2)}.eyJ${'zdWIiOiI'.repeat(2)}.${'c2ln'.repeat(6)}`],
  'bearer token': [`Authorization: Bearer ${'a1B2'.repeat(8)}`],
  'token of a known service': [`ghp_${'a1B2'.repeat(9)}`, `npm_${'a1B2'.repeat(9)}`, `sk_live_${'a1B2'.repeat(5)}`],
  'password in a URL': ['https:·//ada:hunter2@example.org/', 'redis:·//:s3same@cache:6379'],
  'random text as a secret': [
    "const api·Key = 'Zq8v1Lw0Xn5Tb3Ry7Km2'",
    'AWS_SEC·RET_ACC·ESS_KEY="wJ4lrXUtn0FEMIK7MDENGbPxRf1CYEXk"',
    '"pass·word": "u9!Vb3#Lq7$Zx1&Nt5*Wm"',
  ],
  'e-mail address': ['ada.lovelace@·gmail.com', '<ops@·mail.clinic.de>', 'ada@·example.org.evil.com'],
  'path of a machine': ['/ho·me/ada/clarity', 'file:///ro·ot/x', '"/wo·rk/tree"', '/Us·ers/ada'],
  registry: ['https://regis·try.npmjs.org/x', 'regis·try.internal.corp.net', 'artifac·tory.corp.net'],
};

secrets('every kind of secret is found where it is planted', () => {
  assert.equal(Object.keys(PLANTED).sort(), [...KIND_NAMES].sort());
  for (const [kind, texts] of Object.entries(PLANTED)) {
    for (const text of texts.map((dotted) => dotted.replaceAll('·', ''))) {
      const found = secretsIn(`first\nsecond ${text} third\n`);
      assert.ok(
        found.some((one) => one.kind === kind && one.line === 2),
        `${kind}: ${text}: ${JSON.stringify(found)}`,
      );
    }
  }
});

secrets('what is no secret is left alone', () => {
  for (const text of [
    "password: 'Correct-horse-7'",
    'token: `${header}.${payload}`',
    'ada@example.org, bob@mail.example.com, nobody@host.invalid, you@localhost',
    'npm@11.0.0 and pkg@1.2.3.tgz',
    'smtps://user:password@mail.example.org',
    'https://example.org:8000/a@b',
    "authorization: 'Bearer ' + token, Bearer realm",
    'GET /work, see docs/home/x and ~/root/x',
    "secretName = 'clarity-health-data-processing-queue'",
  ]) {
    assert.equal(secretsIn(text), [], text);
  }
});

secrets.run();
