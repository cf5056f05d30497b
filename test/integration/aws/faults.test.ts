import { randomUUID } from 'node:crypto';
import type { ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { DynamoAnalysisStore } from '../../../adapters/aws/dynamodb/analysis-store.ts';
import { DynamoTable } from '../../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoIdempotencyStore } from '../../../adapters/aws/dynamodb/idempotency-store.ts';
import { DynamoMetricStore } from '../../../adapters/aws/dynamodb/metric-store.ts';
import { DynamoSampleStore } from '../../../adapters/aws/dynamodb/sample-store.ts';
import { DynamoUploadStore } from '../../../adapters/aws/dynamodb/upload-store.ts';
import { S3ObjectStore } from '../../../adapters/aws/s3/object-store.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { analyzeReadings } from '../../../core/analysis/analyze-readings.ts';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import type { Metric, Upload } from '../../../core/health-data/model.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, userId, type UserId } from '../../../core/kernel/ids.ts';
import { makeBucket, type BucketUnderTest } from '../../emulators/buckets.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { startFaultyProxy, WIRE_FAULT_CELLS, type FaultyService } from '../../emulators/faulty-proxy.ts';
import { makeTable, type TableUnderTest } from '../../emulators/tables.ts';
import { UTC } from '../../unit/analysis/recordings.ts';
import { bytes, memoryWorld, NOW_MS } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { columnsOf, minutesFrom, WATCH } from '../../unit/sample-columns.ts';

/**
 * Every write of every AWS adapter over a wire that fails: one request or all of them, before or after the service got
 * them. With one fault the write succeeds or can be called again; with all it says so; called again, there is one effect.
 */
const faults = suite('AWS adapters over a failing wire');

const FIRST = processingId('11111111-1111-4111-8111-111111111111');
const SECOND = processingId('22222222-2222-4222-8222-222222222222');
const MOST_TRIES = 3;
/** Of one try, where the wire is silent. What an emulator does not answer by then is one silence more, and as good. */
const SHORT_TRY_MS = 500;
const FOREVER = { ttlDays: null, clock: { now: () => NOW_MS } };
/** So many cells share the emulators' processor at a time. */
const CELLS_AT_ONCE = 8;

/** Everywhere else the wire decides what fails, and the time that a loaded machine takes does not. */
const PATIENT_TRY_MS = 60_000;

let table: TableUnderTest;
let bucket: BucketUnderTest;
let analysed: AnalysisRecord;

type Outcome = ResultAsync<unknown, PortUnavailable | { readonly kind: string }>;

/** An adapter, and its writes. */
interface Writes<Store> {
  readonly service: FaultyService;
  /** The adapter over the service at this address, with so much time for a try. */
  readonly open: (endpointUrl: string, tryMs: number) => { readonly store: Store; readonly close: () => void };
  /** What is there before. */
  readonly prepare: (store: Store, owner: UserId) => Promise<void>;
  /** Everything that is there of the owner, in a form that can be compared. */
  readonly read: (store: Store, owner: UserId) => Promise<unknown>;
  readonly methods: Readonly<Record<string, (store: Store, owner: UserId) => Outcome>>;
  /** Answers to a call whose effect took place before: it is done. */
  readonly doneAlready?: readonly string[];
}

const callerWith = (tryMs: number): AwsCaller =>
  new AwsCaller({ mostTries: MOST_TRIES, tryMs, deadlineMs: MOST_TRIES * tryMs, wait: () => Promise.resolve() });

const overTable =
  <Store>(make: (opened: DynamoTable) => Store): Writes<Store>['open'] =>
  (endpointUrl, tryMs) => {
    const opened = new DynamoTable(settingsFor({ dynamodb: endpointUrl }), table.name, callerWith(tryMs));
    return { store: make(opened), close: () => opened.close() };
  };

const heartRates = (from: number, count: number) =>
  columnsOf(
    'heart_rate',
    // An hour apart, so that a call writes several chunks.
    Array.from({ length: count }, (_, i) => minutesFrom(NOW_MS)((from + i) * 60, (from + i) * 60 + 1, 60 + i, WATCH)),
  );

const SPAN = { fromMs: 0, toMs: 2 * NOW_MS };

const sampleWrites: Writes<DynamoSampleStore> = {
  service: 'dynamodb',
  open: overTable((opened) => new DynamoSampleStore(opened, FOREVER)),
  prepare: async (store, owner) => {
    valueOf(await store.append(owner, FIRST, [heartRates(0, 30)]));
    valueOf(await store.append(owner, SECOND, [heartRates(20, 30)]));
  },
  read: async (store, owner) => ({
    days: valueOf(await store.daysWithData(owner, ['heart_rate'])),
    samples: valueOf(await store.read(owner, ['heart_rate'], SPAN)).map(({ startMs, value }) => [
      [...startMs],
      [...value],
    ]),
    // Which upload a sample belongs to shows in what goes with it.
    ofSecond: valueOf(await store.deleteUpload(owner, SECOND)),
    left: valueOf(await store.read(owner, ['heart_rate'], SPAN)).map(({ startMs }) => startMs.length),
  }),
  methods: {
    append: (store, owner) => store.append(owner, SECOND, [heartRates(40, 30)]),
    deleteUpload: (store, owner) => store.deleteUpload(owner, FIRST),
    eraseOwner: (store, owner) => store.eraseOwner(owner),
  },
};

const metric = (index: number, upload = FIRST): Metric => ({
  metricId: `metric-${index}`,
  metricType: 'heart_rate',
  processingId: upload,
  uploadSource: 'apple_health',
  createdAtMs: NOW_MS + index * 3_600_000,
  deviceId: null,
  rawData: null,
  metadata: null,
  biometric_data: { heart_rate: 60 + index },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  fingerprint: `fingerprint-${index}`,
});

const metricsFrom = (from: number, count: number, upload = FIRST): readonly Metric[] =>
  Array.from({ length: count }, (_, i) => metric(from + i, upload));

const EVERYTHING = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: 1000, offset: 0, after: null };

const metricWrites: Writes<DynamoMetricStore> = {
  service: 'dynamodb',
  open: overTable((opened) => new DynamoMetricStore(opened, FOREVER, nodeDigest)),
  prepare: async (store, owner) => {
    valueOf(await store.append(owner, metricsFrom(0, 10)));
    valueOf(await store.append(owner, metricsFrom(20, 10, SECOND)));
  },
  read: async (store, owner) => valueOf(await store.list(owner, EVERYTHING)),
  methods: {
    append: (store, owner) => store.append(owner, metricsFrom(5, 30)),
    deleteUpload: (store, owner) => store.deleteUpload(owner, FIRST),
    eraseOwner: (store, owner) => store.eraseOwner(owner),
  },
};

/** Ids of uploads are unique over all owners. */
const uploadOf = (owner: UserId, name: string, atMs = NOW_MS): Upload =>
  newUpload({
    owner,
    processingId: processingId(`${owner}-${name}`),
    kind: 'health-data',
    uploadSource: 'apple_health',
    timezone: null,
    syncToken: null,
    nowMs: atMs,
  });
const uploadId = (owner: UserId, name: string) => uploadOf(owner, name).processingId;

const uploadWrites: Writes<DynamoUploadStore> = {
  service: 'dynamodb',
  open: overTable((opened) => new DynamoUploadStore(opened, FOREVER)),
  prepare: async (store, owner) => {
    for (const name of ['first', 'second']) valueOf(await store.insert(uploadOf(owner, name)));
  },
  read: async (store, owner) => valueOf(await store.list(owner, 100)),
  methods: {
    insert: (store, owner) => store.insert(uploadOf(owner, 'third', NOW_MS + 1)),
    change: (store, owner) =>
      store.change(owner, uploadId(owner, 'first'), { status: 'completed', progress: 1 }, NOW_MS + 5),
    'change for a state': (store, owner) =>
      store.change(owner, uploadId(owner, 'first'), { status: 'failed' }, NOW_MS + 5, { status: ['received'] }),
    delete: (store, owner) => store.delete(owner, uploadId(owner, 'first')),
    eraseOwner: (store, owner) => store.eraseOwner(owner),
  },
  doneAlready: ['not-found'],
};

const recordOf = (owner: UserId, name: string, upload = FIRST): AnalysisRecord => ({
  ...analysed,
  owner,
  upload,
  analysisId: name as AnalysisRecord['analysisId'],
});

const analysisWrites: Writes<DynamoAnalysisStore> = {
  service: 'dynamodb',
  open: overTable((opened) => new DynamoAnalysisStore(opened)),
  prepare: async (store, owner) => {
    valueOf(await store.replaceForUpload(owner, FIRST, [recordOf(owner, 'old')]));
    valueOf(await store.replaceForUpload(owner, SECOND, [recordOf(owner, 'other', SECOND)]));
  },
  read: async (store, owner) =>
    Promise.all(
      [FIRST, SECOND].map(async (upload) =>
        valueOf(await store.listForUpload(owner, upload)).map(({ analysisId, document }) => [analysisId, document]),
      ),
    ),
  methods: {
    replaceForUpload: (store, owner) =>
      store.replaceForUpload(owner, FIRST, [recordOf(owner, 'new'), { ...recordOf(owner, 'week'), scope: 'week' }]),
    deleteUpload: (store, owner) => store.deleteUpload(owner, FIRST),
    eraseOwner: (store, owner) => store.eraseOwner(owner),
  },
};

const callOf = (owner: UserId, key: string) => ({ owner, operation: 'uploadHealthData', key });
const attemptOf = (token: string, nowMs = NOW_MS) => ({
  fingerprint: 'asked',
  token,
  nowMs,
  heldUntilMs: nowMs + 60_000,
  forgetAtMs: nowMs + 86_400_000,
});
const ANSWER = { fingerprint: 'asked', reply: { status: 201, mediaType: 'text/plain', headers: {}, body: 'made' } };

const callWrites: Writes<DynamoIdempotencyStore> = {
  service: 'dynamodb',
  open: overTable((opened) => new DynamoIdempotencyStore(opened)),
  prepare: async (store, owner) => {
    for (const key of ['first', 'second']) valueOf(await store.begin(callOf(owner, key), attemptOf('a token')));
    valueOf(await store.answer(callOf(owner, 'second'), 'a token', ANSWER));
  },
  read: async (store, owner) => {
    const told: unknown[] = [];
    for (const key of ['first', 'second', 'third']) {
      told.push(valueOf(await store.begin(callOf(owner, key), attemptOf('reader', NOW_MS + 1))));
    }
    return told;
  },
  methods: {
    begin: (store, owner) => store.begin(callOf(owner, 'third'), attemptOf('a token')),
    extend: (store, owner) => store.extend(callOf(owner, 'first'), 'a token', NOW_MS + 90_000),
    answer: (store, owner) => store.answer(callOf(owner, 'first'), 'a token', ANSWER),
    release: (store, owner) => store.release(callOf(owner, 'first'), 'a token'),
    eraseOwner: (store, owner) => store.eraseOwner(owner),
  },
};

const keyOf = (owner: UserId, name: string): string => `uploads/2025/03/03/${owner}/${name}.json`;
const contentOf = async (store: S3ObjectStore, owner: UserId, key: string): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const part of valueOf(await store.open(owner, key)).stream()) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};
const putText = (store: S3ObjectStore, owner: UserId, name: string, text: string) =>
  store.put(owner, keyOf(owner, name), bytes(text), 1000);

const objectWrites: Writes<S3ObjectStore> = {
  service: 's3',
  open: (endpointUrl, tryMs) => {
    const opened = table.another();
    const settings = settingsFor({ s3: endpointUrl });
    const store = new S3ObjectStore({
      settings,
      bucket: bucket.name,
      kmsKeyId: null,
      table: opened,
      caller: callerWith(tryMs),
      partMs: tryMs,
    });
    return { store, close: () => store.close() };
  },
  prepare: async (store, owner) => {
    for (const name of ['first', 'second']) valueOf(await putText(store, owner, name, `old ${name}`));
  },
  read: async (store, owner) => {
    const keys = valueOf(await store.list(owner));
    const contents = await Promise.all(keys.map((key) => contentOf(store, owner, key)));
    // What a write left that could not even clean up lies in the bucket still, and goes with its owner.
    valueOf(await store.eraseOwner(owner));
    const left = (await bucket.keys()).filter((key) => key.includes(owner));
    return { keys, contents, left };
  },
  methods: {
    'put of a new object': (store, owner) => putText(store, owner, 'third', 'new third'),
    'put over an object': (store, owner) => putText(store, owner, 'first', 'new first'),
    delete: (store, owner) => store.delete(owner, keyOf(owner, 'first')),
    eraseOwner: (store, owner) => store.eraseOwner(owner),
  },
};

const targetOf = (service: FaultyService): string =>
  service === 's3' ? bucket.endpointUrl : (table.settings.endpointUrls.dynamodb ?? '');

/** What there is in the end where nothing fails, without the owner's name. */
async function unfaulted<Store>(writes: Writes<Store>, method: string): Promise<string> {
  const owner = userId(randomUUID());
  const { store, close } = writes.open(targetOf(writes.service), PATIENT_TRY_MS);
  try {
    await writes.prepare(store, owner);
    valueOf(await (writes.methods[method] as Writes<Store>['methods'][string])(store, owner));
    return await stateOf(writes, owner);
  } finally {
    close();
  }
}

async function stateOf<Store>(writes: Writes<Store>, owner: UserId): Promise<string> {
  const fresh = writes.open(targetOf(writes.service), PATIENT_TRY_MS);
  try {
    return JSON.stringify(await writes.read(fresh.store, owner)).replaceAll(owner, 'OWNER');
  } finally {
    fresh.close();
  }
}

async function runCell<Store>(
  writes: Writes<Store>,
  method: string,
  { fault, reach }: (typeof WIRE_FAULT_CELLS)[number],
  expected: string,
): Promise<void> {
  const owner = userId(randomUUID());
  const proxy = await startFaultyProxy(targetOf(writes.service), writes.service);
  const patient = writes.open(proxy.endpointUrl, PATIENT_TRY_MS);
  // A process that has met silence goes on with what it remembers, or another one takes over.
  const silent = fault.kind === 'no-answer' ? writes.open(proxy.endpointUrl, SHORT_TRY_MS) : patient;
  const call = ({ store }: typeof patient): Outcome =>
    (writes.methods[method] as Writes<Store>['methods'][string])(store, owner);
  const isDone = (kind: string): boolean => (writes.doneAlready ?? []).includes(kind);
  try {
    await writes.prepare(patient.store, owner);
    proxy.arm(fault, reach);
    const first = await call(silent);
    const struck = proxy.struck();
    proxy.arm(null, 'first');
    assert.ok(struck > 0, 'the fault did not strike');
    if (first.isErr() && !(fault.moment === 'after' && isDone(first.error.kind))) {
      assert.is(first.error.kind, 'port-unavailable');
      assert.is((first.error as PortUnavailable).retryable, true, JSON.stringify(first.error));
    }
    if (reach === 'all' && fault.moment === 'before') assert.ok(first.isErr(), 'nothing could have been done');
    if (first.isErr()) {
      const again = await call(patient);
      assert.ok(again.isOk() || isDone(again.error.kind), JSON.stringify(again));
    }
    assert.is(await stateOf(writes, owner), expected);
  } finally {
    patient.close();
    silent.close();
    await proxy.close();
  }
}

async function failuresOf<Store>(writes: Writes<Store>, method: string): Promise<readonly string[]> {
  const expected = await unfaulted(writes, method);
  const failures: string[] = [];
  const waiting = [...WIRE_FAULT_CELLS];
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      try {
        await runCell(writes, method, cell, expected);
      } catch (cause) {
        const { message, details } = cause as { readonly message: string; readonly details?: string | false };
        const { kind, moment } = cell.fault;
        failures.push(`${kind} ${moment}, ${cell.reach}: ${message} ${String(details ?? '').replaceAll(/\s+/g, ' ')}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CELLS_AT_ONCE }, work));
  return failures;
}

faults.before(async () => {
  table = await makeTable();
  bucket = await makeBucket();
  analysed = valueOf(
    await analyzeReadings(memoryWorld())({
      owner: userId('anybody'),
      signal: 'steps',
      timestampsMs: Float64Array.from({ length: 1440 }, (_, i) => NOW_MS - (1440 - i) * 60_000),
      readings: Float64Array.from({ length: 1440 }, (_, i) => i % 50),
      zone: UTC,
      nonWear: 'none',
      encodedDays: null,
      raw: new Uint8Array(),
    }),
  );
});

faults.after(async () => {
  await bucket.close();
  await table.close();
});

function suiteOf<Store>(name: string, writes: Writes<Store>): void {
  for (const method of Object.keys(writes.methods)) {
    faults(`${name}, ${method}: one effect in the end under each of ${WIRE_FAULT_CELLS.length} faults`, async () => {
      assert.equal(await failuresOf(writes, method), []);
    });
  }
}

suiteOf('DynamoSampleStore', sampleWrites);
suiteOf('DynamoMetricStore', metricWrites);
suiteOf('DynamoUploadStore', uploadWrites);
suiteOf('DynamoAnalysisStore', analysisWrites);
suiteOf('DynamoIdempotencyStore', callWrites);
suiteOf('S3ObjectStore', objectWrites);

faults.run();
