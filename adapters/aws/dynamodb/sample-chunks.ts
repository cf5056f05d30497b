import { decodeChunk, encodeChunk } from '../../../core/health-data/chunk-codec.ts';
import type { ChunkPlace } from '../../../core/health-data/ports.ts';
import type { SampleChunk } from '../../../core/health-data/sample-chunk.ts';
import type { SampleType } from '../../../core/health-data/sample-types.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import { eachInFlight } from '../in-flight.ts';
import { untilUncontended } from './contended.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { endOf, ownerKey } from './key-text.ts';
import { type Retention, ttlFact } from './retention.ts';
import { type Blob, VersionedBlobs } from './versioned-blobs.ts';

/** Begins the sort keys of all chunks. */
export const CHUNK_PREFIX = 'SAMPLES#';

/** ECMAScript's time values end this many days before and after 1970-01-01. */
const MOST_DAYS = 100_000_000;

/** Requests of one call that are under way at a time. */
export const MOST_IN_FLIGHT = 16;

/** Days that lie no further apart are read by one request, with what lies between them. */
const NEAR_DAYS = 7;

/** Ten years of days are more than any key range should be asked for at once. */
const MOST_DAYS_A_READ = 3660;

/** A chunk as it is stored, so that it can be replaced. */
export interface StoredChunk {
  readonly chunk: SampleChunk;
  readonly blob: Blob;
}

/** What became of a chunk, and what the caller wants to know of it. */
export interface ChunkChange<T> {
  /** The chunk itself, unchanged, for leaving it; null for having none. */
  readonly chunk: SampleChunk | null;
  readonly answer: T;
}

/** The chunks of samples as blobs of the table: `SAMPLES#<type>#<day>` in the owner's partition. */
export class SampleChunks {
  readonly #table: DynamoTable;
  readonly #blobs: VersionedBlobs;
  readonly #retention: Retention;

  constructor(table: DynamoTable, retention: Retention) {
    this.#table = table;
    this.#blobs = new VersionedBlobs(table);
    this.#retention = retention;
  }

  /** The chunks of one type from day to day, both inclusive, ascending. */
  async *range(
    owner: UserId,
    type: SampleType,
    firstDay: number,
    lastDay: number,
  ): AsyncGenerator<StoredChunk, void, undefined> {
    const [from, to] = [chunkKey(owner, { type, day: firstDay }), chunkKey(owner, { type, day: lastDay })];
    if (firstDay > lastDay) return;
    for await (const blob of this.#blobs.readRange({ pk: from.pk, from: from.sk, to: to.sk })) yield storedChunk(blob);
  }

  /** The chunks that follow `after`, in the order of `compareChunkPlaces`. */
  async *following(
    owner: UserId,
    after: ChunkPlace | null,
    pageSize: number,
  ): AsyncGenerator<SampleChunk, void, undefined> {
    const pk = ownerKey(owner);
    const from = after === null ? CHUNK_PREFIX : chunkKey(owner, { type: after.type, day: after.day + 1 }).sk;
    for await (const blob of this.#blobs.readRange({ pk, from, to: endOf(CHUNK_PREFIX), pageSize }))
      yield storedChunk(blob).chunk;
  }

  /** Days from 1970-01-01 on which a chunk of the type is there, ascending. */
  async days(owner: UserId, type: SampleType): Promise<readonly number[]> {
    const [from, to] = [chunkKey(owner, { type, day: -MOST_DAYS }), chunkKey(owner, { type, day: MOST_DAYS })];
    const found: number[] = [];
    const only = ['sk', 'part_of', 'pending'];
    for await (const { sk, part_of, pending } of this.#table.query({ pk: from.pk, from: from.sk, to: to.sk, only })) {
      if (part_of === undefined && pending === undefined) found.push(placeOf(sk).day);
    }
    return found;
  }

  /** The chunks of the places that have one, by `placeName`. Places that lie close together are read together. */
  async load(owner: UserId, places: readonly ChunkPlace[]): Promise<Map<string, StoredChunk>> {
    const found = new Map<string, StoredChunk>();
    const wanted = new Set(places.map(placeName));
    await eachInFlight(MOST_IN_FLIGHT, stretchesOf(places), async ({ type, firstDay, lastDay }) => {
      for await (const stored of this.range(owner, type, firstDay, lastDay)) {
        const name = placeName({ type, day: stored.chunk.day });
        if (wanted.has(name)) found.set(name, stored);
      }
    });
    return found;
  }

  /**
   * Replaces a chunk by what `change` makes of it (null: there is none), which is asked again when somebody else
   * changed the chunk meanwhile. `seen` is what was read before; where it is left out, the chunk is read. Answers what
   * the last `change` did.
   */
  async change<T>(
    owner: UserId,
    place: ChunkPlace,
    change: (chunk: SampleChunk | null) => ChunkChange<T>,
    seen?: StoredChunk | null,
  ): Promise<ChunkChange<T>> {
    const key = chunkKey(owner, place);
    return untilUncontended(this.#table, placeWords(place), async (tries) => {
      const before = tries === 1 && seen !== undefined ? seen : await this.#read(key);
      const changed = change(before?.chunk ?? null);
      return (await this.#replace(key, before, changed.chunk)) ? changed : null;
    });
  }

  async #read(key: ItemKey): Promise<StoredChunk | null> {
    const blob = await this.#blobs.read(key);
    return blob === null ? null : storedChunk(blob);
  }

  async #replace(key: ItemKey, before: StoredChunk | null, chunk: SampleChunk | null): Promise<boolean> {
    if (before !== null && chunk === null) return this.#blobs.remove(before.blob);
    if (chunk === null) {
      // A call that died may have left a part of what it never stored.
      await this.#blobs.sweep(key);
      return true;
    }
    if (chunk === before?.chunk && !before.blob.hasLeftovers) return true;
    const facts = {
      kind: 'samples',
      date: new Date(chunk.day * MS_PER_DAY).toISOString().split('T')[0],
      sample_count: chunk.columns.startMs.length,
      ...ttlFact(this.#retention),
    };
    return this.#blobs.write(key, encodeChunk(chunk), facts, before?.blob ?? null);
  }
}

/** A name for a place, to be found by in a map. */
export const placeName = ({ type, day }: ChunkPlace): string => `${type}#${String(day)}`;

/** Days are counted from the first one that there can be, so that they sort as text; others are cut to the range. */
function chunkKey(owner: UserId, { type, day }: ChunkPlace): ItemKey {
  const sortable = Math.min(Math.max(day + MOST_DAYS, 0), 2 * MOST_DAYS + 1);
  return { pk: ownerKey(owner), sk: `${CHUNK_PREFIX}${type}#${String(sortable).padStart(9, '0')}` };
}

function placeOf(sk: string): ChunkPlace {
  const [, type = '', day = ''] = sk.split('#');
  return { type: type as SampleType, day: Number(day) - MOST_DAYS };
}

const placeWords = ({ type, day }: ChunkPlace): string => `stored chunk ${type} of day ${String(day)}`;

/** @throws Error for a blob whose bytes are not the chunk of its place. */
function storedChunk(blob: Blob): StoredChunk {
  const place = placeOf(blob.sk);
  const chunk = decodeChunk(blob.bytes).match(
    (whole) => whole,
    ({ reason }) => {
      throw new Error(`${placeWords(place)} is corrupt: ${reason}`);
    },
  );
  if (placeName({ type: chunk.columns.type, day: chunk.day }) !== placeName(place)) {
    throw new Error(`${placeWords(place)} lies in the wrong place`);
  }
  return { chunk, blob };
}

interface Stretch {
  readonly type: SampleType;
  readonly firstDay: number;
  readonly lastDay: number;
}

function stretchesOf(places: readonly ChunkPlace[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { type, day } of places.toSorted((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : a.day - b.day))) {
    const last = stretches.at(-1);
    const joins = last?.type === type && day - last.lastDay <= NEAR_DAYS && day - last.firstDay < MOST_DAYS_A_READ;
    if (joins) stretches[stretches.length - 1] = { ...last, lastDay: day };
    else stretches.push({ type, firstDay: day, lastDay: day });
  }
  return stretches;
}
