import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { DynamoTable } from '../../adapters/aws/dynamodb/dynamo-table.ts';
import { DynamoUploadStore } from '../../adapters/aws/dynamodb/upload-store.ts';
import { FileModelRepository } from '../../adapters/filesystem/model-repository.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { openLog } from '../../hosts/wiring/log/open-log.ts';
import { workModules, type GraphInput } from '../../hosts/wiring/modules.ts';
import { FAILURES_TO_OPEN } from '../../hosts/wiring/narrator-breaker.ts';
import { newCounting } from '../../hosts/wiring/observe/counting.ts';
import { factLines } from '../../hosts/wiring/observe/facts.ts';
import { observedInput } from '../../hosts/wiring/observe/observed-input.ts';
import { memoryStorage, type Storage } from '../../hosts/wiring/storage.ts';
import { TOKENS } from '../../hosts/wiring/tokens.ts';
import { resolver } from '../../hosts/wiring/typed-container.ts';
import { WATCHED_FACTS, type WatchedFact } from '../../hosts/wiring/watched-facts.ts';
import { settingsFor, useTestCredentials } from '../emulators/emulators.ts';
import { installWeights } from '../fixtures/pat/installed-models.ts';
import { seededWeights } from '../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { EMAIL, PASSWORD, startObserved, type ObservedService } from './observed-service.ts';

const facts = suite('what an operator is woken for');

/** The facts that lines of a log tell CloudWatch of; every line that has to do with metrics must be exactly one of these. */
function told(logged: readonly string[]): readonly WatchedFact[] {
  return logged
    .filter((line) => /_aws|CloudWatch/.test(line))
    .map((line) => {
      const { time, ...rest } = JSON.parse(line);
      const names = Object.entries(WATCHED_FACTS);
      const [fact, name] = names.find(([, known]) => known in rest) ?? ['', ''];
      assert.equal(rest, {
        level: 40,
        _aws: {
          Timestamp: rest._aws.Timestamp,
          CloudWatchMetrics: [{ Namespace: 'Clarity', Dimensions: [[]], Metrics: [{ Name: name, Unit: 'Count' }] }],
        },
        [name]: 1,
        msg: 'an operator is to hear of this',
      });
      assert.ok(Math.abs(rest._aws.Timestamp - time) < 60_000);
      return fact as WatchedFact;
    });
}

const nothingOf = (service: Pick<ObservedService, 'logged'>, ...secrets: readonly string[]): void => {
  for (const secret of secrets) assert.not.ok(service.logged.join('').includes(secret), secret);
};

/** A graph that counts and logs as a process does, without one. */
function graphOver(given: Partial<GraphInput> = {}, settings: Readonly<Record<string, string>> = {}) {
  const logged: string[] = [];
  const logger = openLog('info', { write: (line) => logged.push(line) });
  const counting = newCounting({ noteFact: factLines(true, logger, systemClock) });
  const config = valueOf(readConfig({ STORAGE: 'memory', METRICS_EMF: 'true', ...settings }));
  const input = observedInput({ config, logger, storage: memoryStorage(), ...given }, counting);
  return { logged, input, get: resolver(...workModules({ ...input, ...given, storage: input.storage })), counting };
}

facts('an account that wrong passwords lock is told of once, and nobody by name', async () => {
  const service = await startObserved({ METRICS_EMF: 'true' });
  try {
    const login = (password: string) =>
      service.call('POST', '/api/v1/auth/login', { json: { email: EMAIL, password } });
    for (let i = 0; i < 2; i++) assert.is((await login('Wrong-horse-7')).status, 401);
    assert.equal(told(service.logged), []);
    await login('Wrong-horse-7');
    assert.equal(told(service.logged), ['lockouts']);
    for (let i = 0; i < 2; i++) assert.is((await login(PASSWORD)).status, 429);
    assert.equal(told(service.logged), ['lockouts']);
    nothingOf(service, EMAIL, 'Wrong-horse', service.userId);
  } finally {
    await service.stop();
  }
});

facts('a process that is asked and not ready tells of it, and not of its being stopped', async () => {
  const service = await startObserved({ METRICS_EMF: 'true' });
  const ready = () => service.call('GET', '/api/v1/health/ready');
  try {
    assert.is((await ready()).status, 200);
    service.troubles.set('uploads.list', 'down');
    assert.is((await ready()).status, 503);
    assert.is((await ready()).status, 503);
    assert.equal(told(service.logged), ['notReady', 'notReady']);
    // Reports for people say the same and wake nobody.
    await service.call('GET', '/api/v1/health/detailed');
    assert.is(told(service.logged).length, 2);
  } finally {
    await service.stop();
  }
});

facts('a call that AWS refuses for want of a permission is told of', async () => {
  useTestCredentials();
  let status = 400;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(
      JSON.stringify({
        __type:
          status === 400
            ? 'com.amazon.coral.service#AccessDeniedException'
            : 'com.amazon.coral.service#InternalServerError',
        message: `User: arn:aws:sts::1:assumed-role/clarity/${EMAIL} is not authorized to perform dynamodb:GetItem`,
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const settings = settingsFor({ dynamodb: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` });
  const table = new DynamoTable(settings, 'clarity', new AwsCaller({ wait: () => Promise.resolve() }));
  try {
    const uploads = new DynamoUploadStore(table, { ttlDays: null, clock: systemClock });
    const storage: Storage = { ...memoryStorage(), uploads };
    const { input, logged, counting } = graphOver({ storage });
    const ask = () => input.storage.uploads.get(userId('ada'), processingId('one'));
    const error = errorOf(await ask());
    assert.ok(error.kind === 'port-unavailable' && !error.retryable, JSON.stringify(error));
    assert.equal(told(logged), ['accessDenied']);
    nothingOf({ logged }, EMAIL);
    const text = await counting.metrics.text();
    assert.match(text, /^clarity_aws_access_denied_total 1$/m);
    assert.match(
      text,
      /port="UploadStore",operation="get",adapter="DynamoUploadStore",outcome="port-unavailable"\} 1$/m,
    );
    // Another trouble is none of a permission.
    status = 500;
    errorOf(await ask());
    assert.equal(told(logged), ['accessDenied']);
  } finally {
    table.close();
    server.close();
  }
});

facts('weights that are not those of the manifest are told of', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-facts-'));
  const models = new FileModelRepository(folder, nodeDigest);
  const entry = await installWeights(models, 'PAT-S-one', seededWeights('S'));
  const { get, logged } = graphOver({}, { PAT_MODEL_BASE_DIR: folder });
  try {
    valueOf(await get(TOKENS.models).readWeights(entry));
    assert.equal(told(logged), []);
    valueOf(await models.writeText(entry.converted.file, 'these are no weights'));
    assert.is(errorOf(await get(TOKENS.models).readWeights(entry)).kind, 'model-unavailable');
    assert.equal(told(logged), ['modelIntegrity']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

facts('a narrator that fails again and again is told of when it is left alone', async () => {
  const down = portUnavailable('Narrator', 'narrate', `no answer about ${EMAIL}`);
  const { get, logged } = graphOver({ observeNarrator: () => ({ narrate: () => errAsync(down) }) });
  const narrator = get(TOKENS.narrator);
  const ask = async (): Promise<void> => {
    errorOf(await narrator.narrate({ facts: [], notComputed: [], insightType: 'sleep', includeRecommendations: true }));
  };
  for (let i = 1; i < FAILURES_TO_OPEN; i++) await ask();
  assert.equal(told(logged), []);
  for (let i = 0; i < 3; i++) await ask();
  assert.equal(told(logged), ['breakerOpened']);
  nothingOf({ logged }, EMAIL);
});

facts('nothing of it is written unless the operator says so', async () => {
  const service = await startObserved();
  try {
    service.troubles.set('uploads.list', 'denied');
    assert.is((await service.call('GET', '/api/v1/health/ready')).status, 503);
    assert.equal(told(service.logged), []);
    assert.match(await service.metrics(), /^clarity_not_ready_total 1$/m);
  } finally {
    await service.stop();
  }
});

facts('a line that only looks like a metric is none', () => {
  const lines: string[] = [];
  const logger = openLog('info', { write: (line) => lines.push(line) });
  const directive = {
    Namespace: EMAIL,
    Dimensions: [[EMAIL]],
    Metrics: [{ Name: 'LoginLockouts', Unit: EMAIL }],
    [EMAIL]: 1,
  };
  logger.warn(
    { _aws: { Timestamp: 1, CloudWatchMetrics: [directive], [EMAIL]: EMAIL }, LoginLockouts: EMAIL },
    'a line',
  );
  logger.warn({ _aws: { Timestamp: 1, CloudWatchMetrics: [{ Metrics: [{ Name: EMAIL }] }] } }, 'a line');
  logger.warn({ _aws: EMAIL }, 'a line');
  assert.not.ok(lines.join('').includes(EMAIL));
  assert.equal(JSON.parse(lines[0] ?? '')._aws.CloudWatchMetrics[0].Namespace, 'Clarity');
  assert.equal(
    lines.map((line) => '_aws' in JSON.parse(line)),
    [true, false, false],
  );
});

facts.run();
