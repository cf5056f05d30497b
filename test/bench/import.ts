import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppleExportReader } from '../../adapters/apple-export/export-reader.ts';
import type { ByteSource, SampleSink, SampleStore } from '../../core/health-data/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';

export interface ImportBenchResult {
  readonly bytes: number;
  readonly records: number;
  readonly seconds: number;
  /** Millions of bytes of XML a second, from the open file to the answer of the last append. */
  readonly mb_per_s: number;
  /** The most memory the process had while it read. */
  readonly rss_mb: number;
}

/**
 * Writes an `export.xml` of about `bytes` bytes (the same for the same size) into a temporary folder, and measures how long
 * `AppleExportReader` takes to bring it into the store. Making the file is not part of the time.
 */
export async function benchImport(options: {
  readonly bytes: number;
  readonly samples: SampleStore;
}): Promise<ImportBenchResult> {
  const owner = userId('00000000-0000-4000-8000-000000000001');
  const upload = processingId('00000000-0000-4000-8000-000000000002');
  return measureImport(options.bytes, (batches) => options.samples.append(owner, upload, batches).map(() => undefined));
}

/** As `benchImport`, with any sink. */
export async function measureImport(bytes: number, sink: SampleSink): Promise<ImportBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'clarity-bench-'));
  try {
    const path = join(directory, 'export.xml');
    await pipeline(exportXmlChunks(bytes), createWriteStream(path));
    const file: ByteSource = {
      sizeBytes: (await stat(path)).size,
      // The end of a stream of node's is inclusive.
      stream: ({ start, end } = { start: 0, end: file.sizeBytes }) =>
        createReadStream(path, { start, end: end - 1, highWaterMark: 262_144 }),
    };
    return await measure(file, sink);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(file: ByteSource, sink: SampleSink): Promise<ImportBenchResult> {
  let peakRss = 0;
  const look = (): void => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  };
  const watch = setInterval(look, 20);
  const startedMs = performance.now();
  const outcome = await new AppleExportReader().read(file, (batches, progress) => {
    look();
    return sink(batches, progress);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  clearInterval(watch);
  const summary = valueOf(outcome);
  return {
    bytes: summary.xmlBytes,
    records: summary.recordsSeen,
    seconds: rounded(seconds),
    mb_per_s: rounded(summary.xmlBytes / 1e6 / seconds),
    rss_mb: rounded(peakRss / 1e6),
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** One kind of record: its share of the file, and how far apart and how long its records are. */
interface RecordKind {
  readonly type: string;
  readonly share: number;
  readonly unit: string | null;
  readonly everySeconds: number;
  readonly lastsSeconds: number;
  readonly device: 'watch' | 'phone';
  readonly value: (random: () => number) => string;
  readonly children: (random: () => number, time: string) => string;
}

const childless = (): string => '';
const metadata = (key: string, value: string): string => `  <MetadataEntry key="${key}" value="${value}"/>\n`;
const motion = (random: () => number): string =>
  metadata('HKMetadataKeyHeartRateMotionContext', random() < 0.8 ? '1' : '0');
const beats = (random: () => number, time: string): string => {
  let list = '  <HeartRateVariabilityMetadataList>\n';
  for (let beat = 0; beat < 60; beat += 1) {
    const bpm = String(55 + Math.floor(random() * 25));
    list += `   <InstantaneousBeatsPerMinute bpm="${bpm}" time="${time.slice(11, 19)},${String(beat + 10)}"/>\n`;
  }
  return `${list}  </HeartRateVariabilityMetadataList>\n`;
};
const quantity = 'HKQuantityTypeIdentifier';
const between = (low: number, high: number, digits: number) => (random: () => number) =>
  (low + random() * (high - low)).toFixed(digits);
const STAGES = ['AsleepCore', 'AsleepDeep', 'AsleepREM', 'Awake'];
const plain = { children: childless, device: 'watch' } as const;

/** The mix of a watch wearer's export; a sixth of the bytes is of types that are not kept, as in real ones. */
const KINDS: readonly RecordKind[] = [
  {
    ...plain,
    type: `${quantity}HeartRate`,
    share: 0.26,
    unit: 'count/min',
    everySeconds: 240,
    lastsSeconds: 0,
    value: between(48, 130, 0),
    children: motion,
  },
  {
    ...plain,
    type: `${quantity}StepCount`,
    share: 0.1,
    unit: 'count',
    everySeconds: 600,
    lastsSeconds: 540,
    value: between(1, 600, 0),
  },
  {
    ...plain,
    type: `${quantity}StepCount`,
    share: 0.05,
    unit: 'count',
    everySeconds: 900,
    lastsSeconds: 300,
    device: 'phone',
    value: between(1, 400, 0),
  },
  {
    ...plain,
    type: `${quantity}DistanceWalkingRunning`,
    share: 0.11,
    unit: 'km',
    everySeconds: 600,
    lastsSeconds: 540,
    value: between(0.001, 0.5, 6),
  },
  {
    ...plain,
    type: `${quantity}ActiveEnergyBurned`,
    share: 0.16,
    unit: 'kcal',
    everySeconds: 60,
    lastsSeconds: 60,
    value: between(0.05, 5, 3),
  },
  {
    ...plain,
    type: `${quantity}BasalEnergyBurned`,
    share: 0.09,
    unit: 'kcal',
    everySeconds: 900,
    lastsSeconds: 900,
    value: between(14, 19, 3),
  },
  {
    ...plain,
    type: `${quantity}HeartRateVariabilitySDNN`,
    share: 0.02,
    unit: 'ms',
    everySeconds: 14_400,
    lastsSeconds: 60,
    value: between(15, 90, 4),
    children: beats,
  },
  {
    ...plain,
    type: `${quantity}OxygenSaturation`,
    share: 0.02,
    unit: '%',
    everySeconds: 3600,
    lastsSeconds: 0,
    value: between(0.92, 1, 2),
    children: () => metadata('HKMetadataKeyBarometricPressure', '101.2 kPa'),
  },
  {
    ...plain,
    type: 'HKCategoryTypeIdentifierSleepAnalysis',
    share: 0.02,
    unit: null,
    everySeconds: 1500,
    lastsSeconds: 1500,
    value: (random) => `HKCategoryValueSleepAnalysis${STAGES[Math.floor(random() * 4)] as string}`,
    children: () => metadata('HKTimeZone', 'Europe/Berlin'),
  },
  {
    ...plain,
    type: 'HKCategoryTypeIdentifierAppleStandHour',
    share: 0.01,
    unit: null,
    everySeconds: 3600,
    lastsSeconds: 3600,
    value: (random) => `HKCategoryValueAppleStandHour${random() < 0.6 ? 'Stood' : 'Idle'}`,
  },
  {
    ...plain,
    type: `${quantity}PhysicalEffort`,
    share: 0.1,
    unit: 'kcal/hr·kg',
    everySeconds: 300,
    lastsSeconds: 300,
    value: between(1, 6, 1),
  },
  {
    ...plain,
    type: `${quantity}WalkingSpeed`,
    share: 0.06,
    unit: 'km/hr',
    everySeconds: 1200,
    lastsSeconds: 30,
    device: 'phone',
    value: between(3, 6, 3),
  },
];

const FIRST_MS = Date.UTC(2015, 0, 1);
const EXPORTED = '2026-01-01 09:00:00 +0100';
const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
<HealthData locale="en_DE">
 <ExportDate value="${EXPORTED}"/>
 <Me HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet"/>
`;

function* exportXmlChunks(bytes: number): Generator<Buffer> {
  const random = uniform(20_260_101);
  yield Buffer.from(HEAD);
  for (const kind of KINDS) {
    let left = bytes * kind.share;
    let serial = 0;
    while (left > 0) {
      let text = '';
      while (text.length < 65_536 && text.length < left) text += recordXml(kind, serial++, random);
      const chunk = Buffer.from(text);
      left -= chunk.length;
      yield chunk;
    }
  }
  yield Buffer.from('</HealthData>\n');
}

function recordXml(kind: RecordKind, serial: number, random: () => number): string {
  const startMs = FIRST_MS + serial * kind.everySeconds * 1000;
  // Whatever the size of the file, its dates stay before the export's: later rounds fill the gaps of the first.
  const wrapped =
    FIRST_MS + ((startMs - FIRST_MS) % TEN_YEARS_MS) + Math.floor((startMs - FIRST_MS) / TEN_YEARS_MS) * 1000;
  const start = appleDate(wrapped);
  const end = kind.lastsSeconds === 0 ? start : appleDate(wrapped + kind.lastsSeconds * 1000);
  const unit = kind.unit === null ? '' : ` unit="${kind.unit}"`;
  const opening =
    ` <Record type="${kind.type}" ${deviceXml(kind.device, serial)}${unit} creationDate="${end}" ` +
    `startDate="${start}" endDate="${end}" value="${kind.value(random)}"`;
  const children = kind.children(random, start);
  return children === '' ? `${opening}/>\n` : `${opening}>\n${children} </Record>\n`;
}

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** The address in memory that Apple prints changes every few hundred records. */
function deviceXml(device: RecordKind['device'], serial: number): string {
  const address = (0x282c0d0e0 + Math.floor(serial / 200) * 0x1a0).toString(16);
  return device === 'watch'
    ? `sourceName="Jo’s Apple Watch" sourceVersion="10.1" device="&lt;&lt;HKDevice: 0x${address}&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,1, software:10.1&gt;"`
    : `sourceName="Jo’s iPhone" sourceVersion="17.1" device="&lt;&lt;HKDevice: 0x${address}&gt;, name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone14,2, software:17.1&gt;"`;
}

function appleDate(ms: number): string {
  const iso = new Date(ms + 3_600_000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0100`;
}

/** Park and Miller's minimal standard generator ("Random number generators: good ones are hard to find", 1988). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
