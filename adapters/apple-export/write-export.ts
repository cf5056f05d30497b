import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ResultAsync } from 'neverthrow';
import { ZipFile } from 'yazl';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import type { SimulatedRecording } from '../../core/simulation/simulate-person.ts';
import { clinicalDocument, exportXml } from './simulated-export-xml.ts';

/** A file that was written. */
export interface WrittenExport {
  readonly bytes: number;
  /** Lower-case hexadecimal, of the file's bytes. */
  readonly sha256: string;
  /** `Record` elements in it. */
  readonly records: number;
}

/**
 * Writes a recording as Apple's Health app would export it: a zip with `apple_health_export/export.xml` and a small
 * `export_cda.xml`. The bytes depend on the recording alone (and on the zlib that compresses), not on the clock, the
 * machine's zone or locale. The file appears under its name once all of it is written.
 */
export function writeExportZip(
  recording: SimulatedRecording,
  path: string,
): ResultAsync<WrittenExport, PortUnavailable> {
  return ResultAsync.fromPromise(zipTo(recording, path), (cause) =>
    portUnavailable('ExportFile', 'writeExportZip', cause),
  );
}

/** Writes the recording's `export.xml` alone; otherwise as `writeExportZip`. */
export function writeExportXml(
  recording: SimulatedRecording,
  path: string,
): ResultAsync<WrittenExport, PortUnavailable> {
  const write = async (): Promise<WrittenExport> => {
    const tally = { records: 0 };
    const written = await writeFileWhole(path, Readable.from(utf8Chunks(exportXml(recording, tally))));
    return { ...written, records: tally.records };
  };
  return ResultAsync.fromPromise(write(), (cause) => portUnavailable('ExportFile', 'writeExportXml', cause));
}

async function zipTo(recording: SimulatedRecording, path: string): Promise<WrittenExport> {
  const tally = { records: 0 };
  const zip = new ZipFile();
  // A zip entry's time is what a clock on the wall shows, and yazl reads it off the machine's zone: noon there, always.
  const lastDay = new Date((recording.firstDay + recording.days) * MS_PER_DAY);
  const mtime = new Date(lastDay.getUTCFullYear(), lastDay.getUTCMonth(), lastDay.getUTCDate(), 12);
  const options = { mtime, mode: 0o100644, forceDosTimestamp: true };
  const xml = Readable.from(utf8Chunks(exportXml(recording, tally)));
  const output = zip.outputStream.pipe(new PassThrough());
  // yazl does not pass on an error of its input; without this the output would never end.
  xml.once('error', (cause) => output.destroy(cause));
  zip.once('error', (cause: Error) => output.destroy(cause));
  zip.addReadStream(xml, 'apple_health_export/export.xml', options);
  zip.addBuffer(Buffer.from(clinicalDocument(recording)), 'apple_health_export/export_cda.xml', options);
  zip.end();
  try {
    const written = await writeFileWhole(path, output);
    return { ...written, records: tally.records };
  } finally {
    xml.destroy();
  }
}

async function writeFileWhole(path: string, content: Readable): Promise<{ bytes: number; sha256: string }> {
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
    await pipeline(content, meter, createWriteStream(partial));
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function* utf8Chunks(texts: Iterable<string>): Generator<Buffer> {
  for (const text of texts) yield Buffer.from(text, 'utf8');
}
