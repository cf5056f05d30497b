import * as assert from 'uvu/assert';
import { nodeStreamDigest } from '../../adapters/node/stream-digest.ts';
import { copyAccount } from '../../core/account/copy-account.ts';
import { insightId, type InsightId } from '../../core/insights/model.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';
import type { LocalStorage } from '../../hosts/wiring/storage.ts';
import { valueOf } from '../unit/result-values.ts';
import type { Answer } from './http-client.ts';
import type { Person } from './journey.ts';
import { acknowledged, KEY, uploadExport, uploadMetrics, uploadSamples } from './measurements.ts';
import { registered } from './people.ts';
import { startUnderFaults, type ServiceUnderFaults } from './service-under-faults.ts';

/** A person who has something of every kind that there is. */
export interface Life {
  readonly storage: LocalStorage;
  readonly owner: UserId;
  /** All of it, as its owner exported it. */
  readonly archive: Buffer;
  /** Two heart rates, sent as metrics. */
  readonly metricsUpload: ProcessingId;
  /** Heart rates, sent as an export and analysed. */
  readonly exportUpload: ProcessingId;
  /** About the analysis of the export. */
  readonly insight: InsightId;
}

let made: Promise<Life> | null = null;

/** Made once, by a service of its own. */
export const life = (): Promise<Life> => (made ??= lived());

async function lived(): Promise<Life> {
  const service = await startUnderFaults();
  try {
    const eve = await registered(service, 'eve@example.org');
    const metricsUpload = acknowledged(await uploadMetrics(service, eve));
    const exportUpload = acknowledged(await uploadExport(service, eve));
    await service.drain();
    eve.upload = exportUpload;
    const told = await explainUpload(service, eve);
    assert.is(told.status, 200, told.text);
    const { insight_id: insight } = told.json['metadata'] as { readonly insight_id: string };
    const { status, bytes: archive } = await exportMe(service, eve);
    assert.is(status, 200);
    const { storage } = service;
    return { storage, owner: eve.id, archive, metricsUpload, exportUpload, insight: insightId(insight) };
  } finally {
    await service.close();
  }
}

export const exportMe = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('GET', '/api/v1/me/export', { token });

export const importLife = async ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('POST', '/api/v1/me/import', { token, key: KEY, body: (await life()).archive, type: 'application/zip' });

/** Has the person's upload explained. */
export const explainUpload = ({ call }: ServiceUnderFaults, { token, upload }: Person): Promise<Answer> =>
  call('POST', '/api/v1/insights', { token, key: KEY, json: { processing_id: upload } });

/** Gives a person everything that somebody else has; past the service, so that it costs little. */
async function copied(
  { storage: stores, owner }: Pick<Life, 'storage' | 'owner'>,
  service: ServiceUnderFaults,
  person: Person,
): Promise<void> {
  const move = { source: { stores, owner }, target: { stores: service.storage, owner: person.id } };
  valueOf(await copyAccount({ streamDigest: nodeStreamDigest, progress: () => undefined })(move));
}

/** The person has all of it; their upload is that of the export. */
export async function prepareLife(service: ServiceUnderFaults, person: Person): Promise<void> {
  await copied(await life(), service, person);
  person.upload = (await life()).exportUpload;
}

let walked: Promise<Pick<Life, 'storage' | 'owner'> & { readonly upload: ProcessingId }> | null = null;

/** Somebody who has sent steps, on which nobody has worked yet. */
const walk = (): NonNullable<typeof walked> =>
  (walked ??= (async () => {
    const service = await startUnderFaults();
    try {
      const { storage } = service;
      const eve = await registered(service, 'eve@example.org');
      return { storage, owner: eve.id, upload: acknowledged(await uploadSamples(service, eve)) };
    } finally {
      await service.close();
    }
  })());

/** The person has sent steps, and their upload waits to be worked on. */
export async function prepareSteps(service: ServiceUnderFaults, person: Person): Promise<void> {
  const walker = await walk();
  await copied(walker, service, person);
  person.upload = walker.upload;
}
