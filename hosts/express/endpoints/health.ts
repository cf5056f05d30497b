import { okAsync } from 'neverthrow';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { Health, HealthReport } from '../health.ts';
import type { Endpoints } from '../http/endpoint.ts';

export interface HealthEndpointDeps {
  readonly health: Health;
  readonly clock: Clock;
  readonly version: string;
  /** Is told whenever the process was asked and is not ready, but for its being stopped: that is meant. */
  readonly foundNotReady: () => void;
}

type HealthEndpoints = Pick<Endpoints, 'root' | 'liveness' | 'health' | 'healthDetailed' | 'ready'>;

export function healthEndpoints(deps: HealthEndpointDeps): HealthEndpoints {
  const timestamp = (): string => new Date(deps.clock.now()).toISOString();
  const wire = ({ status, checks }: HealthReport) => ({
    status,
    timestamp: timestamp(),
    version: deps.version,
    checks,
  });
  return {
    root: () =>
      okAsync({
        status: 200,
        body: { message: 'Clarity', version: deps.version, status: 'operational', documentation: '/docs' },
      }),
    liveness: () => okAsync({ status: 200, body: { status: 'healthy', version: deps.version } }),
    health: () => okAsync({ status: 200, body: { status: 'healthy', timestamp: timestamp(), version: deps.version } }),
    healthDetailed: () => deps.health.report().map((report) => ({ status: 200, body: wire(report) })),
    ready: () =>
      deps.health.report().map((report) => {
        const isReady = report.status !== 'unhealthy';
        if (!isReady && !deps.health.isStopping) deps.foundNotReady();
        return { status: isReady ? 200 : 503, body: wire(report) };
      }),
  };
}
