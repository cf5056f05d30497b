import { ok, okAsync, safeTry, type ResultAsync } from 'neverthrow';
import { encodeChunk } from '../health-data/chunk-codec.ts';
import type { Digest } from '../kernel/digest.ts';
import {
  ACCOUNT_KINDS,
  allUploads,
  movedKey,
  movedUpload,
  orNull,
  sideUnavailable,
  type AccountKind,
  type AccountMove,
  type AccountSide,
  type SideName,
  type SideUnavailable,
  type StreamDigest,
} from './account-side.ts';
import { analysisText, canonicalText } from './canonical-text.ts';
import { eachInsightPage } from './copy-insights.ts';
import { eachChunkPage, eachMetricPage } from './copy-measurements.ts';
import type { ReportProgress } from './copy-uploads.ts';
import { objectSha256 } from './object-bytes.ts';

/** What one side holds of one kind. */
export interface KindSum {
  /** Objects, uploads, metrics, samples, analyses or insights. */
  readonly count: number;
  /** SHA-256 over the SHA-256 of each piece in its canonical form, in an order that does not depend on the store. */
  readonly sha256: string;
}

/** One kind on both sides. */
export interface KindComparison {
  readonly kind: AccountKind;
  readonly source: KindSum;
  readonly target: KindSum;
  readonly equal: boolean;
}

export interface CompareAccountsDeps {
  readonly digest: Digest;
  readonly streamDigest: StreamDigest;
  readonly progress: ReportProgress;
}

/**
 * Reads everything that the two sides hold and sums it up, kind by kind. Equal sums prove that the target holds what
 * the source holds and nothing else, to the byte: raw objects by their content and their (moved) key, samples as encoded
 * chunks with the uploads they came with, everything else as canonical JSON. Nothing is taken from what a store says
 * about itself.
 */
export function compareAccounts(deps: CompareAccountsDeps) {
  return ({ source, target }: AccountMove): ResultAsync<readonly KindComparison[], SideUnavailable> =>
    safeTry(async function* () {
      const comparisons: KindComparison[] = [];
      for (const kind of ACCOUNT_KINDS) {
        const held = {
          source: yield* SUMS[kind](deps, 'source', source, target.owner),
          target: yield* SUMS[kind](deps, 'target', target, target.owner),
        };
        const equal = held.source.count === held.target.count && held.source.sha256 === held.target.sha256;
        comparisons.push({ kind, ...held, equal });
      }
      return ok(comparisons);
    });
}

type Sum = (
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
  /** The owner in whose name both sides are compared. */
  owner: AccountSide['owner'],
) => ResultAsync<KindSum, SideUnavailable>;

const SUMS: Readonly<Record<AccountKind, Sum>> = {
  objects: sumObjects,
  uploads: sumUploads,
  metrics: sumMetrics,
  samples: sumSamples,
  analyses: sumAnalyses,
  insights: sumInsights,
};

/** The sum over the pieces' own hashes, in text order. */
const sumOf = ({ digest }: CompareAccountsDeps, hashes: readonly string[], count = hashes.length): KindSum => ({
  count,
  sha256: digest.sha256Hex([...hashes].sort().join('\n')),
});

function sumObjects(
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
  owner: AccountSide['owner'],
): ResultAsync<KindSum, SideUnavailable> {
  return safeTry(async function* () {
    const keys = yield* from.stores.objects.list(from.owner).mapErr(sideUnavailable(side));
    const hashes: string[] = [];
    for (const [i, key] of keys.entries()) {
      const object = yield* orNull(side, from.stores.objects.open(from.owner, key));
      if (object === null) continue;
      const sha256 = yield* objectSha256(side, object, deps.streamDigest);
      hashes.push(deps.digest.sha256Hex(canonicalText([movedKey(key, from.owner, owner), object.sizeBytes, sha256])));
      deps.progress({ stage: 'compare', kind: 'objects', done: i + 1 });
    }
    return ok(sumOf(deps, hashes));
  });
}

function sumUploads(
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
  owner: AccountSide['owner'],
): ResultAsync<KindSum, SideUnavailable> {
  return allUploads(side, from).map((uploads) => {
    deps.progress({ stage: 'compare', kind: 'uploads', done: uploads.length });
    return sumOf(
      deps,
      uploads.map((upload) => deps.digest.sha256Hex(canonicalText(movedUpload(upload, owner)))),
    );
  });
}

function sumMetrics(
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
): ResultAsync<KindSum, SideUnavailable> {
  const hashes: string[] = [];
  return eachMetricPage(side, from, (metrics) => {
    for (const metric of metrics) hashes.push(deps.digest.sha256Hex(canonicalText(metric)));
    deps.progress({ stage: 'compare', kind: 'metrics', done: hashes.length });
    return okAsync(undefined);
  }).map(() => sumOf(deps, hashes));
}

function sumSamples(
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
): ResultAsync<KindSum, SideUnavailable> {
  const hashes: string[] = [];
  let count = 0;
  return eachChunkPage(side, from, (chunks) => {
    for (const chunk of chunks) {
      hashes.push(deps.digest.sha256Hex(encodeChunk(chunk)));
      count += chunk.uploadSet.length;
    }
    deps.progress({ stage: 'compare', kind: 'samples', done: hashes.length });
    return okAsync(undefined);
  }).map(() => sumOf(deps, hashes, count));
}

function sumAnalyses(
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
): ResultAsync<KindSum, SideUnavailable> {
  return safeTry(async function* () {
    const uploads = yield* allUploads(side, from);
    const hashes: string[] = [];
    for (const [i, { processingId }] of uploads.entries()) {
      const records = yield* from.stores.analyses.listForUpload(from.owner, processingId).mapErr(sideUnavailable(side));
      records.forEach((record, place) => {
        hashes.push(deps.digest.sha256Hex(canonicalText([place, analysisText(record)])));
      });
      deps.progress({ stage: 'compare', kind: 'analyses', done: i + 1 });
    }
    return ok(sumOf(deps, hashes));
  });
}

function sumInsights(
  deps: CompareAccountsDeps,
  side: SideName,
  from: AccountSide,
  owner: AccountSide['owner'],
): ResultAsync<KindSum, SideUnavailable> {
  const hashes: string[] = [];
  return eachInsightPage(side, from, (insights) => {
    for (const insight of insights) hashes.push(deps.digest.sha256Hex(canonicalText({ ...insight, owner })));
    deps.progress({ stage: 'compare', kind: 'insights', done: hashes.length });
    return okAsync(undefined);
  }).map(() => sumOf(deps, hashes));
}
