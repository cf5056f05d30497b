import { errAsync, ok, safeTry, type ResultAsync } from 'neverthrow';
import { isPermitted } from '../access/permissions.ts';
import { newestZone } from '../analysis/newest-zone.ts';
import type { Reader } from '../consent/may-read.ts';
import type { UploadStore } from '../health-data/ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import { fixedOffsetZone } from '../kernel/local-time.ts';
import type { SeriesPage, SeriesQuery, SeriesSource } from '../series/model.ts';
import { readSeries, type ReadSeriesPorts } from '../series/read-series.ts';
import { participantsOf, type Participant, type ParticipantPorts } from './participants.ts';
import type { ResearchUnavailable } from './ports.ts';
import { dateShiftMs, dateShiftText } from './pseudonym.ts';
import { standardOffsetMinutes, StudyClock, type StudyMs } from './study-clock.ts';

export interface ParticipantSeriesPorts extends ParticipantPorts, ReadSeriesPorts {
  readonly uploads: Pick<UploadStore, 'list'>;
}

/** What is asked of a participant's series; all times are of the study clock. */
export interface ParticipantSeriesQuery extends Pick<SeriesQuery, 'type' | 'resolution'> {
  readonly from: StudyMs;
  readonly to: StudyMs;
  readonly after: StudyMs | null;
}

/** A page of a participant's series: whose it is is told apart from it, and for nobody but this installation. */
export interface ParticipantSeries {
  readonly participant: Participant;
  /** Its times are of the study clock, and its sources have no names of their own. */
  readonly page: SeriesPage;
}

/**
 * One page of a participant's series with everything taken out that tells who they are: ids, the true dates (see
 * `dateShiftMs`), the zone they live in, and what devices and apps are called, which people name after themselves. Without
 * a consent to research that names the type, the participant is not there.
 */
export function readParticipantSeries(ports: ParticipantSeriesPorts) {
  return (
    reader: Reader,
    pseudonym: string,
    query: ParticipantSeriesQuery,
  ): ResultAsync<ParticipantSeries, NotFound | ResearchUnavailable | PortUnavailable> => {
    const absent = notFound('patient', pseudonym);
    if (!isPermitted(reader.roles, 'read-anonymized-data')) return errAsync(absent);
    return safeTry(async function* () {
      const participants = yield* participantsOf(ports)(reader.userId);
      const participant = participants.find((each) => each.pseudonym === pseudonym);
      if (participant?.dataTypes.includes(query.type.name) !== true) return errAsync(absent);
      const { patient } = participant;
      const [mac] = yield* ports.studyKey.macs([dateShiftText(reader.userId, patient)]);
      const zone = yield* newestZone(ports.uploads)(patient);
      const offset = zone === null ? 0 : standardOffsetMinutes(zone, ports.clock.now());
      const clock = new StudyClock(offset, dateShiftMs(mac as Uint8Array));
      const page = yield* readSeries(ports)(patient, {
        type: query.type,
        resolution: query.resolution,
        fromMs: clock.instantOf(query.from),
        toMs: clock.instantOf(query.to),
        zone: fixedOffsetZone(offset),
        source: null,
        afterMs: query.after === null ? null : clock.instantOf(query.after),
      });
      return ok({ participant, page: deidentified(page, clock) });
    });
  };
}

const deidentified = (page: SeriesPage, clock: StudyClock): SeriesPage => ({
  ...page,
  fromMs: clock.studyTimeOf(page.fromMs),
  toMs: clock.studyTimeOf(page.toMs),
  bins: page.bins.map((bin) => ({
    ...bin,
    startMs: clock.studyTimeOf(bin.startMs),
    endMs: clock.studyTimeOf(bin.endMs),
  })),
  sources: page.sources.map(withoutName),
  nextMs: page.nextMs === null ? null : clock.studyTimeOf(page.nextMs),
});

const withoutName = ({ source: { device }, ...use }: SeriesSource, index: number): SeriesSource => ({
  ...use,
  source: { name: `source ${String(index + 1)}`, device },
});
