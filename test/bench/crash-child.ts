import { randomIds } from '../../adapters/node/ids.ts';
import { systemClock } from '../../adapters/node/clock.ts';
import { uploadSamples } from '../../core/apple-health/upload-samples.ts';
import { NO_QUOTA } from '../../core/health-data/upload-quota.ts';
import { userId } from '../../core/kernel/ids.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { openStorage } from '../../hosts/wiring/open-storage.ts';
import { valueOf } from '../unit/result-values.ts';
import { batchOf } from './minute-batches.ts';

/**
 * The process that the crash bench kills. It opens the embedded storage as the service does and sends batches from
 * `first` up to `end` through the service's own use case; after each answer it writes `<batch> <upload id>`. Where it is
 * to be killed, it then sends earlier batches again and again, so that it is always found at work.
 */
const [dataDir = '', owner = '', first = '', end = '', isToBeKilled = ''] = process.argv.slice(2);
const storage = valueOf(await openStorage(valueOf(readConfig({ DATA_DIR: dataDir }))));
const upload = uploadSamples({ ...storage, quota: NO_QUOTA, clock: systemClock, ids: randomIds });
process.stdout.write('ready\n');

async function send(batch: number): Promise<void> {
  const sent = batchOf(batch);
  const { processingId } = valueOf(
    await upload({
      owner: userId(owner),
      samples: sent.map(({ identifier, value, unit, start_date, end_date, source_name }, i) => ({
        pointer: `/quantity_samples/${i}`,
        identifier,
        value,
        unit,
        startDate: start_date,
        endDate: end_date,
        sourceName: source_name,
        device: null,
      })),
      unreadable: [],
      unread: {},
      limits: { writtenAtMs: null, zone: null },
      timezone: null,
      syncToken: null,
      uploadSource: 'healthkit_ios',
      raw: new TextEncoder().encode(JSON.stringify(sent)),
    }),
  );
  process.stdout.write(`${batch} ${processingId}\n`);
}

for (let batch = Number(first); batch < Number(end); batch++) await send(batch);
if (isToBeKilled === 'killed') {
  for (let again = 0; ; again++) await send((again * 7919) % Number(end));
}
await storage.close();
