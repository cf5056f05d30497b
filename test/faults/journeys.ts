import type { Journey } from './journey.ts';
import { WHOLE_ACCOUNT_JOURNEYS } from './journeys/account.ts';
import { ACCOUNT_JOURNEYS } from './journeys/accounts.ts';
import { ADMIN_JOURNEYS } from './journeys/admin.ts';
import { ANALYSIS_JOURNEYS } from './journeys/analyses.ts';
import { AUDIT_JOURNEYS } from './journeys/audit.ts';
import { CODE_JOURNEYS } from './journeys/codes.ts';
import { HEALTH_JOURNEYS } from './journeys/health.ts';
import { JOB_JOURNEYS } from './journeys/jobs.ts';
import { LIVE_JOURNEYS } from './journeys/live.ts';
import { READING_JOURNEYS } from './journeys/reads.ts';
import { SECURITY_JOURNEYS } from './journeys/security.ts';
import { SHARING_JOURNEYS } from './journeys/sharing.ts';
import { UPLOAD_JOURNEYS } from './journeys/uploads.ts';
import { WEBHOOK_JOURNEYS } from './journeys/webhooks.ts';

/** Every way through the service. */
export const JOURNEYS: readonly Journey[] = [
  ...ACCOUNT_JOURNEYS,
  ...CODE_JOURNEYS,
  ...AUDIT_JOURNEYS,
  ...SECURITY_JOURNEYS,
  ...UPLOAD_JOURNEYS,
  ...READING_JOURNEYS,
  ...ANALYSIS_JOURNEYS,
  ...WEBHOOK_JOURNEYS,
  ...SHARING_JOURNEYS,
  ...ADMIN_JOURNEYS,
  ...WHOLE_ACCOUNT_JOURNEYS,
  ...LIVE_JOURNEYS,
  ...HEALTH_JOURNEYS,
  ...JOB_JOURNEYS,
];
