import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { S3ModelRepository } from '../../../adapters/aws/s3/model-repository.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import type { Catalogue } from '../../../core/pat/installed/catalogue.ts';
import { modelRepositoryContract } from '../../contracts/model-repository.contract.ts';
import { makeBucket, type BucketUnderTest } from '../../emulators/buckets.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { startProxy, type Passage } from '../../emulators/proxy.ts';
import { installWeights } from '../../fixtures/pat/installed-models.ts';
import { seededWeights } from '../../fixtures/pat/seeded-weights.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const impatient = (): AwsCaller => new AwsCaller({ wait: async () => undefined });

const repositoryAt = (bucket: BucketUnderTest, prefix: string, endpointUrl = bucket.endpointUrl): S3ModelRepository =>
  new S3ModelRepository(
    { settings: settingsFor({ s3: endpointUrl }), bucket: bucket.name, prefix, caller: impatient() },
    nodeDigest,
  );

async function damage({ client, name }: BucketUnderTest, key: string): Promise<void> {
  const { Body: body } = await client.send(new GetObjectCommand({ Bucket: name, Key: key }));
  const bytes = await body!.transformToByteArray();
  bytes[bytes.length - 1]! ^= 1;
  await client.send(new PutObjectCommand({ Bucket: name, Key: key, Body: bytes }));
}

modelRepositoryContract('S3', async () => {
  const bucket = await makeBucket();
  return {
    models: repositoryAt(bucket, 'pat/models'),
    another: () => repositoryAt(bucket, 'pat/models/'),
    damage: (file) => damage(bucket, `pat/models/${file}`),
    close: () => bucket.close(),
  };
});

const models = suite('models in S3');

let bucket: BucketUnderTest;
models.before.each(async () => {
  bucket = await makeBucket();
});
models.after.each(() => bucket.close());

const withPopulation =
  (name: string) =>
  (catalogue: Catalogue): Catalogue => ({
    ...catalogue,
    populations: [
      ...catalogue.populations,
      { name, signal: 'steps', file: 'p.json', sha256: 'ab'.repeat(32), bytes: 1, installed_at: 'now' },
    ],
  });

models('nothing outside the prefix is read or written', async () => {
  await bucket.plant('manifest.json', '{');
  await bucket.plant('pat-old/manifest.json', '{');
  await bucket.plant('pat/below/stray.h5', 'x');
  await bucket.plant('stray.h5', 'x');
  const repository = repositoryAt(bucket, 'pat');
  assert.is(valueOf(await repository.catalogue()).models.length, 0);
  assert.equal(valueOf(await repository.strays()), []);
  await installWeights(repository, 'PAT-S-one', seededWeights('S'));
  const keys = [...(await bucket.keys())].filter((key) => key.startsWith('pat/'));
  assert.equal(keys.toSorted(), ['pat/PAT-S-one.safetensors', 'pat/below/stray.h5', 'pat/manifest.json']);
});

models('the bucket itself can be the folder', async () => {
  const repository = repositoryAt(bucket, '');
  const stored = valueOf(await repository.writeText('a.head.json', '{}'));
  assert.equal(await bucket.keys(), ['a.head.json']);
  assert.is(valueOf(await repository.readText(stored)), '{}');
});

models('a manifest that cannot be made sense of fails closed and says where it lies', async () => {
  await bucket.plant('pat/manifest.json', '{');
  const repository = repositoryAt(bucket, 'pat');
  for (const failed of [
    errorOf(await repository.catalogue()),
    errorOf(await repository.changeCatalogue((catalogue) => catalogue)),
  ]) {
    assert.is(failed.kind === 'model-unavailable' && failed.status, 'weights_corrupt');
    assert.match('message' in failed ? failed.message : '', `s3://${bucket.name}/pat/manifest.json`);
  }
});

models('a file of another length is told from the one that was installed without being read', async () => {
  const asked: string[] = [];
  const proxy = await startProxy(bucket.endpointUrl, (request, forward) => {
    asked.push(`${request.method} ${new URL(request.url, 'http://s3').pathname}`);
    return forward(request);
  });
  const repository = repositoryAt(bucket, 'pat', proxy.endpointUrl);
  const stored = valueOf(await repository.writeText('a.json', '{}'));
  await bucket.plant('pat/a.json', '{"longer":1}');
  const refused = errorOf(await repository.readText(stored));
  assert.match('message' in refused ? refused.message : '', 'has 12 bytes; 2 were installed');
  assert.equal(
    asked.filter((line) => line.startsWith('GET')),
    [],
  );
  await proxy.close();
});

models('files are held to their SHA-256 on the way', async () => {
  const checksums: unknown[] = [];
  const passage: Passage = (request, forward) => {
    if (request.method === 'PUT') checksums.push(request.headers['x-amz-checksum-sha256']);
    return forward(request);
  };
  const proxy = await startProxy(bucket.endpointUrl, passage);
  const repository = repositoryAt(bucket, 'pat', proxy.endpointUrl);
  await installWeights(repository, 'PAT-S-one', seededWeights('S'));
  assert.is(checksums.length, 2);
  for (const checksum of checksums) assert.match(String(checksum), /^[A-Za-z0-9+/]{43}=$/);
  await proxy.close();
});

models('a change whose answer was lost is made once', async () => {
  let isLost = false;
  const proxy = await startProxy(bucket.endpointUrl, async (request, forward) => {
    const answer = await forward(request);
    const isFirstPut = request.method === 'PUT' && !isLost;
    isLost ||= isFirstPut;
    return isFirstPut ? null : answer;
  });
  const repository = repositoryAt(bucket, 'pat', proxy.endpointUrl);
  const changed = valueOf(await repository.changeCatalogue(withPopulation('p')));
  assert.ok(isLost);
  assert.equal(
    changed.populations.map(({ name }) => name),
    ['p'],
  );
  assert.is(valueOf(await repositoryAt(bucket, 'pat').catalogue()).populations.length, 1);
  await proxy.close();
});

models('a manifest that others change all the time is given up on, and can be tried again', async () => {
  let changes = 0;
  const proxy = await startProxy(bucket.endpointUrl, async (request, forward) => {
    if (request.method === 'PUT') await bucket.plant('pat/manifest.json', manifestWith(`other ${String(changes++)}`));
    return forward(request);
  });
  await bucket.plant('pat/manifest.json', manifestWith('first'));
  const repository = repositoryAt(bucket, 'pat', proxy.endpointUrl);
  const error = errorOf(await repository.changeCatalogue(withPopulation('p')));
  assert.ok(error.kind === 'port-unavailable' && error.retryable);
  assert.ok(changes > 5);
  await proxy.close();
});

const manifestWith = (name: string): string =>
  JSON.stringify(withPopulation(name)({ schema: 'clarity.models/1', models: [], heads: [], populations: [] }));

models('a bucket that is not there is unavailable, not empty', async () => {
  await bucket.remove();
  const repository = repositoryAt(bucket, 'pat');
  for (const failed of [
    errorOf(await repository.catalogue()),
    errorOf(await repository.strays()),
    errorOf(await repository.writeText('a.json', '{}')),
  ]) {
    assert.is(failed.kind, 'port-unavailable');
  }
});

models.run();
