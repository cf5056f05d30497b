import { readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../adapters/node/clock.ts';
import { retireMasterKeys, rewrapDataKeys } from '../../../core/encryption/rotate-master-key.ts';
import type { Insight } from '../../../core/insights/model.ts';
import { insightId } from '../../../core/insights/model.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import type { Metric, MetricQuery } from '../../../core/health-data/model.ts';
import { webhookId } from '../../../core/webhooks/model.ts';
import { keysCommand } from '../../../hosts/cli/commands/keys.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { openStorage } from '../../../hosts/wiring/open-storage.ts';
import { embeddedStorage, keyFolder, type LocalStorage } from '../../../hosts/wiring/storage.ts';
import { openInstallation, printed, withFolder } from '../account/installations.ts';
import { ADA, BOB, bytes, textOf } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const test = suite('an installation that encrypts');

const NOW = Date.UTC(2025, 2, 10, 12);
/** In every text that is to be encrypted, and in nothing else. */
const CANARY = 'canary-5f3a9c';
const EMAIL = `ada.${CANARY}@example.org`;
const UPLOAD = processingId('11111111-1111-4111-8111-111111111111');
const ALL: MetricQuery = {
  types: null,
  fromMs: null,
  toMs: null,
  uploadSource: null,
  limit: 10,
  offset: 0,
  after: null,
};

const ACCOUNT = {
  userId: ADA,
  email: EMAIL.toUpperCase(),
  emailKey: EMAIL,
  emailVerified: true,
  displayName: `Ada ${CANARY}`,
  passwordHash: 'none',
  createdAtMs: NOW,
  roles: ['patient'] as const,
  disabled: false,
};
const WEBHOOK = {
  owner: ADA,
  webhookId: webhookId('wh_1'),
  url: `https://${CANARY}.example.org/`,
  eventTypes: null,
  description: `my ${CANARY}`,
  enabled: true,
  secret: `whsec_${Buffer.from(CANARY).toString('base64')}`,
  createdAtMs: NOW,
};
const METRIC: Metric = {
  metricId: 'm-1',
  metricType: 'mood_assessment',
  processingId: UPLOAD,
  uploadSource: 'app',
  createdAtMs: NOW,
  deviceId: null,
  biometric_data: null,
  sleep_data: null,
  activity_data: null,
  mental_health_data: { mood_score: 'good', notes: `I feel ${CANARY}` },
  rawData: { said: CANARY },
  metadata: { tags: [CANARY] },
  fingerprint: 'of m-1',
};
const INSIGHT: Insight = {
  owner: ADA,
  insightId: insightId('insight_1'),
  upload: null,
  insightType: 'comprehensive',
  generatedAtMs: NOW,
  generator: 'rules',
  narrative: `You are ${CANARY}.`,
  keyInsights: [CANARY],
  recommendations: [`Less ${CANARY}`],
  confidenceScore: null,
  factsUsed: [],
  notComputed: [],
};
const CODE = {
  user: ADA,
  purpose: 'confirm' as const,
  address: EMAIL,
  salt: '00',
  hash: '00',
  expiresAtMs: NOW * 2,
  used: false,
};
const RAW = `{"note":"${CANARY}"}`.padEnd(100_000, ' ');
const LOCK = { mostFailures: 3, lockMs: 60_000 };
const SECOND_FACTOR = { factorId: 'f-1', secret: `SECRET${CANARY}` };

async function fill({ people, webhooks, metrics, insights, objects }: LocalStorage): Promise<void> {
  valueOf(await people.accounts.insert(ACCOUNT));
  valueOf(await people.codes.issue(CODE, NOW, { pauseMs: 0, windowMs: 1, mostInWindow: 9 }));
  valueOf(await people.attempts.recordFailure(EMAIL, NOW, LOCK));
  valueOf(await people.secondFactors.begin(ADA, SECOND_FACTOR));
  valueOf(await webhooks.put(WEBHOOK));
  valueOf(await metrics.append(ADA, [METRIC]));
  valueOf(await insights.insert(INSIGHT));
  valueOf(await objects.put(ADA, 'uploads/a.json', bytes(RAW), RAW.length));
}

async function assertFilled({ people, webhooks, metrics, insights, objects }: LocalStorage): Promise<void> {
  assert.equal(valueOf(await people.accounts.byEmailKey(EMAIL)), ACCOUNT);
  assert.equal(valueOf(await people.accounts.byId(ADA)), ACCOUNT);
  assert.equal(valueOf(await people.codes.countTry(ADA, 'confirm', 99)), CODE);
  assert.is(valueOf(await people.secondFactors.find(ADA))?.secret, SECOND_FACTOR.secret);
  assert.equal(valueOf(await webhooks.list(ADA)), [WEBHOOK]);
  assert.equal(valueOf(await metrics.list(ADA, ALL)).metrics, [METRIC]);
  assert.equal(valueOf(await insights.get(ADA, INSIGHT.insightId)), INSIGHT);
  assert.is(await textOf(objects.open(ADA, 'uploads/a.json')), RAW);
}

/** The files below the folder in which the text, or its base64, is to be found. */
async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const forms = [text, text.toUpperCase(), Buffer.from(text).toString('base64').slice(0, 16)];
  const found: string[] = [];
  for (const { parentPath, name } of entries) {
    const content = await readFile(path.join(parentPath, name));
    if (forms.some((form) => content.includes(form))) found.push(name);
  }
  return found;
}

/** The same installation as an older version had it, in plain form. */
const openPlain = async (folder: string): Promise<LocalStorage> =>
  valueOf(await embeddedStorage(folder, systemClock.now(), { smtpUrl: null, from: 'no-reply@localhost' }, {}));

test('nothing that identifies a person, that they wrote or sent lies in the data folder, and all of it is read', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    assert.is(
      valueOf(await storage.people.attempts.lockedUntil(EMAIL, NOW, { ...LOCK, mostFailures: 1 })),
      NOW + 60_000,
    );
    await assertFilled(storage);
    assert.equal(await filesWith(folder, CANARY), [], 'while it is open');
    await storage.close();
    assert.equal(await filesWith(folder, CANARY), []);
    const reopened = await openInstallation(folder);
    await assertFilled(reopened);
    await reopened.close();
  });
});

test('the scan finds what is in plain form', async () => {
  await withFolder(async (folder) => {
    const storage = await openPlain(folder);
    await fill(storage);
    await storage.close();
    assert.ok((await filesWith(folder, CANARY)).length >= 2);
  });
});

test('what an older version stored is read, and is encrypted when it next changes', async () => {
  await withFolder(async (folder) => {
    const plain = await openPlain(folder);
    await fill(plain);
    await plain.close();
    const storage = await openInstallation(folder);
    await assertFilled(storage);
    const { accounts } = storage.people;
    const eve = { ...ACCOUNT, userId: BOB };
    assert.equal(errorOf(await accounts.insert(eve)), { kind: 'email-taken' });
    valueOf(await accounts.insert({ ...eve, emailKey: 'bob@example.org' }));
    assert.equal(errorOf(await accounts.update(eve)), { kind: 'email-taken' });
    valueOf(await accounts.update({ ...ACCOUNT, displayName: 'new' }));
    valueOf(await storage.webhooks.change(ADA, WEBHOOK.webhookId, { url: WEBHOOK.url }));
    assert.equal(valueOf(await accounts.byEmailKey(EMAIL)), { ...ACCOUNT, displayName: 'new' });
    assert.equal(valueOf(await storage.webhooks.list(ADA)), [WEBHOOK]);
    await storage.close();
    const seen = await openPlain(folder);
    const [webhook] = valueOf(await seen.webhooks.list(ADA));
    assert.not.match(webhook?.url ?? '', CANARY);
    const account = valueOf(await seen.people.accounts.byId(ADA));
    assert.not.match(JSON.stringify(account), new RegExp(CANARY, 'i'));
    await seen.close();
  });
});

test('an index of an address that somebody saw finds nobody', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    await storage.close();
    const plain = await openPlain(folder);
    const index = valueOf(await plain.people.accounts.byId(ADA))?.emailKey ?? '';
    assert.match(index, /^[0-9a-f]{64}$/);
    await plain.close();
    const reopened = await openInstallation(folder);
    assert.is(valueOf(await reopened.people.accounts.byEmailKey(index)), null);
    await reopened.close();
  });
});

test('copies of what was kept of a person open no more once the key is erased', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    valueOf(await storage.dataKeys.eraseOwner(ADA));
    const kept = [
      await storage.people.accounts.byId(ADA),
      await storage.people.codes.countTry(ADA, 'confirm', 99),
      await storage.people.secondFactors.find(ADA),
      await storage.webhooks.list(ADA),
      await storage.metrics.list(ADA, ALL),
      await storage.insights.get(ADA, INSIGHT.insightId),
      await storage.objects.open(ADA, 'uploads/a.json'),
    ];
    for (const read of kept) {
      const error = read.isErr() ? read.error : null;
      assert.equal(
        [error?.kind, error?.kind === 'port-unavailable' && [error.cause, error.retryable]],
        ['port-unavailable', ['the key of these data was erased', false]],
      );
    }
    await storage.close();
  });
});

test('the master key changes while others read and write, and the old one is not needed afterwards', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    const other = await openInstallation(folder);
    const reading = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        await assertFilled(other);
        valueOf(await other.people.accounts.insert({ ...ACCOUNT, userId: BOB, emailKey: `bob${round}@example.org` }));
        valueOf(await other.people.accounts.erase(BOB));
        valueOf(await other.dataKeys.eraseOwner(BOB));
      }
    };
    const { masterKey, dataKeys } = storage;
    const rotating = async (): Promise<void> => {
      for (let version = 2; version <= 4; version++) {
        assert.is(valueOf(await masterKey!.versions!.addVersion()).version, version);
        const { rewrapped } = valueOf(await rewrapDataKeys({ dataKeys, wrapper: masterKey!.wrapper }));
        assert.ok(rewrapped >= 1);
      }
    };
    await Promise.all([reading(), rotating()]);
    valueOf(await rewrapDataKeys({ dataKeys, wrapper: masterKey!.wrapper }));
    for (const opened of [storage, other]) await opened.close();
    for (const version of [1, 2, 3]) {
      await rename(path.join(keyFolder(folder), `master-key-${version}.json`), path.join(folder, `lost-${version}`));
    }
    const reopened = await openInstallation(folder);
    await assertFilled(reopened);
    assert.equal(
      new Set(valueOf(await reopened.dataKeys.list(null, 100)).map(({ wrapping }) => wrapping.masterVersion)),
      new Set(['local-4']),
    );
    await reopened.close();
  });
});

test('a version of the master key that something is wrapped by is not retired', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    const { masterKey, dataKeys } = storage;
    const versions = masterKey!.versions!;
    valueOf(await versions.addVersion());
    assert.equal(valueOf(await retireMasterKeys(dataKeys, versions)), { removed: [], stillInUse: [1] });
    await assertFilled(storage);
    valueOf(await rewrapDataKeys({ dataKeys, wrapper: masterKey!.wrapper }));
    assert.equal(valueOf(await retireMasterKeys(dataKeys, versions)), { removed: [1], stillInUse: [] });
    await storage.close();
    const reopened = await openInstallation(folder);
    await assertFilled(reopened);
    await reopened.close();
  });
});

test('an installation whose master key is lost does not start, and makes no other one', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    await storage.close();
    const key = path.join(keyFolder(folder), 'master-key-1.json');
    await rename(key, path.join(folder, 'elsewhere'));
    const config = valueOf(readConfig({ STORAGE: 'embedded', DATA_DIR: folder }));
    const error = errorOf(await openStorage(config));
    assert.is(error.kind === 'port-unavailable' && error.cause, 'the master key is missing; restore it from a backup');
    await rename(path.join(folder, 'elsewhere'), key);
    const again = await openInstallation(folder);
    await assertFilled(again);
    await again.close();
  });
});

test('clarity keys tells of the keys, and changes the master key', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await fill(storage);
    await storage.close();
    const said = printed();
    const run = (...args: string[]): Promise<number> => keysCommand([...args, '--data-dir', folder], said.output);
    assert.is(await run('status'), 0);
    assert.is(await run('rotate', '--master'), 0);
    assert.is(await run('status'), 0);
    const ofData = said
      .out()
      .split('\n')
      .filter((line) => !line.startsWith('signing key'));
    assert.equal(ofData, [
      'local-1: 2 data keys',
      'the master key has version 2',
      '2 data keys were wrapped anew, 0 stayed as they were',
      'local-2: 2 data keys',
    ]);
    assert.is(await run('retire', '--master'), 0);
    assert.is(await run('retire', '--master'), 0);
    assert.equal(said.out().split('\n').slice(-2), ['removed: version 1', 'no version was removed']);
    for (const wrong of [['rotate'], ['retire'], ['status', '--master'], ['revolve'], []])
      assert.is(await run(...wrong), 2);
    assert.is(await keysCommand(['status', '--data-dir', path.join(folder, 'no')], said.output), 1);
    const reopened = await openInstallation(folder);
    await assertFilled(reopened);
    await reopened.close();
  });
});

test.run();
