import { okAsync, ResultAsync } from 'neverthrow';
import type { ServiceMetrics } from '../../wiring/observe/service-metrics.ts';
import type { Endpoints } from '../http/endpoint.ts';

export interface ServiceEndpointDeps {
  readonly metrics: ServiceMetrics;
  readonly version: string;
}

type ServiceEndpoints = Pick<Endpoints, 'apiInfo' | 'redoc' | 'metrics' | 'apiMetrics'>;

const DESCRIPTION =
  'Keeps wearable health data safely and computes rest-activity, sleep and circadian measures by named published methods.';

/** Where each area of the API begins. */
const AREAS = {
  auth: '/api/v1/auth',
  health: '/api/v1/health',
  health_data: '/api/v1/health-data',
  healthkit: '/api/v1/healthkit',
  pat_analysis: '/api/v1/pat',
  insights: '/api/v1/insights',
  metrics: '/api/v1/metrics/metrics',
  websocket: '/api/v1/ws',
};

/** The operations about the service itself. */
export function serviceEndpoints({ metrics, version }: ServiceEndpointDeps): ServiceEndpoints {
  const shown = () => ResultAsync.fromSafePromise(metrics.text()).map((text) => ({ status: 200 as const, text }));
  return {
    apiInfo: () => okAsync({ status: 200, body: { version, description: DESCRIPTION, endpoints: AREAS } }),
    redoc: () => okAsync({ status: 308, headers: { Location: '/api/v1/docs' } }),
    metrics: shown,
    apiMetrics: shown,
  };
}
