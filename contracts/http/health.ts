import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { oneOf } from '../scalars.ts';

const dependency = object(
  'DependencyHealth',
  { status: oneOf('healthy', 'unhealthy', 'degraded'), latency_ms: t.number, required: t.boolean },
  { message: t.string },
);

const report = object('HealthReport', {
  status: oneOf('healthy', 'unhealthy', 'degraded'),
  timestamp: t.string,
  version: t.string,
  checks: t.record(t.string, dependency),
});

export const healthRoutes = routes({
  root: {
    method: 'GET',
    path: '/',
    audit: 'none',
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'What this is',
    responses: {
      200: {
        kind: 'json',
        codec: object('Root', { message: t.string, version: t.string, status: t.string, documentation: t.string }),
        description: 'The service.',
      },
    },
    problems: [],
  },
  liveness: {
    method: 'GET',
    path: '/health',
    audit: 'none',
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'The process is up',
    responses: {
      200: {
        kind: 'json',
        codec: object('Liveness', { status: oneOf('healthy'), version: t.string }),
        description: 'Up.',
      },
    },
    problems: [],
  },
  health: {
    method: 'GET',
    path: '/api/v1/health',
    audit: 'none',
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'For the load balancer: this process serves',
    responses: {
      200: {
        kind: 'json',
        codec: object('Health', { status: oneOf('healthy'), timestamp: t.string, version: t.string }),
        description: 'Up.',
      },
    },
    problems: [],
  },
  healthDetailed: {
    method: 'GET',
    path: '/api/v1/health/detailed',
    audit: 'none',
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'Each dependency by name, with its latency, measured now',
    responses: { 200: { kind: 'json', codec: report, description: 'The state of every dependency.' } },
    problems: [],
  },
  ready: {
    method: 'GET',
    path: '/api/v1/health/ready',
    audit: 'none',
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'Everything that is needed works; 503 while it does not',
    responses: {
      200: { kind: 'json', codec: report, description: 'Ready.' },
      503: { kind: 'json', codec: report, description: 'Not ready: see checks.' },
    },
    problems: [],
  },
});
