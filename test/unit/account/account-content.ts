import { encodeChunk } from '../../../core/health-data/chunk-codec.ts';
import { analysisText } from '../../../core/account/canonical-text.ts';
import type { AccountStores } from '../../../core/account/account-side.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { textOf } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

/** Everything that the ports tell of an owner; `known` are uploads that may have left analyses behind. */
export async function contentOf(stores: AccountStores, owner: UserId, known: readonly Upload[]) {
  const uploads = valueOf(await stores.uploads.list(owner, 1000));
  const keys = valueOf(await stores.objects.list(owner));
  const query = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: 1000, offset: 0, after: null };
  const ids = [...new Set([...uploads, ...known].map(({ processingId }) => processingId))].sort();
  const analyses = await Promise.all(ids.map(async (id) => valueOf(await stores.analyses.listForUpload(owner, id))));
  return {
    uploads,
    objects: await Promise.all(keys.map(async (key) => [key, await textOf(stores.objects.open(owner, key))])),
    metrics: valueOf(await stores.metrics.list(owner, query)).metrics,
    chunks: valueOf(await stores.samples.chunks(owner, null, 1000)).map((chunk) =>
      Buffer.from(encodeChunk(chunk)).toString('base64'),
    ),
    insights: valueOf(await stores.insights.list(owner, { limit: 1000, offset: 0 })).insights,
    analyses: analyses.flat().map((record) => `${record.owner} ${analysisText(record)}`),
  };
}
