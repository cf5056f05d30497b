import { randomUUID } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { Job, JobQueue, StaleReceipt } from '../../../core/health-data/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { type AwsCaller, orUnavailable } from '../aws-caller.ts';
import type { DynamoTable } from '../dynamodb/dynamo-table.ts';
import { type AwsSettings, clientConfig } from '../settings.ts';
import { type JobItem, JobItems } from './job-items.ts';
import {
  attributesOf,
  bodyOf,
  messageBytes,
  MOST_MESSAGE_BYTES,
  pointerBodyOf,
  readBody,
  withReason,
} from './job-message.ts';
import { makeReceipt, readReceipt } from './job-receipt.ts';
import type { BodyPointer, LargeBodies } from './large-bodies.ts';
import { hiddenSeconds, type MessageAttributes, type ReceivedMessage, SqsQueue } from './sqs-queue.ts';

export interface SqsJobQueueDeps {
  readonly settings: AwsSettings;
  readonly queueName: string;
  /** Takes what will never work, with the reason. */
  readonly deadLetterQueueName: string;
  readonly table: DynamoTable;
  readonly caller: AwsCaller;
  readonly largeBodies: LargeBodies;
  /** How long a claim waits for a message, 0 to 20. A process that shall stop waits for the end of it. */
  readonly waitSeconds: number;
  /** A monotonic clock, for the time that a claim has waited. */
  readonly elapsedMs?: () => number;
}

/** A claim that met so many messages which were no due jobs ends without one, so that its process can do other things. */
const MOST_LOOKS = 200;

/** A message whose job is not due, to be shown again when it is. */
interface SetAside {
  readonly handle: string;
  readonly dueAtMs: EpochMs;
}

type Work =
  | {
      readonly kind: 'job' | 'nameless-job';
      readonly job: Pick<Job, 'id' | 'owner' | 'upload'>;
      readonly pointer: BodyPointer | null;
    }
  | { readonly kind: 'unusable'; readonly reason: string };

/**
 * A queue of which SQS carries the messages and the table knows the jobs. A message without its job in the table is
 * dropped when it arrives, and one whose job is not due is hidden until then: whatever SQS does twice, late or out of
 * order, a job is held by one at most. A message that names no job, as the older service's, becomes a job when it
 * arrives; so does one that an operator moves back from the dead-letter queue.
 */
export class SqsJobQueue implements JobQueue {
  readonly #client: SQSClient;
  readonly #queue: SqsQueue;
  readonly #deadLetters: SqsQueue;
  readonly #items: JobItems;
  readonly #largeBodies: LargeBodies;
  readonly #waitSeconds: number;
  readonly #elapsedMs: () => number;

  constructor(deps: SqsJobQueueDeps) {
    this.#client = new SQSClient(clientConfig(deps.settings, 'sqs'));
    this.#queue = new SqsQueue(this.#client, deps.queueName, deps.caller);
    this.#deadLetters = new SqsQueue(this.#client, deps.deadLetterQueueName, deps.caller);
    this.#items = new JobItems(deps.table);
    this.#largeBodies = deps.largeBodies;
    this.#waitSeconds = deps.waitSeconds;
    this.#elapsedMs = deps.elapsedMs ?? (() => performance.now());
  }

  enqueue(job: Pick<Job, 'id' | 'owner' | 'upload'>, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      await this.#items.add(job, nowMs, null);
      // Also where the job is there already: the process that put it may have ended before it sent the message.
      await this.#announce(job, nowMs);
    };
    return orUnavailable('JobQueue', 'enqueue', work());
  }

  claim(nowMs: EpochMs, leaseMs: number): ResultAsync<Job | null, PortUnavailable> {
    return orUnavailable('JobQueue', 'claim', this.#claim(nowMs, leaseMs));
  }

  extend(job: Job, nowMs: EpochMs, leaseMs: number): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('extend', job, async ({ handle }) => {
      if ((await this.#items.hold(job, nowMs + leaseMs)) === null) return false;
      await leniently(this.#queue.hide(handle, hiddenSeconds(leaseMs)));
      return true;
    });
  }

  complete(job: Job): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('complete', job, async ({ handle, pointer }) => {
      if ((await this.#items.finish(job)) === null) return false;
      await this.#items.remove(job);
      await leniently(this.#drop(handle, pointer));
      return true;
    });
  }

  release(job: Job, retryAtMs: EpochMs): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('release', job, async ({ handle }) => {
      const item = await this.#items.release(job, retryAtMs, randomUUID());
      if (item === null) return false;
      // The next claim hides it until it is due; this one is not told what time it is.
      await leniently(
        this.#queue.hide(handle, 0).then(async (shown) => {
          // Nobody may hold a receipt of the message any more, who would show it again.
          if (!shown) await this.#announce({ ...job, upload: item.upload }, item.enqueuedAtMs);
        }),
      );
      return true;
    });
  }

  giveUp(job: Job, reason: string): ResultAsync<void, StaleReceipt | PortUnavailable> {
    return this.#settle('giveUp', job, async ({ handle, pointer }) => {
      const item = await this.#items.doom(job, reason);
      if (item === null) return false;
      await this.#bury(this.#bodyFor(job, item), attributesOf(job.owner, item.upload), reason);
      await this.#items.remove(job);
      // A body that the dead letter points to stays.
      await leniently(this.#drop(handle, item.body === null ? pointer : null));
      return true;
    });
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable('JobQueue', 'eraseOwner', this.#items.eraseOwner(owner));
  }

  close(): void {
    this.#client.destroy();
  }

  async #claim(calledAtMs: EpochMs, leaseMs: number): Promise<Job | null> {
    const startedMs = this.#elapsedMs();
    const now = (): EpochMs => calledAtMs + Math.floor(this.#elapsedMs() - startedMs);
    // A message must stay hidden within this call, also under a lease of less than a second.
    const hideSeconds = Math.max(1, hiddenSeconds(leaseMs));
    const setAside: SetAside[] = [];
    try {
      for (let looks = 0; looks < MOST_LOOKS; looks++) {
        const message = await this.#queue.receive(hideSeconds, setAside.length === 0 ? this.#waitSeconds : 0);
        if (message === null) return null;
        const taken = await this.#take(message, now, leaseMs);
        if (taken === null) continue;
        if ('dueAtMs' in taken) {
          setAside.push(taken);
          continue;
        }
        if (leaseMs < 1000) await leniently(this.#queue.hide(message.handle, 0));
        return taken;
      }
      return null;
    } finally {
      await Promise.all(
        setAside.map(({ handle, dueAtMs }) => leniently(this.#queue.hide(handle, hiddenSeconds(dueAtMs - now())))),
      );
    }
  }

  /** The job of the message, held; or until when the message is to be hidden; or null when it is gone for good. */
  async #take(message: ReceivedMessage, now: () => EpochMs, leaseMs: number): Promise<Job | SetAside | null> {
    const { handle, attributes } = message;
    const work = await this.#workOf(message);
    if (work.kind === 'unusable') {
      await this.#bury(message.text, attributes, work.reason);
      await this.#queue.delete(handle);
      return null;
    }
    const { job, pointer } = work;
    const held = { ...job, receipt: makeReceipt(handle, pointer) };
    let claim = await this.#items.claim(held, now(), leaseMs);
    if (claim.kind === 'absent' && (work.kind === 'nameless-job' || attributes['reason'] !== undefined)) {
      // A larger body, which only a queue with a limit of its own carries, has no place in the item.
      const keepsBody = work.kind === 'nameless-job' && messageBytes(message.text, {}) <= MOST_MESSAGE_BYTES;
      await this.#items.add(job, now(), keepsBody ? message.text : null);
      claim = await this.#items.claim(held, now(), leaseMs);
    }
    if (claim.kind === 'waits') return { handle, dueAtMs: claim.dueAtMs };
    if (claim.kind === 'absent') {
      await this.#drop(handle, pointer);
      return null;
    }
    const { upload, attempt } = claim.item;
    return { ...held, upload, attempt };
  }

  async #workOf({ id, text }: ReceivedMessage): Promise<Work> {
    let content = readBody(text);
    let pointer: BodyPointer | null = null;
    if (content.kind === 'elsewhere') {
      pointer = content.pointer;
      const body = await this.#largeBodies.get(pointer);
      if (body.isErr()) return { kind: 'unusable', reason: body.error };
      content = readBody(body.value);
    }
    switch (content.kind) {
      case 'elsewhere':
        return { kind: 'unusable', reason: 'the body points to a body that points further' };
      case 'unusable':
        return content;
      case 'job':
      case 'nameless-job': {
        const { owner, upload } = content;
        const jobId = content.kind === 'job' ? content.id : `sqs/${id}`;
        return { kind: content.kind, job: { id: jobId, owner, upload }, pointer };
      }
    }
  }

  /** Sends the message of a job. */
  async #announce(job: Pick<Job, 'id' | 'owner' | 'upload'>, enqueuedAtMs: EpochMs): Promise<void> {
    await this.#send(this.#queue, bodyOf(job, enqueuedAtMs), attributesOf(job.owner, job.upload));
  }

  async #bury(text: string, attributes: MessageAttributes, reason: string): Promise<void> {
    await this.#send(this.#deadLetters, text, withReason(attributes, reason));
  }

  async #send(queue: SqsQueue, text: string, attributes: MessageAttributes): Promise<void> {
    const fits = messageBytes(text, attributes) <= MOST_MESSAGE_BYTES;
    await queue.send(fits ? text : pointerBodyOf(await this.#largeBodies.put(text)), attributes);
  }

  #bodyFor({ id, owner }: Job, { body, upload, enqueuedAtMs }: JobItem): string {
    return body ?? bodyOf({ id, owner, upload }, enqueuedAtMs);
  }

  /** The message first: a message whose body is gone would count as unusable. */
  async #drop(handle: string, pointer: BodyPointer | null): Promise<void> {
    await this.#queue.delete(handle);
    if (pointer !== null) await this.#largeBodies.delete(pointer);
  }

  /** `work` answers false when the receipt is stale. */
  #settle(
    operation: string,
    job: Job,
    work: (receipt: { readonly handle: string; readonly pointer: BodyPointer | null }) => Promise<boolean>,
  ): ResultAsync<void, StaleReceipt | PortUnavailable> {
    const settle = async (): Promise<Result<void, StaleReceipt>> => {
      const receipt = readReceipt(job.receipt);
      const settled = receipt !== null && (await work(receipt));
      return settled ? ok(undefined) : err({ kind: 'stale-receipt', id: job.id });
    };
    return orUnavailable('JobQueue', operation, settle()).andThen((settled) => settled);
  }
}

/**
 * What is done to a message once its job's state is settled, done or not: the table decides, and a message that was not
 * dropped, hidden or shown in time is put right the next time it arrives.
 */
async function leniently(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
