import * as assert from 'uvu/assert';
import type { AnalysisEvent, EventPublisher } from '../../core/analysis/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { suiteOver, type UnderTest } from './under-test.ts';

/** A publisher, and what a receiver was told, in the order of arrival. */
export interface PublisherUnderTest extends UnderTest<EventPublisher> {
  readonly received: (count: number) => Promise<readonly AnalysisEvent[]>;
}

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');

const event = (of: Partial<AnalysisEvent> = {}): AnalysisEvent => ({
  type: 'analysis.completed',
  owner: ADA,
  upload: processingId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a03'),
  id: '0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a04',
  atMs: Date.parse('2025-03-10T12:00:00.123Z'),
  ...of,
});

/** What every `EventPublisher` promises. */
export function eventPublisherContract(name: string, make: () => Promise<PublisherUnderTest>): void {
  const { test, run } = suiteOver<EventPublisher, PublisherUnderTest>(`event publisher: ${name}`, make);

  test('an event arrives with all that it says', async ({ store, received }) => {
    valueOf(await store.publish(event()));
    assert.equal(await received(1), [event()]);
  });

  test('events of both types arrive', async ({ store, received }) => {
    const insight = event({
      type: 'insight.completed',
      id: 'an insight',
      upload: processingId(`${ADA}-${'0f'.repeat(16)}`),
    });
    valueOf(await store.publish(event()));
    valueOf(await store.publish(insight));
    const both = [...(await received(2))].sort((a, b) => (a.type < b.type ? -1 : 1));
    assert.equal(both, [event(), insight]);
  });

  run();
}
