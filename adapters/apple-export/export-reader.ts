import { setImmediate as nextTurn } from 'node:timers/promises';
import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type {
  ByteSource,
  ExportReader,
  ExportSummary,
  ExportUnreadable,
  SampleSink,
} from '../../core/health-data/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { ByteSourceFailure, bytesOf, readBytes } from './byte-source-reader.ts';
import { ElementScanner, type ScanEnd } from './element-scanner.ts';
import { RecordImport } from './record-import.ts';
import { tooLarge, unreadable, type Damage, type ExportLimits, type XmlFault, type XmlSource } from './xml-sources.ts';
import { exportCandidates } from './zip-archive.ts';

export interface AppleExportReaderOptions extends ExportLimits {
  /** Samples are handed on when there are this many. */
  readonly samplesPerBatch: number;
}

export const DEFAULT_EXPORT_READER_OPTIONS: AppleExportReaderOptions = {
  maxXmlBytes: 4 * 1024 ** 3,
  maxRatio: 200,
  samplesPerBatch: 100_000,
};

/** Bytes parsed at a time; other work gets its turn after every fourth. */
const STEP_BYTES = 65_536;
const STEPS_PER_TURN = 4;
const ROOT_ELEMENT = 'HealthData';

type ReadError = ExportUnreadable | PortUnavailable;

/**
 * Reads what Apple's Health app exports: `export.zip`, whatever its language calls the file inside, or the `export.xml`
 * alone. What a file is, its content says, not its name. Unusable records are counted by reason; a file that breaks off
 * in the middle is read up to there, with a `truncated` notice. Memory does not grow with the file.
 */
export class AppleExportReader implements ExportReader {
  readonly #options: AppleExportReaderOptions;

  constructor(options: Partial<AppleExportReaderOptions> = {}) {
    this.#options = { ...DEFAULT_EXPORT_READER_OPTIONS, ...options };
  }

  read(file: ByteSource, sink: SampleSink): ResultAsync<ExportSummary, ReadError> {
    return new ResultAsync(this.#read(file, sink));
  }

  async #read(file: ByteSource, sink: SampleSink): Promise<Result<ExportSummary, ReadError>> {
    const sources = await this.#sourcesIn(file);
    if (sources.isErr()) return err(sources.error);
    let roots = '';
    for (const source of sources.value.documents) {
      const outcome = await readDocument(source, sink, this.#options.samplesPerBatch);
      if (outcome.isErr()) return err(outcome.error);
      if (outcome.value.kind === 'export') return ok(outcome.value.summary);
      roots += `${roots === '' ? '' : ', '}${source.name} ${outcome.value.found}`;
    }
    return err(
      sources.value.isZip
        ? unreadable('no-export-xml', 'No document in the archive is an export of the Health app.', roots)
        : unreadable('not-an-export', 'The document is not an export of the Health app.', roots),
    );
  }

  async #sourcesIn(
    file: ByteSource,
  ): Promise<Result<{ readonly documents: readonly XmlSource[]; readonly isZip: boolean }, ReadError>> {
    if (file.sizeBytes === 0) return err(unreadable('empty-file', 'The file is empty.', 'byte 0'));
    try {
      const start = await readBytes(file, 0, SNIFFED_BYTES);
      if (looksLikeZip(start)) {
        const candidates = await exportCandidates(file, this.#options);
        if (candidates.isOk()) return ok({ documents: candidates.value, isZip: true });
        const { error } = candidates;
        return err(error instanceof ByteSourceFailure ? sourceUnavailable(error) : error);
      }
      if (looksLikeXml(start)) return ok({ documents: [plainXml(file, this.#options)], isZip: false });
    } catch (cause) {
      return err(sourceUnavailable(cause));
    }
    const message = 'The file is neither a zip archive nor an XML document.';
    return err(unreadable('not-an-export', message, 'byte 0'));
  }
}

type DocumentOutcome =
  | { readonly kind: 'export'; readonly summary: ExportSummary }
  | { readonly kind: 'other'; readonly found: string };

async function readDocument(
  source: XmlSource,
  sink: SampleSink,
  samplesPerBatch: number,
): Promise<Result<DocumentOutcome, ReadError>> {
  const records: RecordImport = new RecordImport(() => `line ${String(scanner.line)}`);
  const scanner: ElementScanner = new ElementScanner(records);
  const whereItStopped = (): string => `line ${String(scanner.line)}, byte ${String(scanner.byte)}`;
  let bytesRead = 0;
  let steps = 0;
  let scanEnd: ScanEnd | null = null;
  let damage: Damage | null = null;

  const handOn = async (atLeast: number): Promise<Result<void, PortUnavailable>> => {
    if (records.samples.size < atLeast) return ok(undefined);
    const bytesTotal = Math.max(source.bytesTotal, bytesRead);
    return sink(records.samples.take(), { bytesRead, bytesTotal });
  };

  reading: for await (const chunk of source.chunks()) {
    if (chunk.isErr()) {
      const fault = chunk.error;
      if (fault.kind === 'source-failed') return err(sourceUnavailable(fault.cause));
      if (fault.kind === 'export-unreadable') return err(fault);
      damage = fault;
      break;
    }
    for (let from = 0; from < chunk.value.length; from += STEP_BYTES) {
      const step = chunk.value.subarray(from, from + STEP_BYTES);
      const goesOn = scanner.write(step);
      bytesRead += step.length;
      const isOther = records.rootName !== null && records.rootName !== ROOT_ELEMENT;
      if (isOther) return ok({ kind: 'other', found: `has the root element ${shownName(records.rootName)}` });
      if (!goesOn) {
        scanEnd = 'too-long';
        break reading;
      }
      const handed = await handOn(samplesPerBatch);
      if (handed.isErr()) return err(handed.error);
      steps += 1;
      if (steps % STEPS_PER_TURN === 0) await nextTurn();
    }
  }
  scanEnd ??= scanner.end();
  const isOther = records.rootName !== ROOT_ELEMENT;
  if (isOther && damage !== null)
    return err(unreadable('broken-zip', 'The archive is damaged before its first record.', damage.place));
  if (isOther) return ok({ kind: 'other', found: `has no ${ROOT_ELEMENT} element` });
  const handed = await handOn(1);
  if (handed.isErr()) return err(handed.error);
  noteTheEnd(records, scanEnd, damage, whereItStopped());
  return ok({ kind: 'export', summary: summaryOf(records, bytesRead) });
}

/** Says what the reader of the summary would otherwise take for the whole. */
function noteTheEnd(records: RecordImport, scanEnd: ScanEnd, damage: Damage | null, place: string): void {
  if (damage !== null) {
    records.notice(damage.code, damage.message, `${place} (${damage.place})`);
  } else if (scanEnd === 'too-long') {
    records.notice('truncated', 'A tag does not end; what comes before is kept.', place);
  } else if (scanEnd === 'cut-off' || records.isOpen) {
    records.notice('truncated', 'The file is cut off; what comes before is kept.', place);
  }
  if (records.recordsSeen === 0) records.notice('no-records', 'The export holds no records.', null);
}

function summaryOf(records: RecordImport, xmlBytes: number): ExportSummary {
  return {
    xmlBytes,
    recordsSeen: records.recordsSeen,
    samples: records.acceptedByType(),
    notices: records.notices(),
    timeZones: records.zones.list(),
    utcOffsets: records.offsets.list(),
  };
}

function plainXml(file: ByteSource, limits: ExportLimits): XmlSource {
  return {
    name: 'the document',
    bytesTotal: file.sizeBytes,
    async *chunks(): AsyncGenerator<Result<Uint8Array, XmlFault>> {
      if (file.sizeBytes > limits.maxXmlBytes) {
        yield err(tooLarge(limits, `byte ${String(limits.maxXmlBytes)}`));
        return;
      }
      try {
        for await (const chunk of bytesOf(file, 0, file.sizeBytes)) yield ok(chunk);
      } catch (cause) {
        yield err({ kind: 'source-failed', cause });
      }
    },
  };
}

const SNIFFED_BYTES = 1024;

function looksLikeZip(start: Buffer): boolean {
  // A local file header, or the end record of an archive without files.
  const signature = start.length >= 4 ? start.readUInt32LE(0) : 0;
  return signature === 0x04034b50 || signature === 0x06054b50;
}

function looksLikeXml(start: Buffer): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*<[?!A-Za-z]/.test(start.toString('latin1'));
}

/** A name out of the file as it may stand in a message. */
function shownName(name: string | null): string {
  return name !== null && /^[\w:.-]{1,60}$/.test(name) ? name : '(unreadable)';
}

function sourceUnavailable(cause: unknown): PortUnavailable {
  return portUnavailable('ByteSource', 'stream', cause instanceof ByteSourceFailure ? cause.cause : cause);
}
