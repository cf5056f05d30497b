import { okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import { additionsOf, AppendTally, applyAddition } from '../../core/health-data/chunk-append.ts';
import { samplesInSpan } from '../../core/health-data/chunk-read.ts';
import { utcDayOf } from '../../core/health-data/chunk-split.ts';
import { compareChunkPlaces } from '../../core/health-data/ports.ts';
import type { ChunkPlace, SampleStore } from '../../core/health-data/ports.ts';
import { longestReachDays, removeUpload } from '../../core/health-data/sample-chunk.ts';
import type { SampleChunk } from '../../core/health-data/sample-chunk.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import type { AppendCount, SampleColumns, Span } from '../../core/health-data/samples.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';

/** An owner's chunks of one type. */
interface TypeChunks {
  readonly byDay: Map<number, SampleChunk>;
  /** No sample reaches more days past the day it starts on. */
  reachDays: number;
}

/** Samples in the process's memory. Chunks are never changed in place, so what was read stays as it was. */
export class MemorySampleStore implements SampleStore {
  readonly #owners = new Map<UserId, Map<SampleType, TypeChunks>>();

  append(
    owner: UserId,
    upload: ProcessingId,
    batches: readonly SampleColumns[],
  ): ResultAsync<readonly AppendCount[], PortUnavailable> {
    const tally = new AppendTally();
    const merged = additionsOf(batches).map((addition) => {
      const existing = this.#owners.get(owner)?.get(addition.type)?.byDay.get(addition.day) ?? null;
      const { chunk, ...counts } = applyAddition(existing, addition, upload);
      tally.add(addition.type, counts);
      return chunk;
    });
    // Nothing can fail from here on: all of the call becomes visible at once.
    const types = this.#owners.get(owner) ?? new Map<SampleType, TypeChunks>();
    for (const chunk of merged) {
      const { type } = chunk.columns;
      const chunks = types.get(type) ?? { byDay: new Map<number, SampleChunk>(), reachDays: 0 };
      chunks.byDay.set(chunk.day, chunk);
      chunks.reachDays = Math.max(chunks.reachDays, longestReachDays(chunk));
      types.set(type, chunks);
    }
    this.#owners.set(owner, types);
    return okAsync(tally.counts());
  }

  read(
    owner: UserId,
    types: readonly SampleType[],
    span: Span,
  ): ResultAsync<readonly SampleColumns[], PortUnavailable> {
    const found = [...new Set(types)].map((type) => {
      const chunks = this.#owners.get(owner)?.get(type);
      if (chunks === undefined) return null;
      const firstDay = utcDayOf(span.fromMs) - chunks.reachDays;
      const lastDay = utcDayOf(span.toMs);
      const near = [...chunks.byDay.values()].filter(({ day }) => day >= firstDay && day <= lastDay);
      return samplesInSpan(
        near.sort((a, b) => a.day - b.day),
        span,
      );
    });
    return okAsync(found.filter((columns) => columns !== null));
  }

  daysWithData(owner: UserId, types: readonly SampleType[]): ResultAsync<readonly number[], PortUnavailable> {
    const days = new Set(types.flatMap((type) => [...(this.#owners.get(owner)?.get(type)?.byDay.keys() ?? [])]));
    return okAsync([...days].sort((a, b) => a - b));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    let total = 0;
    for (const { byDay } of this.#owners.get(owner)?.values() ?? []) {
      for (const [day, before] of byDay) {
        if (!before.uploads.includes(upload)) continue;
        const { chunk, removed } = removeUpload(before, upload);
        total += removed;
        if (chunk === null) byDay.delete(day);
        else byDay.set(day, chunk);
      }
    }
    return okAsync(total);
  }

  chunks(owner: UserId, after: ChunkPlace | null, limit: number): ResultAsync<readonly SampleChunk[], PortUnavailable> {
    const place = ({ day, columns }: SampleChunk): ChunkPlace => ({ type: columns.type, day });
    const all = [...(this.#owners.get(owner)?.values() ?? [])].flatMap(({ byDay }) => [...byDay.values()]);
    const following = all.filter((chunk) => after === null || compareChunkPlaces(place(chunk), after) > 0);
    return okAsync(following.sort((a, b) => compareChunkPlaces(place(a), place(b))).slice(0, limit));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }
}
