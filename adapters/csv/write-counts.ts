import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { formatLocal, MS_PER_MINUTE, type LocalZone } from '../../core/kernel/local-time.ts';

/** Counts to be written; a simulated recording is one. */
export interface WritableCounts {
  /** Start of the first minute. */
  readonly startMs: EpochMs;
  /** One value an elapsed minute; NaN is missing. */
  readonly counts: Float64Array;
  /** The zone whose clock and offset the timestamps show. */
  readonly zone: LocalZone;
}

/** A file that was written. */
export interface WrittenCounts {
  readonly bytes: number;
  /** Lower-case hexadecimal, of the file's bytes. */
  readonly sha256: string;
  /** Rows after the header. */
  readonly rows: number;
}

const ROWS_PER_CHUNK = 1440;

/**
 * The text of a counts file in pieces: the header `timestamp,count`, then a row a minute with the local time and its
 * offset (`2025-01-06T00:00:00+01:00,12`). A missing minute has an empty count, so that it is told from one without
 * movement. Numbers are written in full: reading them gives the same values.
 */
export function* countsCsv({ startMs, counts, zone }: WritableCounts): Generator<string> {
  let text = 'timestamp,count\n';
  for (let minute = 0; minute < counts.length; minute++) {
    const count = counts[minute] as number;
    text += `${formatLocal(zone, startMs + minute * MS_PER_MINUTE)},${Number.isNaN(count) ? '' : String(count)}\n`;
    if ((minute + 1) % ROWS_PER_CHUNK !== 0) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Writes `countsCsv` to a file, which appears under its name once all of it is written. */
export function writeCountsCsv(recording: WritableCounts, path: string): ResultAsync<WrittenCounts, PortUnavailable> {
  return ResultAsync.fromPromise(write(recording, path), (cause) =>
    portUnavailable('CountsFile', 'writeCountsCsv', cause),
  );
}

async function write(recording: WritableCounts, path: string): Promise<WrittenCounts> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const partial = `${path}.partial`;
  try {
    await pipeline(Readable.from(countsCsv(recording)), meter, createWriteStream(partial));
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
  return { bytes, sha256: hash.digest('hex'), rows: recording.counts.length };
}
