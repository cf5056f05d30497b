import { errAsync } from 'neverthrow';
import { inputRejected } from '../../../core/kernel/errors.ts';
import { fixedOffsetZone, MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import { participantsOf } from '../../../core/research/participants.ts';
import { readParticipantSeries, type ParticipantSeriesPorts } from '../../../core/research/read-participant-series.ts';
import type { StudyMs } from '../../../core/research/study-clock.ts';
import { sourcePolicy } from '../../../core/series/read-series.ts';
import { seriesType } from '../../../core/series/series-types.ts';
import type { WireInstant } from '../../../contracts/scalars.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { readTimeCursor, writeTimeCursor } from './cursor.ts';
import { wireBin, wireSource } from './series.ts';

type ResearchEndpoints = Pick<Endpoints, 'listParticipants' | 'readParticipantSeries'>;

/** A study clock shows no offset: its times are written as those of UTC are, without saying so. */
const STUDY_ZONE = fixedOffsetZone(0);

/** What researchers read. Cursors are times of the study clock too: everybody can read what is in one. */
export function researchEndpoints(deps: Omit<ParticipantSeriesPorts, 'clock'>): ResearchEndpoints {
  return {
    listParticipants: ({ principal, clock }) =>
      participantsOf({ ...deps, clock })(principal.userId).map((participants) => ({
        status: 200,
        body: { data: participants.map(({ pseudonym, dataTypes }) => ({ pseudonym, data_types: dataTypes })) },
      })),
    readParticipantSeries: ({ params, query, principal, clock, concerns }) => {
      const [from, to] = [wallTime(query.from), wallTime(query.to)];
      if (to <= from) {
        return errAsync(
          inputRejected({ pointer: '/query/to', message: 'must be after from', code: 'ends_before_start' }),
        );
      }
      const after = query.cursor == null ? null : readTimeCursor(query.cursor);
      if (query.cursor != null && (after === null || after < from || after >= to)) {
        return errAsync({ kind: 'invalid-cursor' });
      }
      const type = seriesType(query.metric_type);
      const resolution = query.resolution ?? 'hour';
      return readParticipantSeries({ ...deps, clock })(principal, params.pseudonym, {
        type,
        from,
        to,
        resolution,
        after,
      }).map(({ participant, page }) => {
        // The patient has agreed to it: a researcher reads nothing that was not consented to.
        concerns(participant.patient, participant.patient);
        return {
          status: 200,
          body: {
            pseudonym: participant.pseudonym,
            metric_type: query.metric_type,
            unit: type.unit,
            aggregation: type.aggregation,
            resolution,
            from: written(page.fromMs),
            to: written(page.toMs),
            source_policy: sourcePolicy({ type }),
            bins: page.bins.map((bin) => ({
              ...wireBin(STUDY_ZONE, bin),
              start: written(bin.startMs),
              end: written(bin.endMs),
            })),
            sources: page.sources.map(wireSource),
            not_computed: page.notComputed,
            next_cursor: page.nextMs === null ? null : writeTimeCursor(page.nextMs),
          },
        };
      });
    },
  };
}

/** What the clock shows as it is written, whatever offset stands behind it. */
const wallTime = ({ ms, offsetMinutes }: WireInstant): StudyMs => ms + (offsetMinutes ?? 0) * MS_PER_MINUTE;

const written = (studyMs: StudyMs): string => new Date(studyMs).toISOString().replace(/(?:\.000)?Z$/, '');
