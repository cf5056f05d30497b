import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newUpload } from '../../core/health-data/receive-upload.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { columnsOf, minutesFrom, PHONE, WATCH } from '../unit/sample-columns.ts';
import { valueOf } from '../unit/result-values.ts';
import { withService, type ServiceOfTwo } from './in-process-service.ts';
import type { Answer } from './running-service.ts';

/** Measurements over time, as a client draws them. */
const series = suite('series over HTTP');

const EIGHT = Date.parse('2025-03-03T08:00:00Z');
const fromEight = minutesFrom(EIGHT);
const UPLOAD = processingId('sent-by-ada');

/** Steps of a watch and a phone, and a pulse, of an upload that tells where Ada lives. */
async function fill({ storage, ada }: ServiceOfTwo): Promise<void> {
  const owner = userId(ada.id);
  const facts = { owner, processingId: UPLOAD, kind: 'healthkit', uploadSource: 'x', nowMs: EIGHT } as const;
  valueOf(await storage.uploads.insert(newUpload({ ...facts, timezone: 'Europe/Berlin', syncToken: null })));
  valueOf(
    await storage.samples.append(owner, UPLOAD, [
      columnsOf('step_count', [fromEight(0, 30, 300, WATCH), fromEight(0, 90, 900, PHONE)]),
      columnsOf('heart_rate', [
        { startMs: EIGHT, value: 60, source: WATCH },
        { startMs: EIGHT + 60_000, value: 80.5, source: WATCH },
      ]),
    ]),
  );
}

const ask = ({ call, ada }: ServiceOfTwo, query: Readonly<Record<string, string>>, token = ada.token) =>
  call('GET', `/api/v1/health-data/series?${new URLSearchParams(query).toString()}`, { token });

const STEPS = { metric_type: 'step_count', from: '2025-03-03T00:00:00Z', to: '2025-03-04T00:00:00Z' };

const refused = (answer: Answer, status: number, code: string): void => {
  assert.is(answer.status, status, answer.text);
  assert.is(answer.json.code, code);
};

series('a total is told by hour with the sources that it comes from', async () => {
  await withService(async (service) => {
    await fill(service);
    const { status, json } = await ask(service, STEPS);
    assert.is(status, 200);
    assert.equal(
      { ...json, source_policy: null },
      {
        metric_type: 'step_count',
        unit: 'count',
        aggregation: 'sum',
        resolution: 'hour',
        timezone: 'UTC',
        from: '2025-03-03T00:00:00+00:00',
        to: '2025-03-04T00:00:00+00:00',
        source: 'auto',
        source_policy: null,
        bins: [
          { start: '2025-03-03T08:00:00+00:00', end: '2025-03-03T09:00:00+00:00', value: 600, covered_minutes: 60 },
          { start: '2025-03-03T09:00:00+00:00', end: '2025-03-03T10:00:00+00:00', value: 300, covered_minutes: 30 },
        ],
        sources: [
          {
            name: 'Sam iPhone',
            device: 'phone',
            share: 0.666667,
            used: 600,
            set_aside: 300,
            reason: 'a source that goes before it told the same minutes',
          },
          { name: 'Sam Watch', device: 'watch', share: 0.333333, used: 300, set_aside: 0, reason: null },
        ],
        not_computed: [],
        next_cursor: null,
      },
    );
    assert.match(json.source_policy, 'watch before a phone');
    const phone = await ask(service, { ...STEPS, source: 'Sam iPhone', resolution: 'day' });
    assert.equal([phone.json.source, phone.json.bins.map(({ value }: any) => value)], ['Sam iPhone', [900]]);
  });
});

series('local is the zone of the newest upload, and a level is told with its ends', async () => {
  await withService(async (service) => {
    await fill(service);
    const query = { ...STEPS, metric_type: 'heart_rate', resolution: 'day', timezone: 'local' };
    const { json } = await ask(service, query);
    assert.equal([json.timezone, json.not_computed], ['Europe/Berlin', []]);
    assert.equal(json.bins, [
      {
        start: '2025-03-03T01:00:00+01:00',
        end: '2025-03-04T00:00:00+01:00',
        value: 70.25,
        covered_minutes: 2,
        min: 60,
        max: 80.5,
        count: 2,
      },
    ]);
    const bob = await ask(service, query, service.bob.token);
    assert.equal([bob.json.timezone, bob.json.bins], ['UTC', []]);
    assert.equal(bob.json.not_computed, [{ field: 'timezone', reason: 'no upload tells a time zone, so UTC is used' }]);
    const kolkata = await ask(service, { ...query, timezone: 'Asia/Kolkata', resolution: 'hour' });
    assert.is(kolkata.json.bins[0].start, '2025-03-03T13:00:00+05:30');
  });
});

series('sleep is told by stage, and only time in bed is not sleep', async () => {
  await withService(async (service) => {
    const owner = userId(service.ada.id);
    valueOf(
      await service.storage.samples.append(owner, UPLOAD, [
        columnsOf('sleep_stage', [
          fromEight(0, 40, 3, WATCH),
          fromEight(0, 60, 0, WATCH),
          fromEight(40 * 60, 41 * 60, 0, WATCH),
        ]),
      ]),
    );
    const { json } = await ask(service, { ...STEPS, metric_type: 'sleep_stage', to: '2025-03-05T12:00:00Z' });
    assert.equal(json.bins[0], {
      start: '2025-03-03T08:00:00+00:00',
      end: '2025-03-03T09:00:00+00:00',
      value: 40,
      covered_minutes: 60,
      stages: { awake: 0, core: 40, deep: 0, rem: 0, unspecified: 0 },
      in_bed_minutes: 60,
    });
    const types = (await service.call('GET', '/api/v1/health-data/series/types', { token: service.ada.token })).json;
    assert.is(types.types.find(({ metric_type: name }: any) => name === 'sleep_stage').unit, 'min');
  });
});

series('a long answer comes in pages that continue each other', async () => {
  await withService(async (service) => {
    const owner = userId(service.ada.id);
    const minutes = Array.from({ length: 10_200 }, (_, minute) => fromEight(minute, minute + 1, 2, WATCH));
    valueOf(await service.storage.samples.append(owner, UPLOAD, [columnsOf('step_count', minutes)]));
    const query = { ...STEPS, from: '2025-03-03T08:00:00Z', to: '2025-03-20T00:00:00Z', resolution: 'minute' };
    const first = await ask(service, query);
    assert.is(first.json.bins.length, 10_080);
    const second = await ask(service, { ...query, cursor: first.json.next_cursor });
    assert.equal([second.json.bins.length, second.json.next_cursor], [120, null]);
    assert.is(second.json.bins[0].start, first.json.bins.at(-1).end);
    assert.is(second.json.from, first.json.to);
    for (const cursor of ['', 'nonsense', 'WzBd']) {
      refused(await ask(service, { ...query, cursor }), 400, 'invalid-cursor');
    }
    const beyond = { ...query, to: '2025-03-04T00:00:00Z', cursor: first.json.next_cursor };
    refused(await ask(service, beyond), 400, 'invalid-cursor');
  });
});

series('what is asked for wrongly is refused by its place', async () => {
  await withService(async (service) => {
    for (const [query, pointer] of [
      [{ ...STEPS, metric_type: 'steps' }, '/query/metric_type'],
      [{ ...STEPS, from: 'yesterday' }, '/query/from'],
      [{ ...STEPS, to: STEPS.from }, '/query/to'],
      [{ ...STEPS, resolution: 'week' }, '/query/resolution'],
      [{ ...STEPS, timezone: 'Mars/Olympus' }, '/query/timezone'],
      [{ metric_type: 'step_count' }, '/query/from'],
    ] as const) {
      const answer = await ask(service, query);
      refused(answer, 422, 'validation-error');
      assert.ok(
        answer.json.errors.some(({ pointer: at }: any) => at === pointer),
        pointer,
      );
    }
    refused(await service.call('GET', '/api/v1/health-data/series'), 401, 'authentication-required');
  });
});

series('the types are listed with how many days the caller has', async () => {
  await withService(async (service) => {
    await fill(service);
    const list = async (token: string) =>
      (await service.call('GET', '/api/v1/health-data/series/types', { token })).json.types as readonly {
        readonly metric_type: string;
      }[];
    const steps = (types: readonly { readonly metric_type: string }[]) =>
      types.find(({ metric_type: name }) => name === 'step_count');
    assert.equal(steps(await list(service.ada.token)), {
      metric_type: 'step_count',
      unit: 'count',
      aggregation: 'sum',
      days: 1,
      first_day: '2025-03-03',
      last_day: '2025-03-03',
    });
    assert.equal(steps(await list(service.bob.token)), {
      metric_type: 'step_count',
      unit: 'count',
      aggregation: 'sum',
      days: 0,
      first_day: null,
      last_day: null,
    });
  });
});

series('metrics sent one by one are a series by their field', async () => {
  await withService(async (service) => {
    const { call, ada } = service;
    const metric = (minute: number, steps: number) => ({
      metric_type: 'activity_level',
      activity_data: { steps },
      created_at: new Date(EIGHT + minute * 60_000).toISOString(),
    });
    const json = {
      user_id: ada.id,
      upload_source: 'my app',
      client_timestamp: '2025-03-03T12:00:00Z',
      metrics: [metric(0, 10), metric(5, 20)],
    };
    assert.is((await call('POST', '/api/v1/health-data', { token: ada.token, json })).status, 201);
    const answer = await ask(service, { ...STEPS, metric_type: 'activity_data.steps' });
    assert.equal(
      answer.json.bins.map(({ value }: any) => value),
      [30],
    );
    assert.equal(answer.json.sources, [
      { name: 'my app', device: 'other', share: 1, used: 30, set_aside: 0, reason: null },
    ]);
  });
});

series.run();
