import { err, ok, type Result, ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import { extensionOf, genuineEnd, type ChainPorts } from './extend-chain.ts';
import type { AuditEvent, SignedHead } from './model.ts';
import type { AuditStore, LogExtension } from './ports.ts';

export interface AuditTrailPorts extends ChainPorts {
  readonly auditStore: AuditStore;
}

/** So many entries are written at once: the store's own limits are far above. */
const MOST_AT_ONCE = 50;
/** Of another process that writes at the same time, one of the two is always through. */
const MOST_TRIES = 50;

type Recorded = Result<void, PortUnavailable>;

interface Waiting {
  readonly event: AuditEvent;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (bug: unknown) => void;
}

/**
 * Writes events to the audit log, each as the next entry of its chain. An entry needs the hash of the one before it, so there
 * is one write at a time; what comes meanwhile waits, and is written together.
 */
export class AuditTrail {
  readonly #ports: AuditTrailPorts;
  #waiting: Waiting[] = [];
  #isWriting = false;
  /** What the log ended with after the last write of this process; undefined where it has to be asked. */
  #end: SignedHead | null | undefined;

  constructor(ports: AuditTrailPorts) {
    this.#ports = ports;
  }

  /** The event is durable once this is answered. After an error it may be or not. */
  record(event: AuditEvent): ResultAsync<void, PortUnavailable> {
    return new ResultAsync(
      new Promise<Recorded>((resolve, reject) => {
        this.#waiting.push({ event, resolve, reject });
        if (this.#isWriting) return;
        this.#isWriting = true;
        void this.#writeWaiting();
      }),
    );
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        const recorded = await this.#append(some.map(({ event }) => event));
        for (const { resolve } of some) resolve(recorded);
      } catch (bug) {
        this.#end = undefined;
        for (const { reject } of some) reject(bug);
      }
    }
    this.#isWriting = false;
  }

  async #append(events: readonly AuditEvent[]): Promise<Recorded> {
    const { auditStore } = this.#ports;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const end: Result<SignedHead | null, PortUnavailable> =
        this.#end === undefined ? await auditStore.end().andThen(genuineEnd(this.#ports)) : ok(this.#end);
      if (end.isErr()) return err(end.error);
      this.#end = undefined;
      const extension = await extensionOf(this.#ports)(end.value, events);
      if (extension.isErr()) return err(extension.error);
      const extended = await auditStore.extend(extension.value);
      if (extended.isErr()) return err(extended.error);
      if (extended.value) {
        this.#end = extension.value.end;
        return ok(undefined);
      }
      const wasWritten = await this.#isThere(extension.value);
      if (wasWritten.isErr()) return err(wasWritten.error);
      if (wasWritten.value) return ok(undefined);
    }
    return err(portUnavailable('AuditStore', 'extend', 'others were faster every time'));
  }

  /** A store that sends a write again where its answer was lost finds the log extended: by itself. */
  #isThere({ entries: [first] }: LogExtension): ResultAsync<boolean, PortUnavailable> {
    if (first === undefined) throw new RangeError('an extension has entries');
    return this.#ports.auditStore.entries(first.day, first.number - 1, 1).map(([found]) => found?.hash === first.hash);
  }
}
