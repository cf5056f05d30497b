import { errAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analyzeReadings } from '../../../core/analysis/analyze-readings.ts';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import type { Upload, UploadKind } from '../../../core/health-data/model.ts';
import type { NarrationRequest } from '../../../core/insights/ports.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import { fixedOffsetZone } from '../../../core/kernel/local-time.ts';
import { answerMessage, type Answer } from '../../../core/rooms/answer-message.ts';
import { ADA, BOB, memoryWorld, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const answering = suite('answering a message');

const MINUTES = 1440;

async function analysed(world: World, owner: UserId): Promise<AnalysisRecord> {
  const timestampsMs = Float64Array.from({ length: MINUTES }, (_, i) => Date.UTC(2025, 2, 1, 0, i));
  return valueOf(
    await analyzeReadings(world)({
      owner,
      signal: 'counts',
      timestampsMs,
      readings: Float64Array.from({ length: MINUTES }, (_, i) => (i > 480 ? 100 + (i % 50) : i % 3)),
      zone: fixedOffsetZone(0),
      nonWear: 'none',
      encodedDays: null,
      raw: new Uint8Array(),
    }),
  );
}

async function uploaded(
  world: World,
  id: string,
  changes: Partial<Upload> & { readonly kind: UploadKind },
): Promise<void> {
  const upload = newUpload({
    owner: ADA,
    processingId: processingId(id),
    uploadSource: 'test',
    timezone: null,
    syncToken: null,
    nowMs: world.clock.now(),
    kind: changes.kind,
  });
  valueOf(await world.uploads.insert({ ...upload, ...changes }));
}

const answer = async (world: World, message = 'hello', owner = ADA): Promise<Answer> =>
  valueOf(await answerMessage({ ...world, narrator: rulesNarrator })({ owner, message }));

answering('who has no analysis is told nothing about themself', async () => {
  const world = memoryWorld();
  assert.equal(await answer(world), { kind: 'no-analysis' });
  await analysed(world, BOB);
  assert.equal(await answer(world), { kind: 'no-analysis' }, 'what others have is theirs');
});

answering('the newest completed analysis is told, whatever was uploaded since', async () => {
  const world = memoryWorld();
  await analysed(world, ADA);
  world.clock.nowMs += 1000;
  const newest = await analysed(world, ADA);
  world.clock.nowMs += 1000;
  await uploaded(world, 'metrics', { kind: 'health-data', status: 'completed' });
  await uploaded(world, 'running', { kind: 'healthkit-export', status: 'processing' });
  await uploaded(world, 'broken', { kind: 'healthkit', status: 'failed' });
  await uploaded(world, 'nothing to analyse', { kind: 'healthkit', status: 'requires_review' });
  const told = await answer(world);
  assert.is(told.kind === 'narrative' ? told.record.analysisId : null, newest.analysisId);
});

answering('the message decides what the answer is about, and is not passed on', async () => {
  const world = memoryWorld();
  await analysed(world, ADA);
  const asked: NarrationRequest[] = [];
  const narrator = {
    narrate: (request: NarrationRequest) => {
      asked.push(request);
      return rulesNarrator.narrate(request);
    },
  };
  valueOf(await answerMessage({ ...world, narrator })({ owner: ADA, message: 'my secret: I sleep badly' }));
  valueOf(await answerMessage({ ...world, narrator })({ owner: ADA, message: 'hello' }));
  assert.equal(
    asked.map(({ insightType, includeRecommendations }) => [insightType, includeRecommendations]),
    [
      ['sleep', true],
      ['comprehensive', true],
    ],
  );
  assert.not.match(JSON.stringify(asked), /secret/);
  assert.ok(asked[0]!.facts.length > 0);
});

answering('a port that does not answer is the answer', async () => {
  const world = memoryWorld();
  await analysed(world, ADA);
  const failed = (port: string) => errAsync(portUnavailable(port, 'planted', 'planted'));
  const portOf = async (broken: Partial<World>, narrator = rulesNarrator): Promise<string> => {
    const error = errorOf(await answerMessage({ ...world, ...broken, narrator })({ owner: ADA, message: 'x' }));
    return error.port;
  };
  assert.is(await portOf({ uploads: replacing(world.uploads, { list: () => failed('UploadStore') }) }), 'UploadStore');
  assert.is(
    await portOf({ analyses: replacing(world.analyses, { getForUpload: () => failed('AnalysisStore') }) }),
    'AnalysisStore',
  );
  assert.is(await portOf({}, { narrate: () => failed('Narrator') }), 'Narrator');
});

answering.run();
