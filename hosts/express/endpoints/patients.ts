import { latestAnalysis } from '../../../core/analysis/latest-analysis.ts';
import type { ReadAnalysisPorts } from '../../../core/analysis/read-analysis.ts';
import type { IdentityProvider } from '../../../core/auth/identity-ports.ts';
import type { MailLater } from '../../../core/auth/mail-ports.ts';
import { breakGlass } from '../../../core/consent/break-glass.ts';
import { listPatients } from '../../../core/consent/list-patients.ts';
import { mayReadPatient } from '../../../core/consent/may-read.ts';
import type { ConsentedType } from '../../../core/consent/model.ts';
import type { ConsentStore } from '../../../core/consent/ports.ts';
import type { TellOwner } from '../../../core/events/tell-owner.ts';
import type { InsightStore } from '../../../core/insights/ports.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import type { Routes } from '../../../contracts/routes.ts';
import type { EndpointRequest, Endpoints } from '../http/endpoint.ts';
import { DEFAULT_LIMIT, insightMetadata, wirePage } from './insights.ts';
import { patAnalysis } from './pat.ts';
import { seriesReply, type SeriesEndpointDeps } from './series.ts';
import { isoUtc } from './wire-values.ts';

export interface PatientEndpointDeps extends Omit<SeriesEndpointDeps, 'uploads'>, ReadAnalysisPorts {
  readonly consents: ConsentStore;
  readonly insights: Pick<InsightStore, 'list'>;
  readonly identities: Pick<IdentityProvider, 'profile'>;
  readonly tell: TellOwner;
  readonly mailLater: MailLater;
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
  /** The patient, where the caller may read this of them. Who reads under a consent does so on the patient's behalf. */
  const readable = (
    {
      principal,
      clock,
      concerns,
    }: Pick<EndpointRequest<Routes['readPatientSeries']>, 'principal' | 'clock' | 'concerns'>,
    patient: UserId,
    type: ConsentedType,
  ) =>
    mayReadPatient({ consents, clock })(principal, patient, type).map(({ kind }) => {
      concerns(patient, kind === 'consent' ? patient : null);
      return patient;
    });
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
    readPatientSeries: (request) =>
      readable(request, userId(request.params.patient_id), request.query.metric_type).andThen((patient) =>
        seriesReply(deps)(patient, request.query),
      ),
    readPatientAnalysis: (request) =>
      readable(request, userId(request.params.patient_id), 'analyses')
        .andThen(latestAnalysis(deps))
        .map((found) => ({ status: 200, body: patAnalysis(found) })),
    listPatientInsights: (request) => {
      const { params, query } = request;
      const range = { limit: query.limit ?? DEFAULT_LIMIT, offset: query.offset ?? 0 };
      return readable(request, userId(params.patient_id), 'insights')
        .andThen((patient) => deps.insights.list(patient, range))
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
