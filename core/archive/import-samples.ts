import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { utcDayOf } from '../health-data/chunk-split.ts';
import type { SampleType } from '../health-data/sample-types.ts';
import type { SampleColumns, SampleSource } from '../health-data/samples.ts';
import type { SingleSample } from '../health-data/single-samples.ts';
import type { ProcessingId } from '../kernel/ids.ts';
import type { ImportError, ImportStep } from './import-step.ts';
import { eachLine } from './import-lines.ts';
import { sampleOfLine } from './sample-line.ts';
import type { VerifiedArchive } from './verified-archive.ts';

const LONGEST_LINE_BYTES = 1024 ** 2;
/** Stored where a new day begins from here on, and in any case at the other: a day is then mostly written once. */
const SAMPLES_AT_ONCE = 20_000;
const MOST_SAMPLES_AT_ONCE = 100_000;
/** Names of uploads that are held at once; a sample has mostly one. */
const MOST_NAMES_AT_ONCE = 300_000;
/** Sources of one archive; a store tells 65,536 apart. */
const MOST_SOURCES = 10_000;

/**
 * Adds the samples that are not there, some at a time, each to every upload that it came with. The stored state does
 * not depend on how they are cut.
 */
export function importSamples(step: ImportStep, archive: VerifiedArchive): ResultAsync<void, ImportError> {
  const { ports, owner, tally } = step;
  const sources = new Map<string, SampleSource>();
  let held: SingleSample[] = [];
  let heldNames = 0;
  const flush = async (): Promise<Result<void, ImportError>> => {
    const samples = held;
    held = [];
    heldNames = 0;
    let added = 0;
    for (const [upload, brought] of byUpload(samples)) {
      const cancelled = await step.goOn();
      if (cancelled.isErr()) return err(cancelled.error);
      const counts = await ports.samples.append(owner, upload, columnsByType(brought));
      if (counts.isErr()) return err(counts.error);
      for (const { stored } of counts.value) added += stored;
    }
    tally.added('samples', added);
    tally.alreadyThere('samples', samples.length - added);
    return ok(undefined);
  };
  const isFull = (next: SingleSample): boolean => {
    const last = held.at(-1);
    if (last === undefined) return false;
    if (held.length >= MOST_SAMPLES_AT_ONCE || heldNames >= MOST_NAMES_AT_ONCE) return true;
    return held.length >= SAMPLES_AT_ONCE && utcDayOf(last.startMs) !== utcDayOf(next.startMs);
  };
  return eachLine(step, archive.filesOf('samples'), {
    kind: 'samples',
    longestBytes: LONGEST_LINE_BYTES,
    read: sampleOfLine,
    take: async (sample, _, place) => {
      const source = knownSource(sources, sample.source);
      if (source === null) {
        const message = `an archive names more than ${MOST_SOURCES} sources`;
        tally.setAside('samples', { code: 'too-many-sources', message }, place);
        return ok(undefined);
      }
      const stored = isFull(sample) ? await flush() : ok(undefined);
      held.push({ ...sample, source });
      heldNames += sample.uploads.length;
      return stored;
    },
  }).andThen(() => new ResultAsync(flush()));
}

/** The same object for the same description, so that a million samples hold a handful; null for one too many. */
function knownSource(sources: Map<string, SampleSource>, source: SampleSource): SampleSource | null {
  const name = JSON.stringify([source.key, source.name, source.device, source.model]);
  const known = sources.get(name);
  if (known !== undefined) return known;
  if (sources.size >= MOST_SOURCES) return null;
  sources.set(name, source);
  return source;
}

function byUpload(samples: readonly SingleSample[]): ReadonlyMap<ProcessingId, readonly SingleSample[]> {
  const uploads = new Map<ProcessingId, SingleSample[]>();
  for (const sample of samples) {
    for (const upload of new Set(sample.uploads)) {
      const brought = uploads.get(upload);
      if (brought === undefined) uploads.set(upload, [sample]);
      else brought.push(sample);
    }
  }
  return uploads;
}

function columnsByType(samples: readonly SingleSample[]): readonly SampleColumns[] {
  const types = new Map<SampleType, SingleSample[]>();
  for (const sample of samples) {
    const ofType = types.get(sample.type);
    if (ofType === undefined) types.set(sample.type, [sample]);
    else ofType.push(sample);
  }
  return [...types].map(([type, ofType]) => columnsOf(type, ofType));
}

function columnsOf(type: SampleType, samples: readonly SingleSample[]): SampleColumns {
  const sources = [...new Set(samples.map(({ source }) => source))];
  const index = new Map(sources.map((source, i) => [source, i]));
  return {
    type,
    startMs: Float64Array.from(samples, ({ startMs }) => startMs),
    endMs: Float64Array.from(samples, ({ endMs }) => endMs),
    value: Float64Array.from(samples, ({ value }) => value),
    offsetMinutes: Int16Array.from(samples, ({ offsetMinutes }) => offsetMinutes),
    source: Uint16Array.from(samples, ({ source }) => index.get(source)!),
    sources,
  };
}
