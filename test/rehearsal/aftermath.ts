import path from 'node:path';
import { openDatabase } from '../../adapters/sql/database.ts';
import { SqlUploadStore } from '../../adapters/sql/upload-store.ts';
import { userId } from '../../core/kernel/ids.ts';
import { callJson } from '../bench/http-people.ts';
import { valueOf } from '../unit/result-values.ts';
import type { Sender } from './load.ts';

/** What is stored, beside what was acknowledged. */
export interface Aftermath {
  readonly acknowledged: number;
  /** Metrics that were acknowledged and are not there, and such as are there twice. */
  readonly lost: number;
  readonly doubled: number;
  /** Metrics that nobody sent. */
  readonly strange: number;
  /** Uploads whose answer nobody got, or that were stored twice for one answer. */
  readonly unacknowledgedUploads: number;
  /** Uploads whose work is not done, or failed. */
  readonly unfinished: number;
}

const MOST_UPLOADS = 1_000_000;

/** Reads everything back, over HTTP as people do, and the uploads in the database beside it. */
export async function aftermathOf(url: string, dataDir: string, senders: readonly Sender[]): Promise<Aftermath> {
  const database = valueOf(await openDatabase(path.join(dataDir, 'clarity.db')));
  const uploads = new SqlUploadStore(database);
  const found = { acknowledged: 0, lost: 0, doubled: 0, strange: 0, unacknowledgedUploads: 0, unfinished: 0 };
  try {
    for (const sender of senders) {
      const stored = await metricsOf(url, sender);
      const distinct = new Set(stored);
      const sent = new Set(sender.sent);
      found.acknowledged += sender.acknowledged.size;
      found.lost += [...sender.acknowledged].filter((id) => !distinct.has(id)).length;
      found.doubled += stored.length - distinct.size;
      found.strange += [...distinct].filter((id) => !sent.has(id)).length;
      const kept = valueOf(await uploads.list(userId(sender.person.userId), MOST_UPLOADS));
      found.unacknowledgedUploads += kept.filter(({ processingId }) => !sender.processings.has(processingId)).length;
      found.lost += [...sender.processings].filter((id) =>
        kept.every(({ processingId }) => processingId !== id),
      ).length;
      found.unfinished += kept.filter(({ status }) => status !== 'completed').length;
    }
  } finally {
    await database.close();
  }
  return found;
}

/** Resolves when no upload is being worked on any more, or after `mostMs`. */
export async function untilWorkIsDone(dataDir: string, senders: readonly Sender[], mostMs: number): Promise<void> {
  const endMs = performance.now() + mostMs;
  const database = valueOf(await openDatabase(path.join(dataDir, 'clarity.db')));
  const uploads = new SqlUploadStore(database);
  try {
    for (const { person } of senders) {
      while (valueOf(await uploads.usage(userId(person.userId))).running > 0 && performance.now() < endMs) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    await database.close();
  }
}

/** The ids of all metrics, page by page. */
async function metricsOf(url: string, { person: { token } }: Sender): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const where = `/api/v1/health-data?limit=1000${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { status, body } = await callJson(url, 'GET', where, { token });
    if (status !== 200) throw new Error(`the list answers ${String(status)}`);
    const page = body as {
      readonly data: readonly { readonly metric_id: string }[];
      readonly pagination: { readonly next_cursor?: string | null };
    };
    ids.push(...page.data.map(({ metric_id }) => metric_id));
    cursor = page.pagination.next_cursor ?? null;
  } while (cursor !== null);
  return ids;
}
