import type { Job } from '../../../core/health-data/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { processingId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import { type DynamoTable, type Expression, type Item, type ItemKey } from '../dynamodb/dynamo-table.ts';
import { endOf, keyText, ownerKey } from '../dynamodb/key-text.ts';

/** A job as the table keeps it. */
export interface JobItem {
  readonly upload: ProcessingId;
  readonly attempt: number;
  readonly enqueuedAtMs: EpochMs;
  /** The body of the message that it was made of, where another sender made it; null where the item says all of it. */
  readonly body: string | null;
}

/** What the table says when a job's message arrived. */
export type JobClaim =
  | { readonly kind: 'claimed'; readonly item: JobItem }
  /** Not due before this instant: it waits for another attempt, or somebody holds it. */
  | { readonly kind: 'waits'; readonly dueAtMs: EpochMs }
  /** Done, erased, or never there. */
  | { readonly kind: 'absent' };

type JobName = Pick<Job, 'id' | 'owner'>;
type HeldJob = Pick<Job, 'id' | 'owner' | 'receipt'>;

const PREFIX = 'JOB#';
const KEYS_A_WALK = 1000;

const NAMES = { '#status': 'status', '#due': 'due_at_ms', '#receipt': 'receipt' };
const DONE: Expression = { text: '#status = :done', names: { '#status': 'status' }, values: { ':done': 'done' } };
const HELD = ({ receipt }: HeldJob): Expression => ({
  text: '#receipt = :held',
  names: { '#receipt': 'receipt' },
  values: { ':held': receipt },
});

/**
 * The state of every job that is queued or held: items `JOB#<id>` in the partition of their owner. The status `done` is
 * that of a job which is about to go. Methods reject with the SDK's errors; each may be called again after one.
 */
export class JobItems {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  /** Leaves a job that is there as it is. */
  async add(
    { id, owner, upload }: Pick<Job, 'id' | 'owner' | 'upload'>,
    nowMs: EpochMs,
    body: string | null,
  ): Promise<void> {
    const item: Item = {
      ...keyOf({ id, owner }),
      kind: 'job',
      job_id: id,
      user_id: owner,
      upload_id: upload,
      attempt: 0,
      enqueued_at_ms: nowMs,
      due_at_ms: nowMs,
      status: 'queued',
      receipt: null,
      ...(body === null ? {} : { body }),
    };
    await this.#table.put(item, { ...DONE, text: `attribute_not_exists(pk) OR ${DONE.text}` });
  }

  /** Gives the job to the holder of `receipt`, a new one, if it is due. */
  async claim(job: HeldJob, nowMs: EpochMs, leaseMs: number): Promise<JobClaim> {
    const claimed = await this.#table.update(
      keyOf(job),
      {
        text: 'SET #due = :until, #receipt = :receipt, #status = :held ADD #attempt :one',
        names: { ...NAMES, '#attempt': 'attempt' },
        values: { ':until': nowMs + leaseMs, ':receipt': job.receipt, ':held': 'held', ':one': 1 },
      },
      { text: '#due <= :now AND #status <> :done', values: { ':now': nowMs, ':done': 'done' } },
    );
    if (claimed !== null) return { kind: 'claimed', item: jobOf(claimed) };
    const found = await this.#table.get(keyOf(job));
    if (found === null) return { kind: 'absent' };
    if (found['status'] === 'done') {
      await this.#table.delete(keyOf(job), DONE);
      return { kind: 'absent' };
    }
    // The answer to an earlier try may have been lost after it took effect.
    if (found['receipt'] === job.receipt) return { kind: 'claimed', item: jobOf(found) };
    return { kind: 'waits', dueAtMs: Number(found['due_at_ms']) };
  }

  /** Null when the receipt is stale, here and below. */
  hold(job: HeldJob, dueAtMs: EpochMs): Promise<JobItem | null> {
    return this.#change(job, { text: 'SET #due = :due', names: { '#due': 'due_at_ms' }, values: { ':due': dueAtMs } });
  }

  /** Nobody holds the job from now on. `token` is new with every call. */
  async release(job: HeldJob, dueAtMs: EpochMs, token: string): Promise<JobItem | null> {
    const released = await this.#change(job, {
      text: 'SET #due = :due, #receipt = :none, #status = :queued, released_by = :token',
      names: NAMES,
      values: { ':due': dueAtMs, ':none': null, ':queued': 'queued', ':token': token },
    });
    if (released !== null) return released;
    // As above: a try before may have been the one that released it.
    const found = await this.#table.get(keyOf(job));
    return found !== null && found['released_by'] === token ? jobOf(found) : null;
  }

  /** The job is done; it is never handed out again, also where nothing else succeeds. */
  finish(job: HeldJob): Promise<JobItem | null> {
    return this.#change(job, { ...DONE, text: `SET ${DONE.text}` });
  }

  /** Why the job will be given up. */
  doom(job: HeldJob, reason: string): Promise<JobItem | null> {
    return this.#change(job, { text: 'SET reason = :reason', values: { ':reason': reason } });
  }

  /** Removes a job that is still held with the receipt; another state is left alone. */
  async remove(job: HeldJob): Promise<void> {
    await this.#table.delete(keyOf(job), HELD(job));
  }

  /** Removes all jobs of the owner, whoever holds them. */
  async eraseOwner(owner: UserId): Promise<void> {
    const range = { pk: ownerKey(owner), from: PREFIX, to: endOf(PREFIX), only: ['pk', 'sk'] };
    for (;;) {
      const keys: ItemKey[] = [];
      for await (const { pk, sk } of this.#table.query(range)) {
        keys.push({ pk, sk });
        if (keys.length === KEYS_A_WALK) break;
      }
      if (keys.length === 0) return;
      await this.#table.writeMany([], keys);
    }
  }

  async #change(job: HeldJob, change: Expression): Promise<JobItem | null> {
    const changed = await this.#table.update(keyOf(job), change, HELD(job));
    return changed === null ? null : jobOf(changed);
  }
}

const keyOf = ({ id, owner }: JobName): ItemKey => ({ pk: ownerKey(owner), sk: PREFIX + keyText(id) });

function jobOf(item: Item): JobItem {
  const body = item['body'];
  return {
    upload: processingId(String(item['upload_id'])),
    attempt: Number(item['attempt']),
    enqueuedAtMs: Number(item['enqueued_at_ms']),
    body: typeof body === 'string' ? body : null,
  };
}
