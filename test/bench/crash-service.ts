import { setTimeout as delay } from 'node:timers/promises';
import type { RandomStream } from '../../core/simulation/random.ts';
import { callerOf, startProcess, untilProcessed, type Answer, type RunningService } from '../e2e/running-service.ts';
import { examine, type Aftermath } from './crash-aftermath.ts';
import { batchOf } from './minute-batches.ts';

/** A service dies up to so long after one of its first answers: anywhere in the work on the next few batches. */
const LONGEST_WORK_MS = 300;
const MOST_ANSWERS = 8;

/** Aftermath of the killed services. */
export interface KilledServices extends Aftermath {
  readonly kills: number;
}

/**
 * Sends batches to the service over HTTP while it is killed `kills` times. After each death it is started anew and gets
 * the first batch again that was not acknowledged. In the end it is left to finish its work.
 */
export async function killServices({
  dataDir,
  kills,
  random,
}: {
  readonly dataDir: string;
  readonly kills: number;
  readonly random: RandomStream;
}): Promise<KilledServices> {
  const uploads: string[] = [];
  let batches = 0;
  let service = await startProcess({ DATA_DIR: dataDir, MAX_RUNNING_JOBS_PER_USER: '0' });
  const registered = await callerOf(service.url)('POST', '/api/v1/auth/register', {
    json: { email: 'ada@example.org', password: 'Correct-horse-7' },
  });
  const token = fieldOf(registered, 'access_token');
  const owner = fieldOf(await callerOf(service.url)('GET', '/api/v1/auth/me', { token }), 'user_id');
  /** Whether the batch was acknowledged; it was not when the service died before its answer. */
  const send = async ({ url }: RunningService): Promise<boolean> => {
    const json = { user_id: owner, quantity_samples: batchOf(batches) };
    const answer = await callerOf(url)('POST', '/api/v1/healthkit', { token, json }).catch(() => null);
    if (answer === null) return false;
    if (answer.status !== 202) throw new Error(`batch ${batches} was answered ${answer.status}: ${answer.text}`);
    uploads.push(fieldOf(answer, 'upload_id'));
    batches++;
    return true;
  };
  for (let life = 0; life < kills; life++) {
    const doomed = service;
    const answers = random.wholeBetween(0, MOST_ANSWERS);
    for (let i = 0; i < answers; i++) await send(doomed);
    const death = delay(random.between(0, LONGEST_WORK_MS)).then(() => doomed.kill());
    while (await send(doomed));
    await death;
    service = await startProcess({ DATA_DIR: dataDir, MAX_RUNNING_JOBS_PER_USER: '0' });
  }
  if (!(await send(service))) throw new Error('the service that nobody killed does not answer');
  for (const upload of uploads) {
    const answer = await untilProcessed(callerOf(service.url), token, upload);
    if (fieldOf(answer, 'status') === 'failed') throw new Error(`upload ${upload} failed: ${answer.text}`);
  }
  await service.stop();
  return { ...(await examine({ dataDir, owner, batches, uploads, jobsAreDone: true })), kills };
}

function fieldOf({ json, status, text }: Answer, name: string): string {
  const fields = json as Readonly<Record<string, unknown>> | undefined;
  const value = fields?.[name];
  if (typeof value !== 'string') throw new Error(`no ${name} in the answer ${status}: ${text}`);
  return value;
}
