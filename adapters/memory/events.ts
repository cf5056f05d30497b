import { okAsync, type ResultAsync } from 'neverthrow';
import type { AnalysisEvent, EventPublisher } from '../../core/analysis/ports.ts';

const MOST_EVENTS = 1000;

/** Keeps the last 1000 events where the process itself can read them; nobody outside is told. */
export class MemoryEvents implements EventPublisher {
  #events: AnalysisEvent[] = [];

  /** The oldest first. */
  get published(): readonly AnalysisEvent[] {
    return this.#events;
  }

  publish(event: AnalysisEvent): ResultAsync<void, never> {
    this.#events = [...this.#events.slice(1 - MOST_EVENTS), event];
    return okAsync(undefined);
  }
}
