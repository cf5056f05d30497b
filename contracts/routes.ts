import { accountSecurityRoutes } from './http/account-security.ts';
import { adminAuditRoutes } from './http/admin-audit.ts';
import { adminJobRoutes } from './http/admin-jobs.ts';
import { adminUserRoutes } from './http/admin-users.ts';
import { auditRoutes } from './http/audit.ts';
import { authRoutes } from './http/auth.ts';
import { consentRoutes } from './http/consents.ts';
import { docsRoutes } from './http/docs.ts';
import { eventRoutes } from './http/events.ts';
import { healthDataRoutes } from './http/health-data.ts';
import { healthRoutes } from './http/health.ts';
import { healthKitRoutes } from './http/healthkit.ts';
import { metricListRoutes } from './http/metric-list.ts';
import { meRoutes } from './http/me.ts';
import { meExportRoutes } from './http/me-export.ts';
import { insightRoutes } from './http/insights.ts';
import { patRoutes } from './http/pat.ts';
import { patientRoutes } from './http/patients.ts';
import { recoveryRoutes } from './http/recovery.ts';
import { researchRoutes } from './http/research.ts';
import { roomRoutes } from './http/rooms.ts';
import { seriesRoutes } from './http/series.ts';
import { serviceRoutes } from './http/service.ts';
import { webhookRoutes } from './http/webhooks.ts';

/** The whole HTTP contract: the router, the OpenAPI document and the tests are made from this value. */
export const ROUTES = {
  ...healthRoutes,
  ...docsRoutes,
  ...serviceRoutes,
  ...authRoutes,
  ...recoveryRoutes,
  ...accountSecurityRoutes,
  ...metricListRoutes,
  ...healthDataRoutes,
  ...seriesRoutes,
  ...healthKitRoutes,
  ...patRoutes,
  ...insightRoutes,
  ...meRoutes,
  ...meExportRoutes,
  ...roomRoutes,
  ...eventRoutes,
  ...webhookRoutes,
  ...consentRoutes,
  ...patientRoutes,
  ...researchRoutes,
  ...auditRoutes,
  ...adminUserRoutes,
  ...adminJobRoutes,
  ...adminAuditRoutes,
} as const;

export type Routes = typeof ROUTES;
