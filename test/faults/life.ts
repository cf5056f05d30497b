import * as assert from 'uvu/assert';
import { insightId, type InsightId } from '../../core/insights/model.ts';
import { processingId, type ProcessingId } from '../../core/kernel/ids.ts';
import type { Answer } from './http-client.ts';
import type { Person } from './journey.ts';
import { acknowledged, KEY, uploadMetrics, uploadSamples } from './measurements.ts';
import { registered } from './people.ts';
import { startUnderFaults, type ServiceUnderFaults } from './service-under-faults.ts';

/** Everything that a person can have, as an archive to be brought into anybody's account. */
export interface Life {
  readonly archive: Buffer;
  /** Two heart rates, sent as metrics. */
  readonly metricsUpload: ProcessingId;
  /** Steps, analysed: a window and a week. */
  readonly stepsUpload: ProcessingId;
  /** About the analysis of the steps. */
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
    const stepsUpload = acknowledged(await uploadSamples(service, eve));
    await service.drain();
    eve.upload = stepsUpload;
    const told = await explainUpload(service, eve);
    const { insight_id: insight } = told.json['metadata'] as { readonly insight_id: string };
    const { status, bytes } = await exportMe(service, eve);
    assert.is(status, 200);
    return {
      archive: bytes,
      metricsUpload: processingId(metricsUpload),
      stepsUpload: processingId(stepsUpload),
      insight: insightId(insight),
    };
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

/** The person has all of it; their upload is that of the steps. */
export async function prepareLife(service: ServiceUnderFaults, person: Person): Promise<void> {
  const answer = await importLife(service, person);
  assert.is(answer.status, 200, answer.text);
  person.upload = (await life()).stepsUpload;
}
