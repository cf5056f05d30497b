import type { ResultAsync } from 'neverthrow';
import type { AnalysisEvent, EventPublisher } from '../analysis/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { TellOwner } from './tell-owner.ts';

/** Tells the owner of what other systems are told of, and then those. Whether it worked is what they say. */
export class TellingPublisher implements EventPublisher {
  readonly #others: EventPublisher;
  readonly #tell: TellOwner;

  constructor(others: EventPublisher, tell: TellOwner) {
    this.#others = others;
    this.#tell = tell;
  }

  publish(event: AnalysisEvent): ResultAsync<void, PortUnavailable> {
    const { type, owner, upload, id, atMs } = event;
    return this.#tell(owner, { type, atMs, upload, subject: id, data: {} }).andThen(() => this.#others.publish(event));
  }
}
