import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate as deflateCallback, inflate as inflateCallback } from 'node:zlib';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';

const deflate = promisify<Uint8Array, Buffer>(deflateCallback);
const inflate = promisify<Uint8Array, { readonly maxOutputLength: number }, Buffer>(inflateCallback);

/**
 * The analyses of one upload as bytes, version 1:
 *
 *   byte      version, 1
 *   32 bytes  SHA-256 of the content
 *   the content, deflated (RFC 1950):
 *     4 bytes  length of the text, little-endian
 *     text     JSON, UTF-8: owner, upload, and for each record what it has besides them, the minutes of its grid
 *              replaced by their number
 *     the minutes of all grids, one after the other, as little-endian 32-bit floats
 */
const VERSION = 1;
const HASH_BYTES = 32;

/** No stored content comes near; bytes that inflate to more were not written by this program. */
const MOST_CONTENT_BYTES = 1 << 30;

interface StoredRecord extends Omit<AnalysisRecord, 'owner' | 'upload' | 'grid'> {
  readonly dates: readonly string[];
  readonly minutes: number;
}

interface Header {
  readonly owner: UserId;
  readonly upload: ProcessingId;
  readonly records: readonly StoredRecord[];
}

/** The records, which all become those of this owner and upload, as bytes. */
export async function analysisBytes(
  owner: UserId,
  upload: ProcessingId,
  records: readonly AnalysisRecord[],
): Promise<Uint8Array> {
  const header: Header = {
    owner,
    upload,
    records: records.map(({ analysisId, scope, createdAtMs, document, grid }) => ({
      analysisId,
      scope,
      createdAtMs,
      document,
      dates: grid.dates,
      minutes: grid.values.length,
    })),
  };
  const text = Buffer.from(JSON.stringify(header));
  const minutes = records.reduce((sum, { grid }) => sum + grid.values.length, 0);
  const content = new Uint8Array(4 + text.length + 4 * minutes);
  const view = new DataView(content.buffer);
  view.setUint32(0, text.length, true);
  content.set(text, 4);
  let at = 4 + text.length;
  for (const { grid } of records) {
    // Written out one by one, so that the bytes are the same on every machine.
    for (const value of grid.values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return Buffer.concat([Uint8Array.of(VERSION), sha256(content), await deflate(content)]);
}

/**
 * The records in the order in which they were given.
 *
 * @throws Error for bytes that are not the analyses of this owner and upload.
 */
export async function analysesOf(
  bytes: Uint8Array,
  owner: UserId,
  upload: ProcessingId,
): Promise<readonly AnalysisRecord[]> {
  if (bytes[0] !== VERSION) throw new Error(`version ${String(bytes[0])} is not known`);
  const content = await inflate(bytes.subarray(1 + HASH_BYTES), { maxOutputLength: MOST_CONTENT_BYTES });
  if (!sha256(content).equals(bytes.subarray(1, 1 + HASH_BYTES))) throw new Error('the hash is not the content’s');
  // What has the right hash was written by `analysisBytes`, so it is not looked at with suspicion from here on.
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const textEnd = 4 + view.getUint32(0, true);
  const header = JSON.parse(content.toString('utf8', 4, textEnd)) as Header;
  if (header.owner !== owner || header.upload !== upload) throw new Error('they are those of another upload');
  let at = textEnd;
  return header.records.map(({ dates, minutes, ...record }) => {
    const values = Float32Array.from({ length: minutes }, (_, i) => view.getFloat32(at + 4 * i, true));
    at += 4 * minutes;
    return { ...record, owner, upload, grid: { dates, values } };
  });
}

const sha256 = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest();
