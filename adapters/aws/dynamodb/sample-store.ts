import type { ResultAsync } from 'neverthrow';
import { additionsOf, AppendTally, applyAddition, type ChunkAddition } from '../../../core/health-data/chunk-append.ts';
import { samplesInSpan } from '../../../core/health-data/chunk-read.ts';
import { utcDayOf } from '../../../core/health-data/chunk-split.ts';
import type { ChunkPlace, SampleStore } from '../../../core/health-data/ports.ts';
import { longestReachDays, removeUpload, type SampleChunk } from '../../../core/health-data/sample-chunk.ts';
import { SAMPLE_TYPES, type SampleType } from '../../../core/health-data/sample-types.ts';
import type { AppendCount, SampleColumns, Span } from '../../../core/health-data/samples.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { isFault, orUnavailable, PartlyDone } from '../aws-caller.ts';
import { eachInFlight } from '../in-flight.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { untilUncontended } from './contended.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { ownerKey } from './key-text.ts';
import type { Retention } from './retention.ts';
import {
  CHUNK_PREFIX,
  type ChunkChange,
  MOST_IN_FLIGHT,
  placeName,
  SampleChunks,
  type StoredChunk,
} from './sample-chunks.ts';
import { SAMPLE_DAYS_PREFIX, SampleDays, type TypeDays } from './sample-days.ts';
import { UPLOAD_DAYS_PREFIX, UploadDays, type UploadLink } from './upload-days.ts';

/** Chunks of one call that are in memory at a time. */
const CHUNKS_AT_A_STRETCH = 64;

/** An addition, and what comes of merging it into what was seen of its chunk. */
interface Merge {
  readonly addition: ChunkAddition;
  readonly seen: StoredChunk | null;
  readonly result: ReturnType<typeof applyAddition>;
}

/**
 * Samples in the single table. A chunk is one blob, replaced in one step; around the chunks, small items say where to
 * look. They are written in an order in which a call that dies anywhere loses nothing: where an upload's samples will
 * be, and how far samples reach, before the chunks; on which days there are samples, after them.
 */
export class DynamoSampleStore implements SampleStore {
  readonly #table: DynamoTable;
  readonly #chunks: SampleChunks;
  readonly #days: SampleDays;
  readonly #uploads: UploadDays;
  readonly #expires: boolean;
  readonly #lock = new KeyedLock();

  constructor(table: DynamoTable, retention: Retention) {
    this.#table = table;
    this.#chunks = new SampleChunks(table, retention);
    this.#days = new SampleDays(table);
    this.#uploads = new UploadDays(table);
    this.#expires = retention.ttlDays !== null;
  }

  append(
    owner: UserId,
    upload: ProcessingId,
    batches: readonly SampleColumns[],
  ): ResultAsync<readonly AppendCount[], PortUnavailable> {
    const additions = additionsOf(batches);
    const types = [...new Set(additions.map(({ type }) => type))];
    const work = this.#hold(owner, types, () => this.#append(owner, upload, additions));
    return orUnavailable('SampleStore', 'append', work);
  }

  read(
    owner: UserId,
    types: readonly SampleType[],
    span: Span,
  ): ResultAsync<readonly SampleColumns[], PortUnavailable> {
    const work = async (): Promise<readonly SampleColumns[]> => {
      if (!(span.fromMs < span.toMs)) return [];
      const known = await this.#days.read(owner, types);
      const wanted = [...new Set(types)].filter((type) => known.has(type));
      const found = await eachInFlight(MOST_IN_FLIGHT, wanted, async (type) => {
        const firstDay = utcDayOf(span.fromMs) - known.get(type)!.reachDays;
        const chunks: SampleChunk[] = [];
        for await (const { chunk } of this.#chunks.range(owner, type, firstDay, utcDayOf(span.toMs)))
          chunks.push(chunk);
        return samplesInSpan(chunks, span);
      });
      return found.filter((columns) => columns !== null);
    };
    return orUnavailable('SampleStore', 'read', work());
  }

  daysWithData(owner: UserId, types: readonly SampleType[]): ResultAsync<readonly number[], PortUnavailable> {
    const work = async (): Promise<readonly number[]> => {
      const days = this.#expires
        ? // Nobody takes out the days of chunks that DynamoDB removes by itself.
          await eachInFlight(MOST_IN_FLIGHT, types, (type) => this.#chunks.days(owner, type))
        : [...(await this.#days.read(owner, types)).values()].map((known) => [...known.days]);
      return [...new Set(days.flat())].sort((a, b) => a - b);
    };
    return orUnavailable('SampleStore', 'daysWithData', work());
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    let removed = 0;
    const attempt = async (): Promise<number | null> => {
      const unlinked: boolean[] = [];
      for (const link of await this.#uploads.read(owner, upload)) {
        await this.#hold(owner, [link.type], async () => {
          removed += await this.#removeUpload(owner, upload, link);
          unlinked.push(await this.#uploads.remove(link));
        });
      }
      return unlinked.includes(false) ? null : removed;
    };
    return orUnavailable('SampleStore', 'deleteUpload', untilUncontended(this.#table, 'an upload', attempt));
  }

  chunks(owner: UserId, after: ChunkPlace | null, limit: number): ResultAsync<readonly SampleChunk[], PortUnavailable> {
    const work = async (): Promise<readonly SampleChunk[]> => {
      const found: SampleChunk[] = [];
      if (limit <= 0) return found;
      // A chunk is known to be whole by the item that follows it.
      for await (const chunk of this.#chunks.following(owner, after, limit + 1)) {
        if (found.push(chunk) === limit) break;
      }
      return found;
    };
    return orUnavailable('SampleStore', 'chunks', work());
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const types = Object.keys(SAMPLE_TYPES) as SampleType[];
    const prefixes = [SAMPLE_DAYS_PREFIX, CHUNK_PREFIX, UPLOAD_DAYS_PREFIX];
    const work = this.#hold(owner, types, () => erasePrefixes(this.#table, ownerKey(owner), prefixes));
    return orUnavailable('SampleStore', 'eraseOwner', work);
  }

  /** Calls of this process that change the same type of an owner wait for each other instead of competing. */
  #hold<T>(owner: UserId, types: readonly SampleType[], work: () => Promise<T>): Promise<T> {
    return this.#lock.hold(
      types.map((type) => `${type}#${owner}`),
      work,
    );
  }

  async #append(
    owner: UserId,
    upload: ProcessingId,
    additions: readonly ChunkAddition[],
  ): Promise<readonly AppendCount[]> {
    const tally = new AppendTally();
    const reach = new Map<SampleType, number>();
    let done = 0;
    try {
      const known = new Map(await this.#days.read(owner, new Set(additions.map(({ type }) => type))));
      for (let from = 0; from < additions.length; from += CHUNKS_AT_A_STRETCH) {
        const stretch = additions.slice(from, from + CHUNKS_AT_A_STRETCH);
        const merges = await this.#merges(owner, upload, stretch, known);
        const changed = merges.filter(({ result }) => result.changed);
        await this.#link(owner, upload, changed);
        await this.#widen(owner, merges, known, reach);
        const counts = await eachInFlight(MOST_IN_FLIGHT, merges, async ({ addition, seen, result }) => {
          const change = (existing: SampleChunk | null): ChunkChange<typeof result> => {
            const isSeen = existing === (seen?.chunk ?? null);
            const answer = isSeen ? result : applyAddition(existing, addition, upload);
            return { chunk: answer.chunk, answer };
          };
          const { answer } = await this.#chunks.change(owner, addition, change, seen);
          done++;
          return answer;
        });
        counts.forEach((count, i) => tally.add(stretch[i]!.type, count));
        // Again, since the upload may have been deleted between the two.
        await this.#link(owner, upload, changed);
      }
      await eachInFlight(MOST_IN_FLIGHT, [...daysByType(additions)], ([type, days]) =>
        this.#days.add(owner, type, days, reach.get(type) ?? 0),
      );
      return tally.counts();
    } catch (cause) {
      if (isFault(cause)) throw cause;
      const rest = done < additions.length ? 'the rest was not' : 'what tells where they are was not';
      throw new PartlyDone(`${String(done)} of ${String(additions.length)} day chunks were stored, ${rest}`, cause);
    }
  }

  /** Chunks that no finished call stored are not asked for: should one be there all the same, it is met when writing. */
  async #merges(
    owner: UserId,
    upload: ProcessingId,
    additions: readonly ChunkAddition[],
    known: ReadonlyMap<SampleType, TypeDays>,
  ): Promise<readonly Merge[]> {
    const places = additions.filter(({ type, day }) => known.get(type)?.days.has(day));
    const stored = await this.#chunks.load(owner, places);
    return additions.map((addition) => {
      const seen = stored.get(placeName(addition)) ?? null;
      return { addition, seen, result: applyAddition(seen?.chunk ?? null, addition, upload) };
    });
  }

  /** Says where the upload's samples are going to be. */
  async #link(owner: UserId, upload: ProcessingId, changed: readonly Merge[]): Promise<void> {
    const days = [...daysByType(changed.map(({ addition }) => addition))];
    await eachInFlight(MOST_IN_FLIGHT, days, ([type, ofType]) => this.#uploads.add(owner, upload, type, ofType));
  }

  /** Says how far the samples of a call are going to reach; `known` and `reach` grow by it. */
  async #widen(
    owner: UserId,
    merges: readonly Merge[],
    known: Map<SampleType, TypeDays>,
    reach: Map<SampleType, number>,
  ): Promise<void> {
    for (const { result } of merges) {
      const { type } = result.chunk.columns;
      reach.set(type, Math.max(reach.get(type) ?? 0, longestReachDays(result.chunk)));
    }
    const wider = [...reach].filter(([type, reachDays]) => reachDays > (known.get(type)?.reachDays ?? -1));
    await eachInFlight(MOST_IN_FLIGHT, wider, async ([type, reachDays]) => {
      await this.#days.widen(owner, type, reachDays);
      known.set(type, { days: new Set(), changes: null, ...known.get(type), reachDays });
    });
  }

  /** Takes the upload out of the chunks that the link names. Returns how many samples went. */
  async #removeUpload(owner: UserId, upload: ProcessingId, { type, days }: UploadLink): Promise<number> {
    const changes = (await this.#days.read(owner, [type])).get(type)?.changes ?? null;
    const removals = await eachInFlight(MOST_IN_FLIGHT, [...days], async (day) => {
      const { chunk, answer } = await this.#chunks.change(owner, { type, day }, (existing) => {
        if (existing === null || !existing.uploads.includes(upload)) return { chunk: existing, answer: 0 };
        const { chunk: left, removed } = removeUpload(existing, upload);
        return { chunk: left, answer: removed };
      });
      return { day, gone: chunk === null, removed: answer };
    });
    const gone = removals.filter((removal) => removal.gone).map(({ day }) => day);
    await this.#days.remove(owner, type, gone, changes, async (some) => {
      const there = await this.#chunks.load(
        owner,
        some.map((day) => ({ type, day })),
      );
      return some.filter((day) => !there.has(placeName({ type, day })));
    });
    return removals.reduce((sum, { removed }) => sum + removed, 0);
  }
}

function daysByType(places: readonly ChunkPlace[]): ReadonlyMap<SampleType, readonly number[]> {
  const days = new Map<SampleType, number[]>();
  for (const { type, day } of places) {
    const known = days.get(type);
    if (known === undefined) days.set(type, [day]);
    else known.push(day);
  }
  return days;
}
