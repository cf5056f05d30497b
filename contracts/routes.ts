import { authRoutes } from './http/auth.ts';
import { healthDataRoutes } from './http/health-data.ts';
import { healthRoutes } from './http/health.ts';
import { healthKitRoutes } from './http/healthkit.ts';
import { patRoutes } from './http/pat.ts';

/** The whole HTTP contract: the router, the OpenAPI document and the tests are made from this value. */
export const ROUTES = {
  ...healthRoutes,
  ...authRoutes,
  ...healthDataRoutes,
  ...healthKitRoutes,
  ...patRoutes,
} as const;

export type Routes = typeof ROUTES;
