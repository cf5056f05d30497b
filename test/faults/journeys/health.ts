import * as assert from 'uvu/assert';
import type { Routes } from '../../../contracts/routes.ts';
import type { Answer } from '../http-client.ts';
import { getting, reading, type Journey, type RequestJourney } from '../journey.ts';

/** A report says what it finds, and what it finds is no failure of the report: the next one says that all is well again. */
const reporting = (
  facts: Pick<RequestJourney, 'name' | 'service' | 'strikes'> & { readonly route: keyof Routes; readonly at: string },
): RequestJourney => {
  const send = getting(facts.at);
  return {
    ...facts,
    kind: 'request',
    send,
    verify: async (service, person, { first }) => {
      assert.match(first.text, '"unhealthy"');
      const { status, text } = await send(service, person);
      assert.is(status, 200, text);
      assert.match(text, '"healthy"');
      assert.not.match(text, '"unhealthy"');
    },
  };
};

/** Counters that do not answer keep nobody waiting: what is degraded says so, and is well again by itself. */
const COUNTERS_BACK_MS = 10_000;

const countingAlone: RequestJourney = {
  kind: 'request',
  name: 'see what works while calls cannot be counted together',
  route: 'healthDetailed',
  strikes: ['RateCounters.take'],
  send: getting('/api/v1/health/detailed'),
  verify: async (service, _person, { first }) => {
    const stateOf = ({ json }: Answer): unknown =>
      (json['checks'] as Readonly<Record<string, { readonly status: string }>>)['rate_limits']?.status;
    assert.equal([first.status, first.json['status'], stateOf(first)], [200, 'degraded', 'degraded']);
    service.clock.nowMs += COUNTERS_BACK_MS;
    assert.is(stateOf(await service.call('GET', '/api/v1/health/detailed')), 'healthy');
  },
};

/** Reports of how the service is. */
export const HEALTH_JOURNEYS: readonly Journey[] = [
  reporting({ name: 'see what works', route: 'healthDetailed', at: '/api/v1/health/detailed' }),
  reporting({
    name: 'ask whether it is ready',
    route: 'ready',
    at: '/api/v1/health/ready',
    strikes: ['UploadStore.list'],
  }),
  reporting({ name: 'ask how accounts are', route: 'authHealth', at: '/api/v1/auth/health' }),
  reporting({ name: 'ask how health data are', route: 'healthDataHealth', at: '/api/v1/health-data/health' }),
  reporting({ name: 'ask how insights are', route: 'insightStatus', at: '/api/v1/insights/status' }),
  reporting({
    name: 'ask how analyses are',
    route: 'patHealth',
    at: '/api/v1/pat/health',
    strikes: ['UploadStore.list'],
  }),
  reading(
    {
      name: 'ask which encoder analyses have',
      route: 'patHealth',
      send: getting('/api/v1/pat/health'),
      strikes: ['ActigraphyModel.describe'],
    },
    ({ json }) => JSON.stringify({ ...json, timestamp: null }),
  ),
  countingAlone,
  reporting({ name: 'ask how the encoder is', route: 'modelHealth', at: '/api/v1/health/pat' }),
];
