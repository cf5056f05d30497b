import type { ContainerModule } from 'inversify';
import { VERSION } from '../../adapters/node/version.ts';
import { workPorts } from '../wiring/modules.ts';
import type { Config } from '../wiring/config.ts';
import { token, TOKENS } from '../wiring/tokens.ts';
import { graphModule } from '../wiring/typed-container.ts';
import { dependenciesOf } from './dependencies.ts';
import { authEndpoints } from './endpoints/auth.ts';
import { healthDataEndpoints } from './endpoints/health-data.ts';
import { healthEndpoints } from './endpoints/health.ts';
import { healthKitEndpoints } from './endpoints/healthkit.ts';
import { modelEndpoints } from './endpoints/models.ts';
import { patEndpoints } from './endpoints/pat.ts';
import { Health } from './health.ts';
import type { Endpoints } from './http/endpoint.ts';
import { elapsedMs } from './process-facts.ts';

/** The names that only the HTTP host's graph has. */
export const HTTP_TOKENS = {
  health: token<Health>('Health'),
  endpoints: token<Endpoints>('Endpoints'),
} as const;

/** What answers requests. */
export const httpModule = (config: Config): ContainerModule =>
  graphModule((bind) => {
    bind(HTTP_TOKENS.health, (get) => new Health(dependenciesOf(get), elapsedMs));
    bind(HTTP_TOKENS.endpoints, (get) => {
      const common = { ...workPorts(get), health: get(HTTP_TOKENS.health), version: VERSION };
      return {
        ...healthEndpoints(common),
        ...authEndpoints({
          identities: get(TOKENS.identities),
          challenges: get(TOKENS.challenges),
          confirmation: get(TOKENS.confirmation),
          recovery: get(TOKENS.recovery),
          sessions: get(TOKENS.sessions),
          signUpEnabled: config.signUpEnabled,
          health: common.health,
          version: VERSION,
        }),
        ...healthDataEndpoints({ ...common, mostMetricsPerUpload: config.mostMetricsPerUpload }),
        ...healthKitEndpoints({
          ...common,
          exportLimitBytes: config.exportLimitBytes,
          directUploads: get(TOKENS.directUploads),
        }),
        ...patEndpoints({ ...common, reports: get(TOKENS.reports), elapsedMs }),
        ...modelEndpoints({ ...common, encoderStatistics: () => get(TOKENS.workerModel).statistics() }),
      };
    });
  });
