import { randomUUID } from 'node:crypto';
import type { RouteDefinition } from '../../contracts/route.ts';
import type { Caller, ServiceUnderTest } from '../e2e/operations.ts';
import { at, counts, success } from '../e2e/operations-kit.ts';
import type { Values } from './filled-call.ts';

/** A text of somebody's that nobody else may ever be shown is marked by this. */
export const markOf = ({ userId }: Pick<Caller, 'userId'>): string => `mark-of-${userId.slice(-8)}`;

const DAY_MS = 86_400_000;

/**
 * Makes one of everything that a person can have, and answers the ids by the names that parameters have in the contract.
 * Every text that the person chooses carries their mark.
 */
export async function possessionsOf(caller: Caller, service: ServiceUnderTest): Promise<Values> {
  const { client, userId } = caller;
  const mark = markOf(caller);
  success(await client.updateMe({ body: { display_name: mark } }));
  const metric_id = randomUUID();
  const metric = (minute: number) => ({
    metric_type: 'heart_rate' as const,
    biometric_data: { heart_rate: 60 },
    mental_health_data: { notes: mark },
    device_id: mark,
    raw_data: { text: mark },
    metadata: { text: mark },
    created_at: at(minute),
  });
  const sent = await client.uploadHealthData({
    body: {
      user_id: userId,
      upload_source: mark,
      client_timestamp: at(0),
      metrics: [{ ...metric(0), metric_id }, metric(61), metric(62)],
    },
  });
  const samples = [0, 1, 61].map((minute) => ({
    identifier: 'HKQuantityTypeIdentifierStepCount',
    type: 'HKQuantityTypeIdentifierStepCount',
    value: 10,
    unit: 'count',
    start_date: at(minute),
    end_date: at(minute + 1),
    source_name: mark,
  }));
  const steps = await client.uploadHealthKit({ body: { user_id: userId, quantity_samples: samples } });
  const analysis = success(await client.analyzeCounts({ body: { data_points: counts, timezone: 'UTC' } })).body;
  const insight = success(
    await client.generateInsight({ body: { processing_id: analysis.analysis_id, context: mark } }),
  );
  // Nothing is sent of a webhook that is off, so that nothing becomes of its messages either.
  const hook = await client.createWebhook({
    body: { url: `http://localhost:9/${mark}`, description: mark, enabled: false },
  });
  const { webhook_id } = success(hook).body;
  const delivery = success(await client.testWebhook({ params: { webhook_id } })).body;
  const ends_at = new Date(Date.now() + 30 * DAY_MS).toISOString();
  const clinician = await service.newCaller(['clinician']);
  const researcher = await service.newCaller(['researcher']);
  const giving = { data_types: ['biometric_data.heart_rate', 'analyses'], ends_at } as const;
  const consent = await client.giveConsent({ body: { grantee: clinician.userId, purpose: 'care', ...giving } });
  success(
    await client.giveConsent({
      body: { grantee: researcher.userId, purpose: 'research', data_types: ['biometric_data.heart_rate'], ends_at },
    }),
  );
  const [participant] = success(await researcher.client.listParticipants()).body?.data ?? [];
  const reason = `The ${mark} cannot speak for themselves.`;
  success(await clinician.client.breakGlass({ params: { patient_id: userId }, body: { reason, minutes: 5 } }));
  const { processing_id } = success(sent).body;
  await settled(caller, processing_id);
  const { upload_id } = success(steps).body;
  await settled(caller, upload_id);
  const [session] = service.keepsAccounts ? success(await client.listSessions()).body.data : [];
  return {
    user_id: userId,
    patient_id: userId,
    grantee: userId,
    metric_id,
    processing_id,
    upload_id,
    analysis_id: analysis.analysis_id,
    insight_id: insight.body.data.insight_id,
    webhook_id,
    delivery_id: delivery.delivery_id,
    consent_id: success(consent).body.consent_id,
    pseudonym: participant?.pseudonym ?? '',
    session_id: session?.session_id ?? randomUUID(),
  };
}

/** Resolves when nothing more becomes of an upload. */
async function settled({ client }: Caller, processing_id: string): Promise<void> {
  for (;;) {
    const { body } = success(await client.readProcessing({ params: { processing_id } }));
    if (body !== null && !['received', 'processing'].includes(body.status)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The ids as a route calls them: what analyses are found by is a `processing_id` too. */
export const idsFor = ({ path }: Pick<RouteDefinition, 'path'>, { analysis_id = '', ...ids }: Values): Values =>
  /^\/api\/v1\/(?:pat|insights)\b/.test(path) ? { ...ids, processing_id: analysis_id } : ids;

/** An id of the same form that nobody has: its last letters and digits are other ones of their kind. */
export function absentLike(id: string): string {
  const turned = (character: string, first: string, count: number): string =>
    String.fromCharCode(((character.charCodeAt(0) - first.charCodeAt(0) + 3) % count) + first.charCodeAt(0));
  const tail = id.slice(-8).replaceAll(/[0-9a-zA-Z]/g, (character) => {
    if (/[0-9]/.test(character)) return turned(character, '0', 10);
    if (/[a-f]/.test(character)) return turned(character, 'a', 6);
    if (/[g-z]/.test(character)) return turned(character, 'g', 20);
    return turned(character, 'A', 26);
  });
  return `${id.slice(0, -8)}${tail}`;
}
