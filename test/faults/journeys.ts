import * as assert from 'uvu/assert';
import { nodeDigest } from '../../adapters/node/digest.ts';
import type { ProblemSlug } from '../../contracts/problems.ts';
import type { Routes } from '../../contracts/routes.ts';
import { processingId, userId, type ProcessingId, type UserId } from '../../core/kernel/ids.ts';
import { exportXml, record } from '../unit/apple-export/export-fixtures.ts';
import { bytes, NOW_MS } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import type { Answer } from './http-client.ts';
import { keyOfUrl, type ModelUnderFaults, type ServiceUnderFaults } from './service-under-faults.ts';

/** A person with an account, and what their requests have brought about so far. */
export interface Person {
  readonly email: string;
  /** Empty before they have registered. */
  readonly id: UserId;
  token: string;
  refreshToken: string;
  /** The upload that the journey is about, where there is one before it begins. */
  upload: string;
}

/** The answers to the same request: the one under faults, and, where that was a problem, the one to it sent again. */
export interface Answers {
  readonly first: Answer;
  readonly last: Answer;
}

interface JourneyFacts {
  readonly name: string;
  /** `ready` where left out. */
  readonly model?: ModelUnderFaults;
  /** What has happened before, without faults. */
  readonly prepare?: (service: ServiceUnderFaults, person: Person) => Promise<void>;
}

/** One request that ports may fail under. */
export interface RequestJourney extends JourneyFacts {
  readonly kind: 'request';
  readonly route: keyof Routes;
  readonly send: (service: ServiceUnderFaults, person: Person) => Promise<Answer>;
  /** Nobody has registered before. */
  readonly first?: true;
  /** What this service answers where nothing fails, if that is no success. */
  readonly refusal?: ProblemSlug;
  /** The refusals of the request sent again that mean that the effect is there already. */
  readonly doneAlready?: readonly ProblemSlug[];
  /** Fails unless there is exactly one effect, once no job is due any more. */
  readonly verify: (service: ServiceUnderFaults, person: Person, answers: Answers) => Promise<void>;
}

/** The work on an upload, which `prepare` queues. */
export interface JobJourney extends JourneyFacts {
  readonly kind: 'job';
  readonly prepare: (service: ServiceUnderFaults, person: Person) => Promise<void>;
  /** Fails unless there is exactly one effect, once the upload is completed. */
  readonly verify: (service: ServiceUnderFaults, person: Person) => Promise<void>;
}

export type Journey = RequestJourney | JobJourney;

const PASSWORD = 'Correct-horse-7';

export const register = ({ call }: ServiceUnderFaults, { email }: Person): Promise<Answer> =>
  call('POST', '/api/v1/auth/register', { json: { email, password: PASSWORD } });
export const login = ({ call }: ServiceUnderFaults, { email }: Person): Promise<Answer> =>
  call('POST', '/api/v1/auth/login', { json: { email, password: PASSWORD } });

/** Somebody who has not registered yet. */
export const nobody = (email: string): Person => ({ email, id: userId(''), token: '', refreshToken: '', upload: '' });

/** A person who has registered. */
export async function registered(service: ServiceUnderFaults, email: string): Promise<Person> {
  const answer = await register(service, nobody(email));
  assert.is(answer.status, 201, answer.text);
  return signedIn(service, answer);
}

/** Whom the tokens of an answer belong to. */
export async function signedIn({ call }: ServiceUnderFaults, answer: Answer): Promise<Person> {
  const token = String(answer.json['access_token']);
  const me = await call('GET', '/api/v1/auth/me', { token });
  assert.is(me.status, 200, me.text);
  return {
    email: String(me.json['email']),
    id: userId(String(me.json['user_id'])),
    token,
    refreshToken: String(answer.json['refresh_token']),
    upload: '',
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const HOUR_MS = 3_600_000;
/** 2025-02-17, a Monday: a week and a day lie between it and the end of what is sent. */
const FIRST_MS = Date.UTC(2025, 1, 17);
export const STEP_SAMPLES = 8 * 48;

const metrics = ({ id }: Person) => ({
  user_id: id,
  upload_source: 'apple_health',
  client_timestamp: iso(NOW_MS),
  metrics: [61, 64].map((heartRate, i) => ({
    metric_type: 'heart_rate',
    biometric_data: { heart_rate: heartRate },
    created_at: iso(NOW_MS - (i + 1) * HOUR_MS),
  })),
});

/** Steps in half hours over eight days: enough to analyse, and one complete week. */
const samples = ({ id }: Person) => ({
  user_id: id,
  timezone: 'UTC',
  quantity_samples: Array.from({ length: STEP_SAMPLES }, (_, i) => ({
    identifier: 'HKQuantityTypeIdentifierStepCount',
    type: 'HKQuantityTypeIdentifierStepCount',
    value: 30 + ((i * 37) % 600),
    unit: 'count',
    start_date: iso(FIRST_MS + (i * HOUR_MS) / 2),
    end_date: iso(FIRST_MS + ((i + 1) * HOUR_MS) / 2),
    source_name: 'Watch',
  })),
});

export const HEART_RATES = 4;
const EXPORT = exportXml(
  Array.from({ length: HEART_RATES }, (_, i) =>
    record({ startDate: `2024-01-01 08:0${i}:00 +0000`, endDate: `2024-01-01 08:0${i}:00 +0000` }),
  ).join(''),
);

/** Ten hours and more of minutes: the least that is analysed, and a little. */
const steps = () => ({
  step_counts: Array.from({ length: 1440 }, (_, i) => (i * 7) % 90),
  timestamps: Array.from({ length: 1440 }, (_, i) => iso(FIRST_MS + i * 60_000)),
  timezone: 'UTC',
});

export const uploadMetrics = ({ call }: ServiceUnderFaults, person: Person) =>
  call('POST', '/api/v1/health-data', { token: person.token, json: metrics(person) });
export const uploadSamples = ({ call }: ServiceUnderFaults, person: Person) =>
  call('POST', '/api/v1/healthkit', { token: person.token, json: samples(person) });
export const uploadExport = ({ call }: ServiceUnderFaults, { token }: Person) =>
  call('POST', '/api/v1/healthkit/export', { token, body: EXPORT, type: 'application/xml' });
export const analyzeSteps = ({ call }: ServiceUnderFaults, { token }: Person) =>
  call('POST', '/api/v1/pat/step-analysis', { token, json: steps() });
const describeMe = ({ call }: ServiceUnderFaults, { token }: Person) => call('GET', '/api/v1/auth/me', { token });
const listMetrics = ({ call }: ServiceUnderFaults, { token }: Person) => call('GET', '/api/v1/health-data', { token });
export const readProcessing = ({ call }: ServiceUnderFaults, { token, upload }: Person) =>
  call('GET', `/api/v1/health-data/processing/${upload}`, { token });
export const retryProcessing = ({ call }: ServiceUnderFaults, { token, upload }: Person) =>
  call('POST', `/api/v1/health-data/processing/${upload}/retry`, { token });
const refresh = ({ call }: ServiceUnderFaults, { refreshToken }: Person) =>
  call('POST', '/api/v1/auth/refresh', { json: { refresh_token: refreshToken } });

const announceExport = ({ call }: ServiceUnderFaults, { token }: Person) =>
  call('POST', '/api/v1/healthkit/export/presign', {
    token,
    json: { bytes: Buffer.byteLength(EXPORT), sha256: nodeDigest.sha256Hex(EXPORT), format: 'xml' },
  });
const completeExport = ({ call }: ServiceUnderFaults, { token, upload }: Person) =>
  call('POST', `/api/v1/healthkit/export/${upload}/complete`, { token });

/** What the client does with the grant that it got. */
async function sendDirectly({ storage }: ServiceUnderFaults, { id }: Person, { json, text }: Answer): Promise<void> {
  const { url } = json['upload'] as { readonly url: string };
  assert.ok(url, text);
  valueOf(await storage.objects.put(id, keyOfUrl(url), bytes(EXPORT), Buffer.byteLength(EXPORT)));
}

/** The upload that an answer acknowledges. */
const acknowledged = ({ json }: Answer): ProcessingId =>
  processingId(String(json['processing_id'] ?? json['upload_id'] ?? json['analysis_id']));

async function assertCompleted(service: ServiceUnderFaults, person: Person, upload: ProcessingId): Promise<void> {
  const { status, failure } = valueOf(await service.storage.uploads.get(person.id, upload));
  assert.is(status, 'completed', JSON.stringify(failure));
}

export async function assertMetricsOnce(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { status, json, text } = await listMetrics(service, person);
  assert.is(status, 200, text);
  const listed = json['data'] as readonly { readonly biometric_data: { readonly heart_rate: number } }[];
  assert.equal(
    listed.map(({ biometric_data: { heart_rate: heartRate } }) => heartRate),
    [61, 64],
  );
}

export async function assertSamplesOnce(
  { storage }: ServiceUnderFaults,
  { id }: Person,
  type: 'step_count' | 'heart_rate',
  count: number,
): Promise<void> {
  const stored = valueOf(await storage.samples.read(id, [type], { fromMs: 0, toMs: NOW_MS }));
  assert.is(
    stored.reduce((sum, { startMs }) => sum + startMs.length, 0),
    count,
  );
}

/** One window and as many weeks, and the client reads them. */
export async function assertAnalysedOnce(
  service: ServiceUnderFaults,
  { id, token }: Person,
  upload: ProcessingId,
  weeks: number,
): Promise<void> {
  const records = valueOf(await service.storage.analyses.listForUpload(id, upload));
  assert.equal(
    records.map(({ scope }) => scope),
    ['window', ...Array.from({ length: weeks }, () => 'week')],
  );
  const answer = await service.call('GET', `/api/v1/pat/analysis/${upload}`, { token });
  assert.is(answer.status, 200, answer.text);
  assert.is(answer.json['status'], 'completed');
}

/** The whole way from the token to an answer works for this person. */
async function assertTokensWork(service: ServiceUnderFaults, answer: Answer): Promise<void> {
  const person = await signedIn(service, answer);
  const refreshed = await refresh(service, person);
  assert.is(refreshed.status, 200, refreshed.text);
  await signedIn(service, refreshed);
}

async function assertOneAccount(service: ServiceUnderFaults, person: Person, { first, last }: Answers): Promise<void> {
  const again = await register(service, person);
  assert.is(again.status, 409, again.text);
  const signed = await login(service, person);
  assert.is(signed.status, 200, signed.text);
  await assertTokensWork(service, signed);
  for (const answer of [first, last]) if (answer.status === 201) await assertTokensWork(service, answer);
}

/** A reading request answers, in the end, what it answers where nothing fails. */
function assertSameAsUnfaulted(unfaulted: Answer | undefined, { last }: Answers): Promise<void> {
  assert.is(last.status, 200, last.text);
  assert.is(last.text, unfaulted?.text);
  return Promise.resolve();
}

/** A request that changes nothing: what `prepare` reads before the faults is what must be read after them. */
function reading(
  facts: Pick<RequestJourney, 'name' | 'route' | 'model' | 'prepare' | 'send'>,
  comparable: (answer: Answer) => Answer = (answer) => answer,
): RequestJourney {
  const unfaulted = new WeakMap<Person, Answer>();
  return {
    ...facts,
    kind: 'request',
    prepare: async (service, person) => {
      await facts.prepare?.(service, person);
      unfaulted.set(person, comparable(await facts.send(service, person)));
    },
    verify: (_service, person, { first, last }) =>
      assertSameAsUnfaulted(unfaulted.get(person), { first, last: comparable(last) }),
  };
}

async function prepareSamples(service: ServiceUnderFaults, person: Person): Promise<void> {
  const answer = await uploadSamples(service, person);
  assert.is(answer.status, 202, answer.text);
  person.upload = acknowledged(answer);
}

async function prepareAnalysis(service: ServiceUnderFaults, person: Person): Promise<void> {
  await prepareSamples(service, person);
  await service.drain();
  await assertCompleted(service, person, processingId(person.upload));
}

/** An upload whose work has failed, and would go well now. */
async function prepareFailed(service: ServiceUnderFaults, person: Person): Promise<void> {
  await prepareAnalysis(service, person);
  const failure = { code: 'dependency-unavailable', reason: 'the store did not answer' };
  const change = { status: 'failed', failure } as const;
  valueOf(await service.storage.analyses.deleteUpload(person.id, processingId(person.upload)));
  valueOf(await service.storage.uploads.change(person.id, processingId(person.upload), change, service.clock.now()));
}

export const JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'register',
    route: 'register',
    first: true,
    send: register,
    doneAlready: ['resource-conflict'],
    verify: assertOneAccount,
  },
  {
    kind: 'request',
    name: 'log in',
    route: 'login',
    send: login,
    verify: (service, _person, { last }) => assertTokensWork(service, last),
  },
  {
    kind: 'request',
    name: 'refresh',
    route: 'refresh',
    send: refresh,
    verify: (service, _person, { last }) => assertTokensWork(service, last),
  },
  {
    kind: 'request',
    name: 'log out',
    route: 'logout',
    send: ({ call }, { token }) => call('POST', '/api/v1/auth/logout', { token }),
    verify: async (service, person, { last }) => {
      assert.is(last.status, 200, last.text);
      assert.is((await refresh(service, person)).status, 401, 'the session has ended');
    },
  },
  reading({ name: 'read who I am', route: 'describeMe', send: describeMe }),
  {
    kind: 'request',
    name: 'change who I am',
    route: 'updateMe',
    send: ({ call }, { token }) => call('PUT', '/api/v1/auth/me', { token, json: { display_name: 'Ada' } }),
    verify: async (service, person) => {
      assert.is((await describeMe(service, person)).json['display_name'], 'Ada');
    },
  },
  {
    kind: 'request',
    name: 'upload metrics',
    route: 'uploadHealthData',
    send: uploadMetrics,
    verify: async (service, person, { last }) => {
      await assertCompleted(service, person, acknowledged(last));
      await assertMetricsOnce(service, person);
    },
  },
  {
    kind: 'request',
    name: 'upload samples',
    route: 'uploadHealthKit',
    send: uploadSamples,
    verify: async (service, person, { last }) => {
      await assertCompleted(service, person, acknowledged(last));
      await assertSamplesOnce(service, person, 'step_count', STEP_SAMPLES);
      await assertAnalysedOnce(service, person, acknowledged(last), 1);
    },
  },
  {
    kind: 'request',
    name: 'upload an export',
    route: 'uploadHealthKitExport',
    send: uploadExport,
    verify: async (service, person, { last }) => {
      await assertCompleted(service, person, acknowledged(last));
      await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
    },
  },
  {
    kind: 'request',
    name: 'announce an export that goes to the store itself',
    route: 'presignHealthKitExport',
    send: announceExport,
    verify: async (service, person, { last }) => {
      await sendDirectly(service, person, last);
      const completed = await completeExport(service, { ...person, upload: acknowledged(last) });
      assert.is(completed.status, 202, completed.text);
      await service.drain();
      await assertCompleted(service, person, acknowledged(last));
      await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
    },
  },
  {
    kind: 'request',
    name: 'say that an announced export was sent',
    route: 'completeHealthKitExport',
    prepare: async (service, person) => {
      const announced = await announceExport(service, person);
      await sendDirectly(service, person, announced);
      person.upload = acknowledged(announced);
    },
    send: completeExport,
    verify: async (service, person) => {
      await assertCompleted(service, person, processingId(person.upload));
      await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
    },
  },
  reading({
    name: 'list metrics',
    route: 'listHealthData',
    prepare: async (service, person) => {
      await uploadMetrics(service, person);
    },
    send: listMetrics,
  }),
  reading({ name: 'read a processing', route: 'readProcessing', prepare: prepareAnalysis, send: readProcessing }),
  reading({
    name: 'read the status of an upload',
    route: 'readHealthKitUpload',
    prepare: prepareAnalysis,
    send: ({ call }, { token, upload }) => call('GET', `/api/v1/healthkit/status/${upload}`, { token }),
  }),
  {
    kind: 'request',
    name: 'retry a failed processing',
    route: 'retryProcessing',
    prepare: prepareFailed,
    send: retryProcessing,
    // The job was queued, and only the answer was lost: it is done by now.
    doneAlready: ['not-retryable'],
    verify: async (service, person) => {
      await assertCompleted(service, person, processingId(person.upload));
      await assertAnalysedOnce(service, person, processingId(person.upload), 1);
    },
  },
  {
    kind: 'request',
    name: 'analyse steps',
    route: 'analyzeSteps',
    send: analyzeSteps,
    verify: (service, person, { last }) => assertAnalysedOnce(service, person, acknowledged(last), 0),
  },
  reading({
    name: 'read an analysis',
    route: 'readAnalysis',
    prepare: prepareAnalysis,
    send: ({ call }, { token, upload }) => call('GET', `/api/v1/pat/analysis/${upload}`, { token }),
  }),
  reading(
    {
      name: 'read a report',
      route: 'readReport',
      prepare: prepareAnalysis,
      send: ({ call }, { token, upload }) => call('GET', `/api/v1/pat/analysis/${upload}/report`, { token }),
    },
    // The page says when it was made.
    (answer) => ({ ...answer, text: answer.text.replaceAll(/\d{1,2}:\d{2}(?::\d{2})?/g, '') }),
  ),
  reading({
    name: 'read what the model is',
    route: 'modelsInfo',
    model: 'not-installed',
    send: ({ call }, { token }) => call('GET', '/api/v1/pat/models/info', { token }),
  }),
  ...(
    [
      ['answerChallenge', 'challenge', 'challenge-expired', { challenge: 'totp_code', session: 's', answer: '123456' }],
      ['confirmEmail', 'confirm-email', 'not-available-here', { code: '123456' }],
      ['resendConfirmation', 'resend-confirmation', 'not-available-here', {}],
      ['forgotPassword', 'forgot-password', 'not-available-here', {}],
      ['resetPassword', 'reset-password', 'not-available-here', { code: '123456', new_password: PASSWORD }],
    ] as const
  ).map(([route, path, refusal, facts]): RequestJourney => ({
    kind: 'request',
    name: `${path}, on an installation without mail`,
    route,
    refusal,
    send: ({ call }, { email }) => call('POST', `/api/v1/auth/${path}`, { json: { email, ...facts } }),
    verify: () => Promise.resolve(),
  })),
  {
    kind: 'request',
    name: 'confirm-email-change, on an installation without mail',
    route: 'confirmEmailChange',
    refusal: 'not-available-here',
    send: ({ call }, { token }) =>
      call('POST', '/api/v1/auth/confirm-email-change', { token, json: { code: '123456' } }),
    verify: () => Promise.resolve(),
  },
  {
    kind: 'job',
    name: 'work on samples',
    prepare: prepareSamples,
    verify: async (service, person) => {
      await assertSamplesOnce(service, person, 'step_count', STEP_SAMPLES);
      await assertAnalysedOnce(service, person, processingId(person.upload), 1);
    },
  },
  {
    kind: 'job',
    name: 'work on an export',
    prepare: async (service, person) => {
      const answer = await uploadExport(service, person);
      assert.is(answer.status, 202, answer.text);
      person.upload = acknowledged(answer);
    },
    verify: (service, person) => assertSamplesOnce(service, person, 'heart_rate', HEART_RATES),
  },
  {
    kind: 'job',
    name: 'work on metrics, without a model',
    model: 'not-installed',
    prepare: async (service, person) => {
      await prepareSamples(service, person);
      await service.drain();
      const answer = await uploadMetrics(service, person);
      assert.is(answer.status, 201, answer.text);
      person.upload = acknowledged(answer);
    },
    verify: async (service, person) => {
      await assertMetricsOnce(service, person);
      await assertAnalysedOnce(service, person, processingId(person.upload), 0);
    },
  },
];
