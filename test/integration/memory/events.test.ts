import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryEvents } from '../../../adapters/memory/events.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { eventPublisherContract } from '../../contracts/event-publisher.contract.ts';
import { valueOf } from '../../unit/result-values.ts';

eventPublisherContract('memory', async () => {
  const store = new MemoryEvents();
  return { store, received: async () => store.published, close: async () => undefined };
});

test('only the last 1000 are kept', async () => {
  const events = new MemoryEvents();
  const publish = async (i: number) =>
    events.publish({
      type: 'analysis.completed',
      owner: userId('ada'),
      upload: processingId('u'),
      id: String(i),
      atMs: i,
    });
  for (let i = 0; i < 1001; i++) valueOf(await publish(i));
  assert.equal([events.published.length, events.published[0]?.id, events.published.at(-1)?.id], [1000, '1', '1000']);
});

test.run();
