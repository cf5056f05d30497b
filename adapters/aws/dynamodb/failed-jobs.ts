import { randomUUID } from 'node:crypto';
import type { ResultAsync } from 'neverthrow';
import type { FailedJob, FailedJobPlace, FailedJobs } from '../../../core/health-data/failed-jobs.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import type { DynamoTable, Expression, Item, ItemKey } from './dynamo-table.ts';
import { itemKeyOf } from './finder.ts';
import { endOf, keyText, ownerKey } from './key-text.ts';
import { microsecondsOf, utcText } from './utc-text.ts';

const PREFIX = 'FAILEDJOB#';
/** The partition in which everybody's failed jobs are found, in the order of their instants. */
const LIST = 'FAILEDJOBS';
/** Before all sort keys of the list. */
const LIST_BEGIN = ' ';

/**
 * Failed jobs in the single table. A job is one item of its owner, `FAILEDJOB#<upload>`, and what it says is the truth; the
 * list finds it by `<instant>#<owner>#<upload>`. What finds a job is written after it and removed before it, so that
 * nothing in the list names somebody of whom nothing is left.
 */
export class DynamoFailedJobs implements FailedJobs {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  keep(job: FailedJob): ResultAsync<void, PortUnavailable> {
    return orUnavailable('FailedJobs', 'keep', this.#keep(job));
  }

  list(after: FailedJobPlace | null, limit: number): ResultAsync<readonly FailedJob[], PortUnavailable> {
    return orUnavailable('FailedJobs', 'list', limit <= 0 ? Promise.resolve([]) : this.#list(after, limit));
  }

  find(owner: UserId, upload: ProcessingId): ResultAsync<FailedJob | null, PortUnavailable> {
    const work = this.#table.get(keyOf({ owner, upload })).then((item) => (isThere(item) ? jobOf(item) : null));
    return orUnavailable('FailedJobs', 'find', work);
  }

  remove(job: FailedJob): ResultAsync<boolean, PortUnavailable> {
    const work = async (): Promise<boolean> => {
      // A deletion would not tell which of several who are at it has taken the job away.
      const token = randomUUID();
      const taken = await this.#table.update(keyOf(job), takenBy(token), isStillFree(job, token));
      if (taken === null) return false;
      await this.#table.delete(finderOf(job));
      await this.#table.delete(keyOf(job), isStill(job));
      return true;
    };
    return orUnavailable('FailedJobs', 'remove', work());
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      const range = { pk: ownerKey(owner), from: PREFIX, to: endOf(PREFIX) };
      for await (const item of this.#table.query(range)) {
        await this.#table.delete(finderOf(jobOf(item)));
        await this.#table.delete(item);
      }
    };
    return orUnavailable('FailedJobs', 'eraseOwner', work());
  }

  async #keep(job: FailedJob): Promise<void> {
    const key = keyOf(job);
    const before = await this.#table.get(key);
    if (before !== null) await this.#table.delete(finderOf(jobOf(before)));
    await this.#table.put({ ...key, kind: 'failed-job', content: contentOf(job) });
    await this.#table.put({ ...finderOf(job), kind: 'failed-job-place', item_pk: key.pk, item_sk: key.sk });
    // Whoever erased the owner meanwhile did not see what was written last.
    if ((await this.#table.get(key)) === null) await this.#table.delete(finderOf(job));
  }

  async #list(after: FailedJobPlace | null, limit: number): Promise<readonly FailedJob[]> {
    const from = after === null ? null : finderOf(after).sk;
    const range = { pk: LIST, from: LIST_BEGIN, to: from ?? endOf(''), descending: true, pageSize: limit + 1 };
    const jobs: FailedJob[] = [];
    let finders: Item[] = [];
    const found = async (): Promise<void> => {
      const keys = new Map(finders.map((finder) => [JSON.stringify(itemKeyOf(finder)), itemKeyOf(finder)]));
      const items = (await this.#table.getMany([...keys.values()])).filter(isThere);
      const bySk = new Map(items.map((item) => [finderOf(jobOf(item)).sk, jobOf(item)]));
      // One that finds nothing, or the job that has taken the place of its own, is of a call that ended early.
      for (const { sk } of finders) {
        const job = bySk.get(sk);
        if (job !== undefined) jobs.push(job);
      }
      finders = [];
    };
    for await (const finder of this.#table.query(range)) {
      if (finder.sk === from) continue;
      finders.push(finder);
      if (finders.length >= limit) await found();
      if (jobs.length >= limit) break;
    }
    await found();
    return jobs.slice(0, limit);
  }
}

const keyOf = ({ owner, upload }: Pick<FailedJob, 'owner' | 'upload'>): ItemKey => ({
  pk: ownerKey(owner),
  sk: `${PREFIX}${keyText(upload)}`,
});

const finderOf = ({ failedAtMs, owner, upload }: FailedJobPlace): ItemKey => ({
  pk: LIST,
  sk: `${utcText(microsecondsOf(failedAtMs))}#${keyText(owner)}#${keyText(upload)}`,
});

/** JSON carries every text. */
const contentOf = ({ owner, upload, jobId, attempts, failedAtMs, reason }: FailedJob): string =>
  JSON.stringify({ owner, upload, jobId, attempts, failedAtMs, reason } satisfies FailedJob);

const jobOf = ({ content }: Item): FailedJob => JSON.parse(String(content)) as FailedJob;

/** A job that somebody has taken away is about to go. */
const isThere = (item: Item | null): item is Item => item !== null && item['taken_by'] === undefined;

const takenBy = (token: string): Expression => ({ text: 'SET taken_by = :token', values: { ':token': token } });

/** The token is the taker's own where the answer to an earlier try was lost. */
const isStillFree = (job: FailedJob, token: string): Expression => ({
  text: 'content = :content AND (attribute_not_exists(taken_by) OR taken_by = :token)',
  values: { ':content': contentOf(job), ':token': token },
});

const isStill = (job: FailedJob): Expression => ({
  text: 'content = :content',
  values: { ':content': contentOf(job) },
});
