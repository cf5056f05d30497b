import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { processingId } from '../../../core/kernel/ids.ts';
import { openLog } from '../../../hosts/wiring/log/open-log.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { memoryStorage } from '../../../hosts/wiring/storage.ts';
import { startWorker } from '../../../hosts/worker/worker.ts';
import { ADA } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

const start = async (settings: Readonly<Record<string, string>>) => {
  const config = valueOf(
    readConfig({ PAT_MODEL_BASE_DIR: path.join(tmpdir(), 'clarity-without-models'), ...settings }),
  );
  const storage = memoryStorage();
  // A job of an upload that is gone by now.
  const id = '33333333-3333-4333-8333-333333333333';
  const job = { id: `${id}/${String(Date.now() - 5000)}`, owner: ADA, upload: processingId(id) };
  valueOf(await storage.queue.enqueue(job, Date.now()));
  return startWorker({ config, logger: openLog('silent', { write: () => undefined }), storage });
};

test('a worker shows on a port of its own what it has done', async () => {
  const worker = await start({ METRICS_PORT: '0' });
  try {
    assert.match(worker.metricsUrl ?? '', /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const shown = async () => (await fetch(worker.metricsUrl ?? '')).text();
    let text = await shown();
    while (!/^clarity_jobs_settled_total\{outcome="\w+"\} 1$/m.test(text)) text = await shown();
    assert.match(text, /^clarity_health_data_processing_duration_seconds_count\{stage="wait"\} 1$/m);
    assert.match(text, /^clarity_pat_model_status\{status="weights_not_installed"\} 1$/m);
    assert.match(text, /^nodejs_eventloop_lag_seconds /m);
    assert.not.ok(text.includes(ADA));
  } finally {
    await worker.stop();
  }
});

test('a worker without a port for metrics shows none', async () => {
  const worker = await start({});
  assert.is(worker.metricsUrl, null);
  await worker.stop();
});

test.run();
