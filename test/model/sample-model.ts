import { utcDayOf } from '../../core/health-data/chunk-split.ts';
import { compareChunkPlaces, type ChunkPlace } from '../../core/health-data/ports.ts';
import type { SampleChunk } from '../../core/health-data/sample-chunk.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET, type SampleColumns, type Span } from '../../core/health-data/samples.ts';
import { columnsOf } from '../unit/sample-columns.ts';
import { valueOf } from '../unit/result-values.ts';
import {
  answerOf,
  Divergence,
  same,
  uploadOf,
  type Actor,
  type Answer,
  type Content,
  type ModelledPort,
  type Stores,
} from './modelled-port.ts';
import { SOURCES, TYPES, type DrawnSample, type SampleCommand } from './sample-commands.ts';

/** A sample as the plain map keeps it. */
interface PlainSample extends DrawnSample {
  /** Ascending. */
  readonly uploads: readonly string[];
}

/** A chunk's samples in the order of the port. */
export type SamplePiece = readonly PlainSample[];

const EVER: Span = { fromMs: -8.64e15, toMs: 8.64e15 };
const CHUNKS_A_PAGE = 4;

const keyOf = ({ type, day }: ChunkPlace): string => `${type}/${day}`;

function placeOf(key: string): ChunkPlace {
  const [type, day] = key.split('/');
  return { type: type as SampleType, day: Number(day) };
}

const compareSamples = (a: DrawnSample, b: DrawnSample): number =>
  a.startMs - b.startMs || a.endMs - b.endMs || a.value - b.value || a.source - b.source;

const overlaps = ({ startMs, endMs }: DrawnSample, { fromMs, toMs }: Span): boolean =>
  fromMs < toMs && startMs < toMs && (endMs > fromMs || startMs >= fromMs);

/** A sample as a read tells it. */
type Row = readonly [startMs: number, endMs: number, value: number, offsetMinutes: number, source: string];

const describe = (source: (typeof SOURCES)[number]): string =>
  JSON.stringify([source.key, source.name, source.device, source.model]);

const rowOf = ({ startMs, endMs, value, offsetMinutes, source }: DrawnSample): Row => [
  startMs,
  endMs,
  value,
  offsetMinutes,
  describe(SOURCES[source]!),
];

const rowsOf = ({ startMs, endMs, value, offsetMinutes, source, sources }: SampleColumns): readonly Row[] =>
  Array.from(startMs, (start, i) => [
    start,
    endMs[i]!,
    value[i]!,
    offsetMinutes[i]!,
    describe(sources[source[i]!] ?? { key: 'none', name: '', device: 'other', model: null }),
  ]);

function samplesOf({ columns, uploads, uploadSets, uploadSet }: SampleChunk): SamplePiece {
  const number = columns.sources.map((source) => SOURCES.findIndex((known) => same(known, source)));
  return Array.from(columns.startMs, (startMs, i) => ({
    startMs,
    endMs: columns.endMs[i]!,
    value: columns.value[i]!,
    source: number[columns.source[i]!]!,
    offsetMinutes: columns.offsetMinutes[i]!,
    uploads: uploadSets[uploadSet[i]!]!.map((index) => uploads[index]!).toSorted(),
  }));
}

/** Only what came with the actor's uploads. */
const ownPart = (samples: SamplePiece, { uploads }: Actor): SamplePiece =>
  samples
    .map((sample) => ({
      ...sample,
      uploads: sample.uploads.filter((id) => (uploads as readonly string[]).includes(id)),
    }))
    .filter((sample) => sample.uploads.length > 0);

/** The plain map that a sample store must be like. */
export const sampleModel: ModelledPort<SampleCommand, SamplePiece> = {
  apply: (content, actor, command) => {
    switch (command.do) {
      case 'append samples':
        return appended(content, actor, command);
      case 'delete samples':
        return withoutUpload(content, actor, uploadOf(actor, command.upload));
      case 'erase samples':
        return { answer: { value: null }, content: new Map() };
      case 'read samples': {
        const { span } = command;
        const found = [...new Set(command.types)].map((type) => {
          const samples = [...content].flatMap(([key, piece]) => (placeOf(key).type === type ? piece : []));
          const rows = samples.filter((sample) => overlaps(sample, span)).toSorted(compareSamples);
          return { type, rows: rows.map(rowOf) };
        });
        return { answer: { value: found.filter(({ rows }) => rows.length > 0) }, content };
      }
      case 'days with data':
        return { answer: { value: daysOf(content, command.types) }, content };
      case 'chunks': {
        const { after, limit } = command;
        const following = [...content].filter(([key]) => after === null || compareChunkPlaces(placeOf(key), after) > 0);
        const ordered = following.toSorted(([a], [b]) => compareChunkPlaces(placeOf(a), placeOf(b)));
        return { answer: { value: ordered.slice(0, limit) }, content };
      }
    }
  },
  perform: async ({ samples }, actor, command) => {
    const { owner } = actor;
    switch (command.do) {
      case 'append samples': {
        const batches = command.batches.map(({ type, samples: drawn }) => columnsFor(type, drawn));
        const appending = samples.append(owner, uploadOf(actor, command.upload), batches);
        return answerOf(appending, (counts) =>
          actor.sharesOwner
            ? counts.map(({ type, stored, duplicates }) => ({ type, total: stored + duplicates }))
            : counts,
        );
      }
      case 'delete samples':
        return answerOf(samples.deleteUpload(owner, uploadOf(actor, command.upload)), (removed) =>
          actor.sharesOwner ? null : removed,
        );
      case 'erase samples':
        return answerOf(samples.eraseOwner(owner), () => null);
      case 'read samples':
        return answerOf(samples.read(owner, command.types, command.span), (found) =>
          found.map((columns) => ({ type: columns.type, rows: rowsOf(columns) })),
        );
      case 'days with data':
        return answerOf(samples.daysWithData(owner, command.types));
      case 'chunks':
        return answerOf(samples.chunks(owner, command.after, command.limit), (chunks) =>
          chunks.map((chunk) => [keyOf({ type: chunk.columns.type, day: chunk.day }), samplesOf(chunk)]),
        );
    }
  },
  agrees: (actor, command, expected, actual) => {
    if (same(expected, actual)) return true;
    if (!actor.sharesOwner || !('value' in expected) || !('value' in actual)) return false;
    if (command.do === 'days with data') return holds(actual.value as readonly number[], expected.value as number[]);
    if (command.do !== 'read samples') return false;
    type Found = readonly { readonly type: SampleType; readonly rows: readonly Row[] }[];
    const all = actual.value as Found;
    return (expected.value as Found).every(({ type, rows }) =>
      holds(all.find((found) => found.type === type)?.rows ?? [], rows),
    );
  },
  observe: async (stores, actor) => {
    const all = await contentOf(stores, actor);
    if (!actor.sharesOwner) return all;
    const own = [...all].map(([key, samples]) => [key, ownPart(samples, actor)] as const);
    return new Map(own.filter(([, samples]) => samples.length > 0));
  },
  // What another actor sent cannot be told from one's own without the provenance.
  views: async ({ samples }, { owner, sharesOwner }) => {
    if (sharesOwner) return [];
    const read = new Map<string, Row[]>();
    for (const columns of valueOf(await samples.read(owner, TYPES, EVER))) {
      for (const row of rowsOf(columns)) {
        const key = keyOf({ type: columns.type, day: utcDayOf(row[0]) });
        read.set(key, [...(read.get(key) ?? []), row]);
      }
    }
    const views = [{ name: 'a read of everything', seen: read, of: (piece: SamplePiece) => piece.map(rowOf) }];
    const days = TYPES.map(async (type) => {
      const found = valueOf(await samples.daysWithData(owner, [type]));
      return found.map((day) => [keyOf({ type, day }), true] as const);
    });
    const seen = new Map((await Promise.all(days)).flat());
    return [...views, { name: 'the days with data', seen, of: () => true }];
  },
  mayRefuseAgain: () => false,
};

/** Every chunk of the owner, whoever sent it. */
async function contentOf({ samples }: Stores, { owner }: Actor): Promise<Content<SamplePiece>> {
  const all = new Map<string, SamplePiece>();
  let after: ChunkPlace | null = null;
  for (;;) {
    const page: readonly SampleChunk[] = valueOf(await samples.chunks(owner, after, CHUNKS_A_PAGE));
    for (const chunk of page) {
      const place = { type: chunk.columns.type, day: chunk.day };
      if (after !== null && compareChunkPlaces(after, place) >= 0) {
        throw new Divergence('chunks come in the wrong order', { after, place });
      }
      all.set(keyOf(place), samplesOf(chunk));
      after = place;
    }
    if (page.length < CHUNKS_A_PAGE) return all;
  }
}

/** What two actors that share an owner have sent, together. */
export function united(contents: readonly Content<SamplePiece>[]): Content<SamplePiece> {
  let all: Content<SamplePiece> = new Map();
  for (const content of contents) {
    for (const [key, samples] of content) {
      for (const sample of samples) all = sample.uploads.reduce((so, upload) => added(so, key, sample, upload), all);
    }
  }
  return new Map([...all].toSorted(([a], [b]) => compareChunkPlaces(placeOf(a), placeOf(b))));
}

/** The days of the content, as `daysWithData` tells them. */
const daysOf = (content: Content<SamplePiece>, types: readonly SampleType[]): readonly number[] =>
  [
    ...new Set([...content.keys()].map(placeOf).flatMap(({ type, day }) => (types.includes(type) ? [day] : []))),
  ].toSorted((a, b) => a - b);

const holds = (all: readonly unknown[], some: readonly unknown[]): boolean => {
  const known = new Set(all.map((one) => JSON.stringify(one)));
  return some.every((one) => known.has(JSON.stringify(one)));
};

function appended(
  contentBefore: Content<SamplePiece>,
  actor: Actor,
  { upload, batches }: Extract<SampleCommand, { readonly do: 'append samples' }>,
): { readonly answer: Answer; readonly content: Content<SamplePiece> } {
  let content = contentBefore;
  const counts = new Map<SampleType, { stored: number; duplicates: number }>();
  const own = uploadOf(actor, upload);
  const repeated = new Map<SampleType, Set<string>>();
  for (const { type, samples } of batches) {
    for (const drawn of samples) {
      const key = keyOf({ type, day: utcDayOf(drawn.startMs) });
      const count = counts.get(type) ?? { stored: 0, duplicates: 0 };
      const known = content.get(key)?.some((held) => compareSamples(held, drawn) === 0) === true;
      const before = [...(contentBefore.get(key) ?? [])].find((held) => compareSamples(held, drawn) === 0);
      if (before !== undefined && same(before.uploads, [own])) {
        const { startMs, endMs, value: amount, source } = before;
        const names = repeated.get(type) ?? new Set<string>();
        repeated.set(type, names.add(JSON.stringify([startMs, endMs, amount, source])));
      }
      counts.set(type, {
        stored: count.stored + (known ? 0 : 1),
        duplicates: count.duplicates + (known ? 1 : 0),
      });
      content = added(content, key, drawn, uploadOf(actor, upload));
    }
  }
  const value = [...counts].map(([type, { stored, duplicates }]) =>
    actor.sharesOwner
      ? { type, total: stored + duplicates }
      : { type, stored, duplicates, repeated: repeated.get(type)?.size ?? 0 },
  );
  return { answer: { value }, content };
}

function added(content: Content<SamplePiece>, key: string, drawn: DrawnSample, upload: string): Content<SamplePiece> {
  const piece = content.get(key) ?? [];
  const held = piece.find((sample) => compareSamples(sample, drawn) === 0);
  const { startMs, endMs, value, source } = drawn;
  const offsetMinutes = Math.max(drawn.offsetMinutes, held?.offsetMinutes ?? UNKNOWN_OFFSET);
  const uploads = [...new Set([...(held?.uploads ?? []), upload])].toSorted();
  const others = piece.filter((sample) => sample !== held);
  const sample = { startMs, endMs, value, source, offsetMinutes, uploads };
  return new Map(content).set(key, [...others, sample].toSorted(compareSamples));
}

function withoutUpload(
  before: Content<SamplePiece>,
  actor: Actor,
  upload: string,
): { readonly answer: Answer; readonly content: Content<SamplePiece> } {
  let removed = 0;
  const content = new Map<string, SamplePiece>();
  for (const [key, piece] of before) {
    const left = piece
      .map((sample) => ({ ...sample, uploads: sample.uploads.filter((id) => id !== upload) }))
      .filter(({ uploads }) => uploads.length > 0);
    removed += piece.length - left.length;
    if (left.length > 0) content.set(key, left);
  }
  return { answer: { value: actor.sharesOwner ? null : removed }, content };
}

const columnsFor = (type: SampleType, samples: readonly DrawnSample[]): SampleColumns =>
  columnsOf(
    type,
    samples.map((sample) => ({ ...sample, source: SOURCES[sample.source]! })),
  );
