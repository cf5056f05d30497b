import { latestAnalysis } from '../../../core/analysis/latest-analysis.ts';
import type { ReadAnalysisPorts } from '../../../core/analysis/read-analysis.ts';
import type { IdentityProvider } from '../../../core/auth/ports.ts';
import { breakGlass } from '../../../core/consent/break-glass.ts';
import { listPatients } from '../../../core/consent/list-patients.ts';
import { mayReadPatient } from '../../../core/consent/may-read.ts';
import type { ConsentStore } from '../../../core/consent/ports.ts';
import type { TellOwner } from '../../../core/events/tell-owner.ts';
import type { InsightStore } from '../../../core/insights/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { DEFAULT_LIMIT, insightMetadata, wirePage } from './insights.ts';
import { patAnalysis } from './pat.ts';
import { seriesReply, type SeriesEndpointDeps } from './series.ts';
import { isoUtc } from './wire-values.ts';

export interface PatientEndpointDeps extends Omit<SeriesEndpointDeps, 'uploads'>, ReadAnalysisPorts {
  readonly consents: ConsentStore;
  readonly insights: Pick<InsightStore, 'list'>;
  readonly identities: Pick<IdentityProvider, 'profile'>;
  readonly tell: TellOwner;
  readonly version: string;
}

type PatientEndpoints = Pick<
  Endpoints,
  'listPatients' | 'readPatientSeries' | 'readPatientAnalysis' | 'listPatientInsights' | 'breakGlass'
>;

/** What clinicians read of patients. Whether they may is asked before anything of the patient is looked at. */
export function patientEndpoints(deps: PatientEndpointDeps): PatientEndpoints {
  const { consents } = deps;
  const metadata = insightMetadata(deps.version);
  return {
    listPatients: ({ principal, clock }) =>
      listPatients({ consents, clock })(principal.userId).map((patients) => ({
        status: 200,
        body: {
          data: patients.map(({ patient, readable }) => ({
            patient_id: patient,
            data_types: readable.map(({ type, untilMs }) => ({ data_type: type, until: isoUtc(untilMs) })),
          })),
        },
      })),
    readPatientSeries: ({ params, query, principal, clock }) => {
      const patient = userId(params.patient_id);
      return mayReadPatient({ consents, clock })(principal, patient, query.metric_type).andThen(() =>
        seriesReply(deps)(patient, query),
      );
    },
    readPatientAnalysis: ({ params, principal, clock }) => {
      const patient = userId(params.patient_id);
      return mayReadPatient({ consents, clock })(principal, patient, 'analyses')
        .andThen(() => latestAnalysis(deps)(patient))
        .map((found) => ({ status: 200, body: patAnalysis(found) }));
    },
    listPatientInsights: (request) => {
      const { params, query, principal, clock } = request;
      const patient = userId(params.patient_id);
      const range = { limit: query.limit ?? DEFAULT_LIMIT, offset: query.offset ?? 0 };
      return mayReadPatient({ consents, clock })(principal, patient, 'insights')
        .andThen(() => deps.insights.list(patient, range))
        .map((page) => ({
          status: 200,
          body: { success: true, data: wirePage(page, range), metadata: metadata(request) },
        }));
    },
    breakGlass: ({ params, body, principal, ids, clock }) =>
      breakGlass({ ...deps, ids, clock })({
        clinician: principal.userId,
        patient: userId(params.patient_id),
        reason: body.reason,
        forMs: body.minutes * MS_PER_MINUTE,
      }).map(({ accessId, patient, reason, openedAtMs, endsAtMs }) => ({
        status: 201,
        body: {
          access_id: accessId,
          patient_id: patient,
          reason,
          opened_at: isoUtc(openedAtMs),
          ends_at: isoUtc(endsAtMs),
        },
      })),
  };
}
