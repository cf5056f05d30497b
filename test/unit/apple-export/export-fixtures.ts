import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { okAsync } from 'neverthrow';
import { ZipFile } from 'yazl';
import { AppleExportReader, type AppleExportReaderOptions } from '../../../adapters/apple-export/export-reader.ts';
import { SAMPLE_REJECTION_REASONS } from '../../../core/apple-health/rejections.ts';
import type { ByteSource, ExportSummary } from '../../../core/health-data/ports.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { errorOf, valueOf } from '../result-values.ts';

export const WATCH_DEVICE =
  '&lt;&lt;HKDevice: 0x282c0d0e0&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,1, software:10.1&gt;';

/** Attributes of a `Record` in Apple's order; null leaves one out. */
export type RecordAttributes = Readonly<Record<string, string | null>>;

const HEART_RATE: RecordAttributes = {
  type: 'HKQuantityTypeIdentifierHeartRate',
  sourceName: 'Jo’s Apple\u00a0Watch',
  sourceVersion: '10.1',
  device: WATCH_DEVICE,
  unit: 'count/min',
  creationDate: '2024-01-01 08:00:00 +0100',
  startDate: '2024-01-01 08:00:00 +0100',
  endDate: '2024-01-01 08:00:00 +0100',
  value: '61',
};

/** A heart rate record with the given changes. */
export function record(change: RecordAttributes = {}, children: string | null = null): string {
  const attributes = Object.entries({ ...HEART_RATE, ...change })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${String(value)}"`)
    .join('');
  return children === null ? ` <Record${attributes}/>\n` : ` <Record${attributes}>\n${children} </Record>\n`;
}

export const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const EXPORT_DATE = ' <ExportDate value="2024-01-02 09:00:00 +0100"/>\n';

/** A whole export with the given elements inside. */
export function exportXml(content: string, prolog = PROLOG): string {
  return `${prolog}<HealthData locale="en_DE">\n${EXPORT_DATE}${content}</HealthData>\n`;
}

/** Bytes in memory, handed out in pieces of `pieceBytes`. */
export function byteSource(content: string | Uint8Array, pieceBytes = 65_536): ByteSource {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    sizeBytes: bytes.length,

    async *stream({ start, end } = { start: 0, end: bytes.length }) {
      for (let at = start; at < end; at += pieceBytes) yield bytes.subarray(at, Math.min(end, at + pieceBytes));
    },
  };
}

export interface ReadBack {
  readonly summary: ExportSummary;
  readonly batches: readonly SampleColumns[];
}

/** Reads the file and keeps everything that the reader hands out. */
export async function readExport(
  content: string | Uint8Array | ByteSource,
  options: Partial<AppleExportReaderOptions> = {},
): Promise<ReadBack> {
  const batches: SampleColumns[] = [];
  const file = typeof content === 'string' || content instanceof Uint8Array ? byteSource(content) : content;
  const summary = await new AppleExportReader(options).read(file, (taken) => {
    batches.push(...taken);
    return okAsync(undefined);
  });
  return { summary: valueOf(summary), batches };
}

/** Why the file is refused. */
export async function refusal(
  content: string | Uint8Array | ByteSource,
  options: Partial<AppleExportReaderOptions> = {},
) {
  const file = typeof content === 'string' || content instanceof Uint8Array ? byteSource(content) : content;
  const outcome = await new AppleExportReader(options).read(file, () => okAsync(undefined));
  return errorOf(outcome);
}

export const total = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((sum, n) => sum + n, 0);

/** Records that were refused, over all reasons. */
export function rejectedRecords(summary: ExportSummary): number {
  const reasons = new Set<string>(SAMPLE_REJECTION_REASONS);
  return summary.notices.filter(({ code }) => reasons.has(code)).reduce((sum, { count }) => sum + count, 0);
}

export const countOf = (summary: ExportSummary, code: string): number =>
  summary.notices.filter((notice) => notice.code === code).reduce((sum, { count }) => sum + count, 0);

/** Samples as plain rows in the order they were handed out. */
export function rowsOf(batches: readonly SampleColumns[]) {
  return batches.flatMap((columns) =>
    Array.from(columns.startMs, (startMs, at) => ({
      type: columns.type,
      startMs,
      endMs: columns.endMs[at] as number,
      value: columns.value[at] as number,
      offsetMinutes: columns.offsetMinutes[at] as number,
      source: columns.sources[columns.source[at] as number]?.key,
    })),
  );
}

/** A zip of the given files, made by a library that is not the one that reads it. */
export async function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
}

/** A zip of one file whose directory says whatever it is told to. */
export function craftedZip(options: {
  readonly name: string;
  readonly content: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc32?: number;
  readonly claimedBytes?: number;
  readonly stored?: Uint8Array;
}): Buffer {
  const { name, content, flags = 0, method = 8, crc32 = 0, claimedBytes = content.length } = options;
  const stored = options.stored ?? deflateRawSync(content);
  const nameBytes = Buffer.from(name);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(flags, 2);
  shared.writeUInt16LE(method, 4);
  shared.writeUInt32LE(crc32, 10);
  shared.writeUInt32LE(stored.length, 14);
  shared.writeUInt32LE(claimedBytes, 18);
  shared.writeUInt16LE(nameBytes.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, nameBytes, stored]);
  const central = Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), shared, Buffer.alloc(14), nameBytes]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
