import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import type { AccountKind, AccountMove, AccountStores, MoveProgress } from '../../../core/account/account-side.ts';
import { movedKey } from '../../../core/account/account-side.ts';
import { compareAccounts } from '../../../core/account/compare-accounts.ts';
import { copyAccount } from '../../../core/account/copy-account.ts';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import { insightId } from '../../../core/insights/model.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { ADA, BOB, bytes, memoryWorld, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, WATCH } from '../sample-columns.ts';
import { contentOf } from './account-content.ts';
import { fillAccount } from './full-account.ts';

const copying = suite('copying an account');

const CLOUD_ADA = userId('99999999-9999-4999-8999-999999999999');

const silent = (): void => undefined;
const copy = copyAccount({ streamDigest: nodeStreamDigest, progress: silent });
const compare = compareAccounts({ digest: nodeDigest, streamDigest: nodeStreamDigest, progress: silent });

const moveTo = (source: AccountStores, target: AccountStores, owner = ADA): AccountMove => ({
  source: { stores: source, owner: ADA },
  target: { stores: target, owner },
});

const unequalKinds = async (move: AccountMove): Promise<readonly AccountKind[]> =>
  valueOf(await compare(move))
    .filter(({ equal }) => !equal)
    .map(({ kind }) => kind);

let ada: World;

copying.before(async () => {
  ada = memoryWorld();
  await fillAccount(ada, ADA, 'ada-only');
  await fillAccount(ada, BOB, 'bob-only');
});

copying('everything arrives as it was, counted and proved, and nothing of anybody else', async () => {
  const target = memoryWorld();
  const written = valueOf(await copy(moveTo(ada, target)));
  assert.equal(written, { objects: 3, uploads: 3, metrics: 12, samples: 17, analyses: 2, insights: 2 });
  assert.equal(await contentOf(target, ADA, []), await contentOf(ada, ADA, []));
  const comparison = valueOf(await compare(moveTo(ada, target)));
  assert.equal(
    comparison.map(({ kind, source, equal }) => [kind, source.count, equal]),
    [
      ['objects', 3, true],
      ['uploads', 3, true],
      ['metrics', 12, true],
      ['samples', 480, true],
      ['analyses', 3, true],
      ['insights', 2, true],
    ],
  );
  for (const { source, target: there } of comparison) {
    assert.match(source.sha256, /^[0-9a-f]{64}$/);
    assert.is(there.sha256, source.sha256);
  }
  assert.equal(valueOf(await target.uploads.list(BOB, 10)), []);
  assert.equal(valueOf(await target.objects.list(BOB)), []);
});

copying('a second time writes nothing', async () => {
  const target = memoryWorld();
  valueOf(await copy(moveTo(ada, target)));
  const nothing = { objects: 0, uploads: 0, metrics: 0, samples: 0, analyses: 0, insights: 0 };
  assert.equal(valueOf(await copy(moveTo(ada, target))), nothing);
});

copying('another id gets the data under keys of its own; processing ids stay', async () => {
  const target = memoryWorld();
  const move = moveTo(ada, target, CLOUD_ADA);
  valueOf(await copy(move));
  assert.equal(await unequalKinds(move), []);
  const before = valueOf(await ada.uploads.list(ADA, 10));
  const after = valueOf(await target.uploads.list(CLOUD_ADA, 10));
  assert.equal(
    after.map(({ processingId: id }) => id),
    before.map(({ processingId: id }) => id),
  );
  for (const { owner, raw } of after) {
    assert.is(owner, CLOUD_ADA);
    if (raw === null) throw new Error('every upload kept its raw bytes');
    assert.ok(raw.key.includes(`/${CLOUD_ADA}/`));
    assert.not(raw.key.includes(ADA));
    assert.is(valueOf(await target.objects.open(CLOUD_ADA, raw.key)).sizeBytes, raw.bytes);
  }
  assert.equal(
    valueOf(await target.analyses.listForUpload(CLOUD_ADA, after[2]!.processingId)).map(({ owner }) => owner),
    [CLOUD_ADA, CLOUD_ADA],
  );
  assert.equal(valueOf(await target.uploads.list(ADA, 10)), []);
});

copying('only the owner segment of the known layouts is replaced in a key', () => {
  const [a, b] = [userId('a'), userId('b')];
  for (const [key, moved] of [
    ['uploads/2025/01/06/a/a-0123.json', 'uploads/2025/01/06/b/a-0123.json'],
    ['raw_data/2025/01/06/a/x.json', 'raw_data/2025/01/06/b/x.json'],
    ['uploads/2025/01/06/other/a.json', 'uploads/2025/01/06/other/a.json'],
    ['uploads/2025/01/06/a', 'uploads/2025/01/06/a'],
    ['notes/a/b', 'notes/a/b'],
    ['a', 'a'],
  ] as const) {
    assert.is(movedKey(key, a, b), moved);
  }
});

copying('an upload that the source went on with since is brought up to date', async () => {
  const source = memoryWorld();
  const account = await fillAccount(source, ADA, 'ada-only');
  const target = memoryWorld();
  valueOf(await copy(moveTo(source, target)));
  const { processingId: id } = account.uploads[2]!;
  valueOf(await source.uploads.change(ADA, id, { status: 'completed', progress: 1, failure: null }, 9e12));
  assert.equal(await unequalKinds(moveTo(source, target)), ['uploads']);
  assert.is(valueOf(await copy(moveTo(source, target))).uploads, 1);
  assert.equal(await unequalKinds(moveTo(source, target)), []);
});

/** Ways in which a store that lost or changed something shows it. */
const TAMPERING: readonly (readonly [AccountKind, string, (target: World) => Promise<unknown>])[] = [
  [
    'objects',
    'one byte of an object',
    async ({ objects }) => {
      const [key] = valueOf(await objects.list(ADA));
      const object: ByteSource = valueOf(await objects.open(ADA, key!));
      async function* turned(): AsyncGenerator<Uint8Array> {
        for await (const part of object.stream()) yield part.map((byte) => byte ^ 1);
      }
      valueOf(await objects.put(ADA, key!, turned(), 1e6));
    },
  ],
  [
    'objects',
    'an object under another key',
    async ({ objects }) => {
      const [key] = valueOf(await objects.list(ADA));
      const object = valueOf(await objects.open(ADA, key!));
      valueOf(await objects.put(ADA, `${key!}.old`, object.stream(), 1e6));
      valueOf(await objects.delete(ADA, key!));
    },
  ],
  ['objects', 'an object too many', async ({ objects }) => valueOf(await objects.put(ADA, 'more', bytes('x'), 9))],
  [
    'uploads',
    'the time of a change',
    async ({ uploads }) => {
      const [upload] = valueOf(await uploads.list(ADA, 1));
      valueOf(await uploads.change(ADA, upload!.processingId, {}, upload!.updatedAtMs + 0.5));
    },
  ],
  [
    'metrics',
    'metrics that are gone',
    async ({ metrics, uploads }) => {
      const [upload] = valueOf(await uploads.list(ADA, 1));
      assert.is(valueOf(await metrics.deleteUpload(ADA, upload!.processingId)), 12);
    },
  ],
  [
    'samples',
    'a sample too many',
    async ({ samples }) =>
      valueOf(
        await samples.append(ADA, processingId('x'), [
          columnsOf('step_count', [{ startMs: 0, value: 1, source: WATCH }]),
        ]),
      ),
  ],
  [
    'samples',
    'who else brought a sample',
    async ({ samples }) => {
      const [chunk] = valueOf(await samples.chunks(ADA, null, 1));
      const counts = valueOf(await samples.append(ADA, processingId('another'), [chunk!.columns]));
      assert.is(counts[0]?.stored, 0);
    },
  ],
  [
    'analyses',
    'the order of magnitude of one number',
    async ({ analyses, uploads }) => {
      const { processingId: id } = valueOf(await uploads.list(ADA, 5)).at(-1)!;
      const [first, ...rest] = valueOf(await analyses.listForUpload(ADA, id));
      const values = first!.grid.values.map((value) => value * 10);
      const changed = { ...first!, grid: { ...first!.grid, values } };
      valueOf(await analyses.replaceForUpload(ADA, id, [changed, ...rest]));
    },
  ],
  [
    'insights',
    'one word of an insight',
    async ({ insights, uploads }) => {
      const { processingId: id } = valueOf(await uploads.list(ADA, 5)).at(-1)!;
      const kept = valueOf(await insights.list(ADA, { limit: 5, offset: 0 })).insights.at(-1)!;
      assert.is(valueOf(await insights.deleteUpload(ADA, id)), 1);
      valueOf(await insights.insert({ ...kept, narrative: `${kept.narrative} So it is.` }));
    },
  ],
];

for (const [kind, what, tamper] of TAMPERING) {
  copying(`the proof finds ${what} that differs on one side`, async () => {
    const target = memoryWorld();
    valueOf(await copy(moveTo(ada, target)));
    await tamper(target);
    assert.equal(await unequalKinds(moveTo(ada, target)), [kind]);
    const reverse: AccountMove = { source: moveTo(ada, target).target, target: moveTo(ada, target).source };
    assert.equal(await unequalKinds(reverse), [kind]);
  });
}

copying('an object of the same length with other bytes is copied again', async () => {
  const target = memoryWorld();
  valueOf(await copy(moveTo(ada, target)));
  await TAMPERING[0]![2](target);
  assert.is(valueOf(await copy(moveTo(ada, target))).objects, 1);
  assert.equal(await unequalKinds(moveTo(ada, target)), []);
});

/** Stores whose writes fail from the k-th on, some before their effect and some after it. */
function breakingAt(
  world: World,
  k: number,
  after: boolean,
): { readonly stores: World; readonly writes: () => number } {
  let writes = 0;
  const breaks = <A extends unknown[], T, E>(
    method: (...args: A) => ResultAsync<T, E | PortUnavailable>,
  ): ((...args: A) => ResultAsync<T, E | PortUnavailable>) => {
    return (...args) => {
      if (++writes < k) return method(...args);
      const broken = errAsync<T, E | PortUnavailable>(portUnavailable('planted', 'write', 'the line is dead'));
      return after && writes === k ? method(...args).andThen(() => broken) : broken;
    };
  };
  const { uploads, objects, metrics, samples, analyses, insights } = world;
  const stores: World = {
    ...world,
    uploads: replacing(uploads, {
      insert: breaks((upload) => uploads.insert(upload)),
      change: breaks((...args) => uploads.change(...args)),
    }),
    objects: replacing(objects, { put: breaks((...args) => objects.put(...args)) }),
    metrics: replacing(metrics, { append: breaks((...args) => metrics.append(...args)) }),
    samples: replacing(samples, { append: breaks((...args) => samples.append(...args)) }),
    analyses: replacing(analyses, { replaceForUpload: breaks((...args) => analyses.replaceForUpload(...args)) }),
    insights: replacing(insights, { insert: breaks((insight) => insights.insert(insight)) }),
  };
  return { stores, writes: () => writes };
}

copying('interrupted at any write, before or after its effect, the next run ends it', async () => {
  const counted = breakingAt(memoryWorld(), Infinity, false);
  valueOf(await copy(moveTo(ada, counted.stores)));
  const all = counted.writes();
  assert.ok(all >= 10, `${all} writes`);
  for (let k = 1; k <= all; k++) {
    for (const after of [false, true]) {
      const target = memoryWorld();
      const error = errorOf(await copy(moveTo(ada, breakingAt(target, k, after).stores)));
      assert.equal([error.side, error.error.cause], ['target', 'the line is dead']);
      valueOf(await copy(moveTo(ada, target)));
      assert.equal(await unequalKinds(moveTo(ada, target)), [], `at write ${k}`);
    }
  }
});

copying('interrupted again and again, it goes on further each time', async () => {
  const target = memoryWorld();
  // What is there already is not written again, so a run that is let through a few writes more gets further.
  const outcomes: boolean[] = [];
  for (let writes = 1; writes <= 8; writes++) {
    outcomes.push((await copy(moveTo(ada, breakingAt(target, writes, false).stores))).isOk());
  }
  assert.equal([outcomes[0], outcomes.at(-1)], [false, true]);
  assert.equal(await unequalKinds(moveTo(ada, target)), []);
});

copying('a source that does not answer is told from a target that does not', async () => {
  const fault = portUnavailable('planted', 'read', 'gone');
  const list = () => errAsync(fault);
  for (const [kind, broken] of [
    ['objects', { objects: replacing(ada.objects, { list }) }],
    ['objects', { objects: replacing(ada.objects, { open: () => errAsync(fault) }) }],
    ['uploads', { uploads: replacing(ada.uploads, { list }) }],
    ['metrics', { metrics: replacing(ada.metrics, { list }) }],
    ['samples', { samples: replacing(ada.samples, { chunks: () => errAsync(fault) }) }],
    ['analyses', { analyses: replacing(ada.analyses, { listForUpload: () => errAsync(fault) }) }],
    ['insights', { insights: replacing(ada.insights, { list }) }],
  ] as const) {
    const source = { ...ada, ...broken };
    const expected = { kind: 'side-unavailable', side: 'source', error: fault };
    assert.equal(errorOf(await copy(moveTo(source, memoryWorld()))), expected, kind);
    assert.equal(errorOf(await compare(moveTo(source, memoryWorld()))), expected, kind);
  }
});

copying('an object that breaks off, or grows, while it is read is not taken for whole', async () => {
  const [key] = valueOf(await ada.objects.list(ADA));
  const whole = valueOf(await ada.objects.open(ADA, key!));
  async function* breaking(): AsyncGenerator<Uint8Array> {
    for await (const part of whole.stream()) {
      yield part;
      throw new Error('connection lost');
    }
  }
  async function* growing(): AsyncGenerator<Uint8Array> {
    yield* whole.stream();
    yield new Uint8Array(1);
  }
  for (const stream of [breaking, growing]) {
    const open = () => okAsync({ sizeBytes: whole.sizeBytes, stream });
    const target = memoryWorld();
    const source = { ...ada, objects: replacing(ada.objects, { open }) };
    assert.is(errorOf(await copy(moveTo(source, target))).error.port, 'ObjectStore');
    assert.equal(valueOf(await target.objects.list(ADA)), []);
  }
  const open = () => okAsync({ sizeBytes: whole.sizeBytes, stream: breaking });
  const error = errorOf(await compare(moveTo({ ...ada, objects: replacing(ada.objects, { open }) }, memoryWorld())));
  assert.equal([error.side, error.error.cause], ['source', 'Error: connection lost']);
});

copying('a target that stores other bytes than it was given is found out at once', async () => {
  const target = memoryWorld();
  const put = () => okAsync({ sha256: 'ab'.repeat(32), bytes: 1 });
  const error = errorOf(await copy(moveTo(ada, { ...target, objects: replacing(target.objects, { put }) })));
  assert.is(error.side, 'target');
  assert.match(error.error.cause, /was stored/);
});

copying('what is deleted at the source while it is copied is left out', async () => {
  const gone = valueOf(await ada.objects.list(ADA))[0]!;
  const open: typeof ada.objects.open = (owner, key) =>
    key === gone ? errAsync({ kind: 'not-found', resource: 'object', id: key }) : ada.objects.open(owner, key);
  const source = { ...ada, objects: replacing(ada.objects, { open }) };
  const target = memoryWorld();
  assert.is(valueOf(await copy(moveTo(source, target))).objects, 2);
  assert.equal(await unequalKinds(moveTo(source, target)), []);
});

copying('an upload that is deleted at the target while it is changed is a fault that passes', async () => {
  const target = memoryWorld();
  valueOf(await copy(moveTo(ada, target)));
  const [upload] = valueOf(await target.uploads.list(ADA, 1));
  valueOf(await target.uploads.change(ADA, upload!.processingId, { message: 'Other.' }, 1));
  const change = () => errAsync({ kind: 'not-found', resource: 'processing', id: 'x' } as const);
  const error = errorOf(await copy(moveTo(ada, { ...target, uploads: replacing(target.uploads, { change }) })));
  assert.equal([error.side, error.error.retryable], ['target', true]);
});

copying('progress is told for every kind, in both stages', async () => {
  const told: MoveProgress[] = [];
  const progress = (step: MoveProgress): void => void told.push(step);
  const target = memoryWorld();
  valueOf(await copyAccount({ streamDigest: nodeStreamDigest, progress })(moveTo(ada, target)));
  valueOf(await compareAccounts({ digest: nodeDigest, streamDigest: nodeStreamDigest, progress })(moveTo(ada, target)));
  const last = new Map(told.map(({ stage, kind, done }) => [`${stage} ${kind}`, done]));
  assert.equal(Object.fromEntries(last), {
    'copy objects': 3,
    'copy uploads': 3,
    'copy metrics': 12,
    'copy samples': 17,
    'copy analyses': 3,
    'copy insights': 2,
    'compare objects': 3,
    'compare uploads': 3,
    'compare metrics': 12,
    'compare samples': 17,
    'compare analyses': 3,
    'compare insights': 2,
  });
});

copying('insights are read page after page', async () => {
  const source = memoryWorld();
  const kept = valueOf(await ada.insights.list(ADA, { limit: 1, offset: 0 })).insights[0]!;
  for (let i = 0; i < 201; i++) {
    valueOf(await source.insights.insert({ ...kept, insightId: insightId(`insight ${i}`), generatedAtMs: i % 7 }));
  }
  const target = memoryWorld();
  assert.is(valueOf(await copy(moveTo(source, target))).insights, 201);
  const comparison = valueOf(await compare(moveTo(source, target))).find(({ kind }) => kind === 'insights');
  assert.equal([comparison?.source.count, comparison?.equal], [201, true]);
});

copying('metrics and chunks are read page after page', async () => {
  const source = memoryWorld();
  const metric = (i: number) => ({
    metricId: `m${i}`,
    metricType: 'heart_rate' as const,
    processingId: processingId('p'),
    uploadSource: 'x',
    createdAtMs: i % 7,
    deviceId: null,
    rawData: null,
    metadata: null,
    fingerprint: `f${i}`,
    biometric_data: { heart_rate: i },
    sleep_data: null,
    activity_data: null,
    mental_health_data: null,
  });
  valueOf(
    await source.metrics.append(
      ADA,
      Array.from({ length: 1000 }, (_, i) => metric(i)),
    ),
  );
  const daily = Array.from({ length: 40 }, (_, day) => ({ startMs: day * 86_400_000, value: day, source: WATCH }));
  valueOf(await source.samples.append(ADA, processingId('p'), [columnsOf('heart_rate', daily)]));
  const target = memoryWorld();
  const { metrics, samples } = valueOf(await copy(moveTo(source, target)));
  assert.equal([metrics, samples], [1000, 40]);
  assert.equal(await unequalKinds(moveTo(source, target)), []);
});

copying.run();
