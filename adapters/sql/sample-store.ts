import { setImmediate } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { ResultAsync } from 'neverthrow';
import { additionsOf, AppendTally, applyAddition } from '../../core/health-data/chunk-append.ts';
import { decodeChunk, encodeChunk } from '../../core/health-data/chunk-codec.ts';
import { samplesInSpan } from '../../core/health-data/chunk-read.ts';
import { utcDayOf } from '../../core/health-data/chunk-split.ts';
import type { ChunkPlace, SampleStore } from '../../core/health-data/ports.ts';
import { lastEndMs, longestReachDays, removeUpload } from '../../core/health-data/sample-chunk.ts';
import type { SampleChunk } from '../../core/health-data/sample-chunk.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import type { AppendCount, SampleColumns, Span } from '../../core/health-data/samples.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { SqlDatabase } from './database.ts';
import type { SampleChunkUploadRow, Tables } from './tables.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import { orUnavailable } from './unavailable.ts';

/** After so many chunks a long call lets other work of the process run. */
const CHUNKS_AT_A_STRETCH = 32;

type ChunkRowPlace = Pick<SampleChunkUploadRow, 'type' | 'day'>;

/** Samples in a database: one row a chunk. */
export class SqlSampleStore implements SampleStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  append(
    owner: UserId,
    upload: ProcessingId,
    batches: readonly SampleColumns[],
  ): ResultAsync<readonly AppendCount[], PortUnavailable> {
    const additions = additionsOf(batches);
    const work = async (transaction: Transaction<Tables>): Promise<readonly AppendCount[]> => {
      const tally = new AppendTally();
      const reachDays = new Map<SampleType, number>();
      for (const [i, addition] of additions.entries()) {
        const existing = await loadChunk(transaction, owner, addition);
        const { chunk, changed, ...counts } = applyAddition(existing, addition, upload);
        tally.add(addition.type, counts);
        if (changed) {
          await storeChunk(transaction, owner, chunk);
          await linkUpload(transaction, { owner, upload_id: upload, type: addition.type, day: addition.day });
          reachDays.set(addition.type, Math.max(reachDays.get(addition.type) ?? 0, longestReachDays(chunk)));
        }
        await breathe(i);
      }
      for (const [type, days] of reachDays) await widenReach(transaction, owner, type, days);
      return tally.counts();
    };
    return this.#run('append', additions.length === 0 ? Promise.resolve([]) : this.#database.write(work));
  }

  read(
    owner: UserId,
    types: readonly SampleType[],
    span: Span,
  ): ResultAsync<readonly SampleColumns[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly SampleColumns[]> => {
      const found: SampleColumns[] = [];
      for (const type of new Set(types)) {
        const columns = samplesInSpan(await loadChunksInSpan(transaction, owner, type, span), span);
        if (columns !== null) found.push(columns);
      }
      return found;
    };
    return this.#run('read', span.fromMs < span.toMs ? this.#database.read(work) : Promise.resolve([]));
  }

  daysWithData(owner: UserId, types: readonly SampleType[]): ResultAsync<readonly number[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly number[]> => {
      const rows = await transaction
        .selectFrom('sample_chunk')
        .select('day')
        .distinct()
        .where('owner', '=', owner)
        .where('type', 'in', types)
        .orderBy('day')
        .execute();
      return rows.map(({ day }) => day);
    };
    return this.#run('daysWithData', types.length === 0 ? Promise.resolve([]) : this.#database.read(work));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<number, PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<number> => {
      const alone = await deleteUnsharedChunks(transaction, owner, upload);
      const shared = await deleteFromSharedChunks(transaction, owner, upload);
      await forgetReach(transaction, owner);
      return alone + shared;
    };
    return this.#run('deleteUpload', this.#database.write(work));
  }

  #run<T>(operation: string, work: Promise<T>): ResultAsync<T, PortUnavailable> {
    return orUnavailable('SampleStore', operation, work);
  }

  chunks(owner: UserId, after: ChunkPlace | null, limit: number): ResultAsync<readonly SampleChunk[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly SampleChunk[]> => {
      const rows = await transaction
        .selectFrom('sample_chunk')
        .select(['type', 'day', 'content'])
        .where('owner', '=', owner)
        .$if(after !== null, (query) =>
          query.where((eb) =>
            eb.or([eb('type', '>', after!.type), eb.and([eb('type', '=', after!.type), eb('day', '>', after!.day)])]),
          ),
        )
        .orderBy('type')
        .orderBy('day')
        .limit(limit)
        .execute();
      return rows.map(({ type, day, content }) => decoded(content, { type, day }));
    };
    return this.#run('chunks', this.#database.read(work));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const tables = ['sample_chunk', 'sample_chunk_upload', 'sample_reach'] as const;
    return this.#run(
      'eraseOwner',
      this.#database.write((transaction) => eraseOwnerRows(transaction, owner, tables)),
    );
  }
}

async function loadChunk(
  database: Kysely<Tables>,
  owner: UserId,
  { type, day }: ChunkRowPlace,
): Promise<SampleChunk | null> {
  const row = await database
    .selectFrom('sample_chunk')
    .select('content')
    .where('owner', '=', owner)
    .where('type', '=', type)
    .where('day', '=', day)
    .executeTakeFirst();
  return row === undefined ? null : decoded(row.content, { type, day });
}

async function loadChunksInSpan(
  database: Kysely<Tables>,
  owner: UserId,
  type: SampleType,
  { fromMs, toMs }: Span,
): Promise<readonly SampleChunk[]> {
  const reach = await database
    .selectFrom('sample_reach')
    .select('reach_days')
    .where('owner', '=', owner)
    .where('type', '=', type)
    .executeTakeFirst();
  if (reach === undefined) return [];
  const rows = await database
    .selectFrom('sample_chunk')
    .select(['day', 'content'])
    .where('owner', '=', owner)
    .where('type', '=', type)
    .where('day', '>=', utcDayOf(fromMs) - reach.reach_days)
    .where('day', '<=', utcDayOf(toMs))
    .where('last_end_ms', '>=', fromMs)
    .orderBy('day')
    .execute();
  return rows.map(({ day, content }) => decoded(content, { type, day }));
}

async function storeChunk(database: Kysely<Tables>, owner: UserId, chunk: SampleChunk): Promise<void> {
  await database
    .insertInto('sample_chunk')
    .values({
      owner,
      type: chunk.columns.type,
      day: chunk.day,
      last_end_ms: lastEndMs(chunk),
      sample_count: chunk.columns.startMs.length,
      content: encodeChunk(chunk),
    })
    .onConflict((conflict) =>
      conflict.columns(['owner', 'type', 'day']).doUpdateSet((eb) => ({
        last_end_ms: eb.ref('excluded.last_end_ms'),
        sample_count: eb.ref('excluded.sample_count'),
        content: eb.ref('excluded.content'),
      })),
    )
    .execute();
}

async function linkUpload(database: Kysely<Tables>, link: SampleChunkUploadRow): Promise<void> {
  await database
    .insertInto('sample_chunk_upload')
    .values(link)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function widenReach(database: Kysely<Tables>, owner: UserId, type: SampleType, days: number): Promise<void> {
  await database
    .insertInto('sample_reach')
    .values({ owner, type, reach_days: days })
    .onConflict((conflict) =>
      conflict
        .columns(['owner', 'type'])
        .doUpdateSet((eb) => ({ reach_days: eb.ref('excluded.reach_days') }))
        .whereRef('excluded.reach_days', '>', 'sample_reach.reach_days'),
    )
    .execute();
}

/** Chunks that this upload alone has samples in go whole, without a look into them. Returns how many samples went. */
async function deleteUnsharedChunks(database: Kysely<Tables>, owner: UserId, upload: ProcessingId): Promise<number> {
  const deleted = await database
    .deleteFrom('sample_chunk')
    .where('owner', '=', owner)
    .where((eb) => {
      const links = eb
        .selectFrom('sample_chunk_upload')
        .select('sample_chunk_upload.day')
        .where('sample_chunk_upload.owner', '=', owner)
        .whereRef('sample_chunk_upload.type', '=', 'sample_chunk.type')
        .whereRef('sample_chunk_upload.day', '=', 'sample_chunk.day');
      const own = eb
        .selectFrom('sample_chunk_upload')
        .select(['sample_chunk_upload.type', 'sample_chunk_upload.day'])
        .where('sample_chunk_upload.owner', '=', owner)
        .where('sample_chunk_upload.upload_id', '=', upload);
      return eb.and([
        eb(eb.refTuple('sample_chunk.type', 'sample_chunk.day'), 'in', own.$asTuple('type', 'day')),
        eb.not(eb.exists(links.where('sample_chunk_upload.upload_id', '!=', upload))),
      ]);
    })
    .returning('sample_count')
    .execute();
  return deleted.reduce((sum, { sample_count }) => sum + sample_count, 0);
}

async function deleteFromSharedChunks(database: Kysely<Tables>, owner: UserId, upload: ProcessingId): Promise<number> {
  const places = await database
    .selectFrom('sample_chunk_upload')
    .select(['type', 'day'])
    .where('owner', '=', owner)
    .where('upload_id', '=', upload)
    .execute();
  let total = 0;
  for (const [i, place] of places.entries()) {
    const before = await loadChunk(database, owner, place);
    if (before === null) continue;
    // Another upload has samples here, so some are left.
    const { chunk, removed } = removeUpload(before, upload);
    if (chunk !== null) await storeChunk(database, owner, chunk);
    total += removed;
    await breathe(i);
  }
  await database.deleteFrom('sample_chunk_upload').where('owner', '=', owner).where('upload_id', '=', upload).execute();
  return total;
}

/** Nothing is kept of a type without samples. */
async function forgetReach(database: Kysely<Tables>, owner: UserId): Promise<void> {
  await database
    .deleteFrom('sample_reach')
    .where('owner', '=', owner)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('sample_chunk')
            .select('sample_chunk.day')
            .where('sample_chunk.owner', '=', owner)
            .whereRef('sample_chunk.type', '=', 'sample_reach.type'),
        ),
      ),
    )
    .execute();
}

/** @throws Error for a row whose bytes are not the chunk of its place. */
function decoded(content: Uint8Array, { type, day }: ChunkRowPlace): SampleChunk {
  const place = `stored chunk ${type} of day ${day}`;
  const chunk = decodeChunk(content).match(
    (whole) => whole,
    ({ reason }) => {
      throw new Error(`${place} is corrupt: ${reason}`);
    },
  );
  if (chunk.columns.type !== type || chunk.day !== day) throw new Error(`${place} lies in the wrong place`);
  return chunk;
}

async function breathe(chunksDone: number): Promise<void> {
  if (chunksDone % CHUNKS_AT_A_STRETCH === CHUNKS_AT_A_STRETCH - 1) await setImmediate();
}
