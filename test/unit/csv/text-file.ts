import type { ByteSource } from '../../../core/health-data/ports.ts';
import { localZone, type LocalZone } from '../../../core/kernel/local-time.ts';
import type { CountsRecording, CsvUnreadable } from '../../../adapters/csv/counts-csv.ts';
import { readCountsCsv } from '../../../adapters/csv/counts-csv.ts';
import { errorOf, valueOf } from '../result-values.ts';

/** A file with this content, handed out in pieces of `chunkBytes`. */
export function fileOf(content: string | Uint8Array, chunkBytes = 65_536): ByteSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    sizeBytes: bytes.length,
    async *stream() {
      for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
    },
  };
}

export const zoneNamed = (name: string): LocalZone => valueOf(localZone(name));

export const BERLIN = zoneNamed('Europe/Berlin');
export const UTC = zoneNamed('UTC');

/** What is read from the text; fails where nothing can be. */
export async function readText(text: string | Uint8Array, zone: LocalZone = UTC): Promise<CountsRecording> {
  return valueOf(await readCountsCsv(fileOf(text), zone));
}

/** Why the text cannot be read; fails where it can. */
export async function readError(text: string | Uint8Array, zone: LocalZone = UTC): Promise<CsvUnreadable> {
  const error = errorOf(await readCountsCsv(fileOf(text), zone));
  if (error.kind !== 'csv-unreadable') throw new Error(`unexpected ${error.kind}`);
  return error;
}

/** `code` and `count` and first place of each notice. */
export const noticesOf = (recording: CountsRecording): readonly (readonly [string, number, string | null])[] =>
  recording.notices.map(({ code, count, firstAt }) => [code, count, firstAt] as const);
