import { ZipFile } from 'yazl';
import { ZipArchiveReader, type ArchiveLimits } from '../../../adapters/account-archive/zip-archive-reader.ts';
import { ZipArchiveWriter } from '../../../adapters/account-archive/zip-archive-writer.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { analysisText, canonicalText } from '../../../core/account/canonical-text.ts';
import { exportAccount, type ExportAccountPorts } from '../../../core/archive/export-account.ts';
import { importArchive } from '../../../core/archive/import-archive.ts';
import type { ImportArchivePorts } from '../../../core/archive/import-step.ts';
import { ARCHIVE_FORMAT } from '../../../core/archive/model.ts';
import type { Profile } from '../../../core/auth/identity-ports.ts';
import { encodeChunk } from '../../../core/health-data/chunk-codec.ts';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import { insightId, type Insight } from '../../../core/insights/model.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { webhookId } from '../../../core/webhooks/model.ts';
import { readAnalysisDocument } from '../../../hosts/wiring/read-analysis-document.ts';
import { NOW_MS, textOf, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

export const exportPorts = (world: World): ExportAccountPorts => ({
  ...world,
  streamDigest: nodeStreamDigest,
  archives: new ZipArchiveWriter(),
});

export const importPorts = (world: World, limits?: ArchiveLimits): ImportArchivePorts => ({
  ...world,
  streamDigest: nodeStreamDigest,
  archives: new ZipArchiveReader(limits),
  readDocument: readAnalysisDocument,
});

export const profileOf = (userId: UserId): Profile => ({
  userId,
  email: 'ada@example.org',
  emailVerified: true,
  displayName: 'Ada',
  provider: 'local',
});

export async function allOf(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const held: Uint8Array[] = [];
  for await (const part of parts) held.push(part);
  return Buffer.concat(held);
}

/** The archive of an owner, whole. */
export async function exported(world: World, owner: UserId): Promise<Buffer> {
  const command = { owner, profile: profileOf(owner), isCancelled: () => false };
  return allOf(valueOf(await exportAccount(exportPorts(world))(command)).bytes);
}

export const sourceOf = (content: Uint8Array): ByteSource => ({
  sizeBytes: content.length,
  async *stream({ start, end } = { start: 0, end: content.length }) {
    yield await Promise.resolve(content.subarray(start, end));
  },
});

export const importInto = (world: World, owner: UserId, archive: Uint8Array, limits?: ArchiveLimits) =>
  importArchive(importPorts(world, limits))({ owner, file: sourceOf(archive), isCancelled: () => false });

/** The files of a zip by name, in its order. */
export async function unzipped(archive: Uint8Array): Promise<Map<string, Buffer>> {
  const files = valueOf(await new ZipArchiveReader().open(sourceOf(archive)));
  const contents = new Map<string, Buffer>();
  for (const [name, file] of files) contents.set(name, await allOf(file.content()));
  return contents;
}

/** The lines of an NDJSON file of an archive. */
export async function linesOf(
  archive: Uint8Array,
  name: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const content = (await unzipped(archive)).get(name);
  if (content === undefined) throw new Error(`no ${name}`);
  return content
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** A zip of these files, as they are given. */
export function zipped(files: Iterable<readonly [string, Uint8Array | string]>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of files) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return allOf(zip.outputStream as AsyncIterable<Uint8Array>);
}

/** A file of an archive that somebody makes by hand. */
export interface HandMade {
  readonly name: string;
  readonly kind: string;
  readonly content: string | Uint8Array;
  readonly key?: string;
}

/** An archive whose manifest fits its files. */
export function handMade(userId: string, files: readonly HandMade[], changes: object = {}): Promise<Buffer> {
  const manifest = {
    format: ARCHIVE_FORMAT,
    user_id: userId,
    files: files.map(({ name, kind, content, key }) => ({
      name,
      kind,
      bytes: Buffer.from(content).length,
      sha256: nodeDigest.sha256Hex(Buffer.from(content)),
      ...(key === undefined ? {} : { key }),
    })),
    ...changes,
  };
  return zipped([
    ...files.map(({ name, content }) => [name, content] as const),
    ['manifest.json', JSON.stringify(manifest)] as const,
  ]);
}

/** An NDJSON file of these lines, texts as they are. */
export const ndjson = (kind: string, lines: readonly unknown[], name = `${kind}.ndjson`): HandMade => ({
  name,
  kind,
  content: lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
});

export const insightOf = (owner: UserId, number: number, upload: ProcessingId | null): Insight => ({
  owner,
  insightId: insightId(`insight_${String(number).padStart(32, '0')}`),
  upload,
  insightType: 'sleep',
  generatedAtMs: NOW_MS + number + 0.25,
  generator: 'rules',
  narrative: `You slept ${number} hours.`,
  keyInsights: ['One', 'Two'],
  recommendations: [],
  confidenceScore: number % 2 === 0 ? null : 0.5,
  factsUsed: [{ name: 'sleep.hours', value: number, unit: 'h', origin: 'analysis', isProxy: number % 3 === 0 }],
  notComputed: [{ field: 'rhythm.mesor', reason: 'too few days' }],
});

/** Gives the owner insights and a webhook besides what the use cases made. */
export async function addWords(world: World, owner: UserId, upload: ProcessingId | null): Promise<void> {
  for (let i = 1; i <= 3; i++) valueOf(await world.insights.insert(insightOf(owner, i, i === 1 ? null : upload)));
  valueOf(
    await world.webhooks.put({
      owner,
      webhookId: webhookId(`wh_${'0'.repeat(32)}`),
      url: 'https://example.org/hook',
      eventTypes: ['analysis.completed'],
      description: 'a hook',
      enabled: true,
      secret: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0',
      createdAtMs: NOW_MS,
    }),
  );
}

/** Everything that the stores hold of an owner, in a form that does not depend on the stores or the owner's id. */
export async function dumpOf(world: World, owner: UserId) {
  const anonymous = (text: string): string => text.replaceAll(`/${owner}/`, '/<owner>/');
  const uploads = valueOf(await world.uploads.list(owner, 1e6));
  const keys = valueOf(await world.objects.list(owner));
  const query = { types: null, fromMs: null, toMs: null, uploadSource: null, limit: 1e6, offset: 0, after: null };
  const analyses = [];
  for (const { processingId } of uploads) {
    analyses.push(...valueOf(await world.analyses.listForUpload(owner, processingId)).map(analysisText));
  }
  return {
    objects: await Promise.all(keys.map(async (key) => [anonymous(key), await textOf(world.objects.open(owner, key))])),
    uploads: uploads.map((upload) => anonymous(canonicalText({ ...upload, owner: '<owner>' }))),
    metrics: valueOf(await world.metrics.list(owner, query)).metrics.map((metric) => canonicalText(metric)),
    chunks: valueOf(await world.samples.chunks(owner, null, 1e6)).map((chunk) =>
      Buffer.from(encodeChunk(chunk)).toString('base64'),
    ),
    analyses,
    insights: valueOf(await world.insights.list(owner, { limit: 1e6, offset: 0 })).insights.map((insight) =>
      canonicalText({ ...insight, owner: '<owner>' }),
    ),
  };
}
