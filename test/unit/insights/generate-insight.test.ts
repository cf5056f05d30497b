import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryEvents } from '../../../adapters/memory/events.ts';
import { eraseAccount } from '../../../core/account/erase-account.ts';
import { rememberErased } from '../../../core/account/erased-owners.ts';
import { analyzeReadings } from '../../../core/analysis/analyze-readings.ts';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import { factsOfDocument } from '../../../core/insights/document-facts.ts';
import { generateInsight, type GenerateInsightCommand } from '../../../core/insights/generate-insight.ts';
import { listInsights } from '../../../core/insights/list-insights.ts';
import { insightId, type Insight } from '../../../core/insights/model.ts';
import { readInsight } from '../../../core/insights/read-insight.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { UTC, WEEK_COUNTS } from '../analysis/recordings.ts';
import { ADA, BOB, countingIds, memoryWorld, NOW_MS, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const generating = suite('generating insights');

const FAULT = portUnavailable('planted', 'do', 'gone');

const portsOf = (world: World) => ({ ...world, narrator: rulesNarrator });

const fromResults = (changes: Partial<GenerateInsightCommand> = {}): GenerateInsightCommand => ({
  owner: ADA,
  source: { kind: 'results', results: { sleep_efficiency: 81.4 } },
  insightType: 'sleep',
  includeRecommendations: true,
  language: 'en',
  context: null,
  ...changes,
});
const ofUpload = (upload: string, changes: Partial<GenerateInsightCommand> = {}): GenerateInsightCommand =>
  fromResults({ source: { kind: 'upload', upload: processingId(upload) }, ...changes });

/** A week of counts of Ada's, analysed. */
const analysed = async (world: World): Promise<AnalysisRecord> =>
  valueOf(
    await analyzeReadings(world)({
      owner: ADA,
      signal: 'counts',
      timestampsMs: Float64Array.from(WEEK_COUNTS, (_, i) => NOW_MS + i * 60_000),
      readings: WEEK_COUNTS,
      zone: UTC,
      nonWear: 'none',
      encodedDays: null,
      raw: Buffer.from('{}'),
    }),
  );

const kept = async (world: World, owner = ADA): Promise<readonly Insight[]> =>
  valueOf(await world.insights.list(owner, { limit: 100, offset: 0 })).insights;

generating('an insight about results that were sent is kept with its facts, and announced', async () => {
  const events = new MemoryEvents();
  const world = memoryWorld({ events });
  const insight = valueOf(await generateInsight(portsOf(world))(fromResults()));
  assert.match(insight.insightId, /^insight_[0-9a-f]{32}$/);
  assert.equal(
    [insight.owner, insight.upload, insight.insightType, insight.generatedAtMs, insight.generator],
    [ADA, null, 'sleep', NOW_MS, 'rules'],
  );
  assert.match(insight.narrative, '81 % of the time in bed');
  assert.equal(
    insight.factsUsed.map(({ name, value, origin }) => [name, value, origin]),
    [['sleep_efficiency', 81.4, 'client']],
  );
  assert.equal(await kept(world), [insight]);
  assert.equal(events.published, [
    { type: 'insight.completed', owner: ADA, upload: null, id: insight.insightId, atMs: NOW_MS },
  ]);
});

generating('an insight about an upload is made from its stored analysis', async () => {
  const events = new MemoryEvents();
  const world = memoryWorld({ events });
  const { upload, document } = await analysed(world);
  const insight = valueOf(await generateInsight(portsOf(world))(ofUpload(upload, { insightType: 'comprehensive' })));
  assert.is(insight.upload, upload);
  const facts = factsOfDocument(document).facts;
  assert.ok(insight.factsUsed.length > 8);
  for (const fact of insight.factsUsed)
    assert.ok(facts.some((own) => own.name === fact.name && own.value === fact.value));
  assert.equal(await kept(world), [insight]);
  assert.equal(events.published.at(-1), {
    type: 'insight.completed',
    owner: ADA,
    upload,
    id: insight.insightId,
    atMs: NOW_MS,
  });
});

generating('what has no effect is said in not computed, and what was set aside too', async () => {
  const source = { kind: 'results', results: { sleep_efficiency: 'fine', total_sleep_time: 8 } } as const;
  const { notComputed } = valueOf(
    await generateInsight(portsOf(memoryWorld()))(fromResults({ source, language: 'fr', context: 'I ran a marathon' })),
  );
  assert.equal(notComputed, [
    { field: 'sleep_efficiency', reason: 'expected a number from 0 to 100 %, got a string' },
    { field: 'language', reason: 'narratives are written in English' },
    { field: 'context', reason: 'narratives are made of numbers only; the context was not used or kept' },
  ]);
});

generating('done again with the same ids it is one insight, announced under one id', async () => {
  const events = new MemoryEvents();
  const world = memoryWorld({ events });
  const first = valueOf(await generateInsight({ ...portsOf(world), ids: countingIds() })(fromResults()));
  const again = fromResults({ source: { kind: 'results', results: { sleep_efficiency: 99 } } });
  const second = valueOf(await generateInsight({ ...portsOf(world), ids: countingIds() })(again));
  assert.equal(second, first);
  assert.equal(await kept(world), [first]);
  assert.equal(new Set(events.published.map(({ id }) => id)).size, 1);
});

generating("an upload that is unknown or somebody else's is not found, and nothing is kept", async () => {
  const world = memoryWorld();
  const { upload } = await analysed(world);
  for (const command of [ofUpload('unknown'), ofUpload(upload, { owner: BOB })]) {
    assert.is(errorOf(await generateInsight(portsOf(world))(command)).kind, 'not-found');
    assert.equal(await kept(world, command.owner), []);
  }
});

for (const status of ['received', 'processing', 'failed', 'completed'] as const) {
  generating(`an upload that is ${status} without an analysis is not analysed`, async () => {
    const world = memoryWorld();
    const upload = newUpload({
      owner: ADA,
      processingId: processingId('p'),
      kind: 'health-data',
      uploadSource: 'x',
      timezone: null,
      syncToken: null,
      nowMs: NOW_MS,
    });
    valueOf(await world.uploads.insert({ ...upload, status }));
    assert.equal(errorOf(await generateInsight(portsOf(world))(ofUpload('p'))), { kind: 'not-analysed', status });
    assert.equal(await kept(world), []);
  });
}

generating('that nobody hears of it is no failure', async () => {
  const world = memoryWorld({ events: { publish: () => errAsync(FAULT) } });
  const insight = valueOf(await generateInsight(portsOf(world))(fromResults()));
  assert.equal(await kept(world), [insight]);
});

/** Whatever the method does, the work comes right before or right after it. */
const around = (work: () => Promise<unknown>, when: 'before' | 'after') => {
  const waited = () => ResultAsync.fromSafePromise(work()).map(() => undefined);
  return (world: World) => ({
    ...portsOf(world),
    insights: replacing(world.insights, {
      insert: (insight) =>
        when === 'before'
          ? waited().andThen(() => world.insights.insert(insight))
          : world.insights.insert(insight).andThen(waited),
    }),
  });
};

for (const when of ['before', 'after'] as const) {
  generating(`an upload that is deleted ${when} the write takes the insight with it`, async () => {
    const world = memoryWorld();
    const { upload } = await analysed(world);
    const other = valueOf(await generateInsight({ ...portsOf(world) })(fromResults()));
    const remove = async (): Promise<void> => {
      valueOf(await world.uploads.delete(ADA, upload));
      valueOf(await world.insights.deleteUpload(ADA, upload));
    };
    const error = errorOf(await generateInsight(around(remove, when)(world))(ofUpload(upload)));
    assert.equal(error, { kind: 'not-found', resource: 'processing', id: upload });
    assert.equal(await kept(world), [other]);
  });

  generating(`a person who is erased ${when} the write does not come back`, async () => {
    const world = memoryWorld();
    const erase = async (): Promise<void> => {
      valueOf(await rememberErased(world)(ADA));
      valueOf(await world.insights.eraseOwner(ADA));
    };
    const error = errorOf(await generateInsight(around(erase, when)(world))(fromResults()));
    assert.is(error.kind, 'not-found');
    assert.equal(await kept(world), []);
  });
}

for (const [what, broken] of [
  ['analyses', { analyses: { listForUpload: () => errAsync(FAULT) } }],
  ['insights', { insights: { insert: () => errAsync(FAULT) } }],
  ['uploads', { uploads: { get: () => errAsync(FAULT) } }],
  ['narrator', { narrator: { narrate: () => errAsync(FAULT) } }],
] as const) {
  generating(`a failure of ${what} is told`, async () => {
    const world = memoryWorld();
    const { upload } = await analysed(world);
    const ports = Object.fromEntries(
      Object.entries(broken).map(([name, methods]) => [
        name,
        replacing(portsOf(world)[name as 'analyses'], methods as object),
      ]),
    );
    assert.equal(errorOf(await generateInsight({ ...portsOf(world), ...ports })(ofUpload(upload))), FAULT);
  });
}

generating('that nobody can tell whether a person was erased is told', async () => {
  const world = memoryWorld();
  const erasedOwners = replacing(world.erasedOwners, { isRemembered: () => errAsync(FAULT) });
  assert.equal(errorOf(await generateInsight({ ...portsOf(world), erasedOwners })(fromResults())), FAULT);
});

generating('erasing a person takes their insights', async () => {
  const world = memoryWorld();
  valueOf(await generateInsight(portsOf(world))(fromResults()));
  const bobs = valueOf(await generateInsight(portsOf(world))(fromResults({ owner: BOB })));
  valueOf(await eraseAccount({ ...world, identities: { eraseAccount: () => okAsync(undefined) } })(ADA));
  assert.equal(await kept(world), []);
  assert.equal(await kept(world, BOB), [bobs]);
});

generating('an insight is read by its owner; for others it is as unknown as one that never was', async () => {
  const world = memoryWorld();
  const insight = valueOf(await generateInsight(portsOf(world))(fromResults()));
  assert.equal(valueOf(await readInsight(world)({ owner: ADA, insight: insight.insightId })), insight);
  const theirs = errorOf(await readInsight(world)({ owner: BOB, insight: insight.insightId }));
  const unknown = errorOf(await readInsight(world)({ owner: BOB, insight: insightId('x') }));
  assert.equal(theirs, { ...unknown, id: insight.insightId });
});

generating('a list is for its owner only', async () => {
  const world = memoryWorld();
  const insight = valueOf(await generateInsight(portsOf(world))(fromResults()));
  const range = { limit: 10, offset: 0 };
  assert.equal(valueOf(await listInsights(world)({ caller: ADA, owner: ADA, range })), {
    insights: [insight],
    totalCount: 1,
    hasMore: false,
  });
  assert.is(errorOf(await listInsights(world)({ caller: BOB, owner: ADA, range })).kind, 'not-found');
});

generating.run();
