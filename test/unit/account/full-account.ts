import { okAsync } from 'neverthrow';
import { processUpload } from '../../../core/analysis/process-upload.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { uploadMetrics } from '../../../core/health-data/upload-metrics.ts';
import { callOnce } from '../../../core/idempotency/call-once.ts';
import { tellOwner } from '../../../core/events/tell-owner.ts';
import { generateInsight } from '../../../core/insights/generate-insight.ts';
import { rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import { pseudonym } from '../../../core/audit/model.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { localZone, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { consentId } from '../../../core/consent/model.ts';
import { webhookId } from '../../../core/webhooks/model.ts';
import { bytes, readerOf, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { columnsOf, PHONE, WATCH } from '../sample-columns.ts';

const BERLIN = valueOf(localZone('Europe/Berlin'));
/** 2025-01-06, a Monday. */
const MONDAY = 20_094;
const HOUR_MS = 3_600_000;

const hourOf = (hour: number): number => startOfLocalDay(BERLIN, MONDAY) + hour * HOUR_MS;

/** Steps of every hour of so many days; each third hour also from a phone. */
const steps = (firstDay: number, days: number): SampleColumns =>
  columnsOf(
    'step_count',
    Array.from({ length: days * 24 }, (_, i) => firstDay * 24 + i).flatMap((hour) => [
      { startMs: hourOf(hour), endMs: hourOf(hour) + 60_000, value: 40 + (hour % 7), source: WATCH, offsetMinutes: 60 },
      ...(hour % 3 === 0 ? [{ startMs: hourOf(hour), endMs: hourOf(hour) + 90_000, value: 12, source: PHONE }] : []),
    ]),
  );

const heartRates = (firstDay: number, days: number): SampleColumns =>
  columnsOf(
    'heart_rate',
    Array.from({ length: days * 24 }, (_, i) => ({
      startMs: hourOf(firstDay * 24 + i) + 1.5,
      value: 60.25 + (i % 11),
      source: WATCH,
    })),
  );

/** What a person's data are made of, so that a scan can look for all of it. */
export interface FullAccount {
  readonly owner: UserId;
  /** Texts that only this person's data contain. */
  readonly marks: readonly string[];
  readonly uploads: readonly Upload[];
}

/**
 * Gives the owner something in every store, by the use cases that people use: two exports that share half their
 * samples, each with its analyses, metrics, an upload that failed, and jobs that wait. `mark` is a word that no other
 * person's data contain.
 */
export async function fillAccount(world: World, owner: UserId, mark: string): Promise<FullAccount> {
  const uploads: Upload[] = [];
  for (const [i, batches] of [
    [steps(0, 8), heartRates(0, 2)],
    [steps(4, 8), heartRates(1, 2)],
  ].entries()) {
    const exporting = { ...world, exports: readerOf(batches, { timeZones: [{ name: 'Europe/Berlin', count: 9 }] }) };
    const content = bytes(`<HealthData who="${mark}" number="${i}">`, new Uint8Array(70_000).fill(i + 1));
    const command = { owner, content, limitBytes: 1e6, timezone: 'Europe/Berlin' };
    const { processingId } = valueOf(await acceptExport(exporting)(command));
    uploads.push(valueOf(await processUpload(exporting)({ owner, upload: processingId })).upload);
    world.clock.nowMs += 1.5;
  }
  const receipt = valueOf(
    await uploadMetrics(world)({
      owner,
      uploadSource: `${mark}-phone`,
      syncToken: `${mark}-token`,
      rejectedEarlier: 0,
      raw: Buffer.from(JSON.stringify({ user_id: owner, mark })),
      drafts: Array.from({ length: 12 }, (_, index) => ({
        index,
        metricId: index % 2 === 0 ? `${mark}-metric-${index}` : null,
        metricType: 'heart_rate' as const,
        createdAtMs: hourOf(index % 5),
        sleepTimes: null,
        deviceId: `${mark}-device`,
        biometric_data: { heart_rate: 60 + index + 0.1 },
        sleep_data: null,
        activity_data: null,
        mental_health_data: null,
        rawData: { note: mark, nested: { b: 1, a: [null, 0.1] } },
        metadata: null,
      })),
    }),
  );
  const failed = valueOf(
    await world.uploads.change(
      owner,
      receipt.processingId,
      { status: 'failed', failure: { code: 'gave-up', reason: mark } },
      world.clock.now(),
    ),
  );
  uploads.push(failed);
  const wording = { owner, insightType: 'comprehensive', includeRecommendations: true, language: 'en', context: null };
  for (const source of [
    { kind: 'upload', upload: uploads[0]!.processingId },
    { kind: 'results', results: { sleep_efficiency: 84.5 } },
  ] as const) {
    valueOf(await generateInsight({ ...world, narrator: rulesNarrator })({ ...wording, source }));
    world.clock.nowMs += 1.5;
  }
  const reply = { status: 201, mediaType: 'application/json', headers: { Location: `/${mark}` }, body: mark };
  valueOf(
    await callOnce(world)({
      scope: { owner, operation: 'uploadHealthData', key: mark },
      token: mark,
      fingerprint: mark,
      work: () => okAsync(reply),
    }),
  );
  valueOf(await world.auditPseudonyms.assign(owner, pseudonym(`p_${mark}`)));
  await tellSomething(world, owner, mark);
  await shareSomething(world, owner, mark);
  return { owner, uploads, marks: [owner, mark, ...uploads.map(({ processingId }) => processingId)] };
}

/** An event in the log, on its way to a webhook. */
async function tellSomething(world: World, owner: UserId, mark: string): Promise<void> {
  const nowMs = world.clock.now();
  const webhook = {
    owner,
    webhookId: webhookId(`wh_${mark}`),
    url: `https://${mark}.example/`,
    secret: `whsec_${mark}`,
  };
  valueOf(
    await world.webhooks.put({ ...webhook, eventTypes: null, description: mark, enabled: true, createdAtMs: nowMs }),
  );
  const observer = { told: () => undefined, untold: () => undefined };
  const event = { type: 'data.deleted', atMs: nowMs, upload: null, subject: mark, data: { note: mark } } as const;
  valueOf(await tellOwner({ ...world, observer })(owner, event));
}

/** Consents from and for the person, and accesses of others and by them, where no other full account looks. */
async function shareSomething({ consents, clock }: World, owner: UserId, mark: string): Promise<void> {
  const nowMs = clock.now();
  const given = { purpose: 'care', dataTypes: ['heart_rate'], createdAtMs: nowMs, endsAtMs: nowMs + 1e9 } as const;
  const sides = [
    { patient: owner, grantee: userId('a clinician') },
    { patient: userId('a patient'), grantee: owner },
  ];
  for (const side of sides) {
    valueOf(await consents.insert({ ...side, ...given, consentId: consentId(mark), revokedAtMs: null }));
  }
  for (const [patient, clinician] of [
    [owner, userId('a clinician')],
    [userId('a patient'), owner],
  ] as const) {
    const reason = patient === owner ? `of ${mark}` : 'by somebody';
    const access = { patient, clinician, reason, openedAtMs: nowMs, endsAtMs: nowMs + 1 };
    valueOf(await consents.insertEmergency({ ...access, accessId: `${String(nowMs)} ${String(patient === owner)}` }));
  }
}
