import type { Result } from 'neverthrow';
import type { Logger } from 'pino';
import type { FrameErrorCode, HealthPoints, ServerFrameContent } from '../../../contracts/events/frames.ts';
import { MOST_MESSAGE_LENGTH } from '../../../contracts/events/frames.ts';
import {
  analyzeReadings,
  type AnalyzeReadingsPorts,
  type InsufficientData,
} from '../../../core/analysis/analyze-readings.ts';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { PlannedDeed, WriteDown } from '../../../core/audit/write-down.ts';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import type { Narrative } from '../../../core/insights/model.ts';
import type { QuotaExceeded } from '../../../core/health-data/upload-quota.ts';
import type { InputIssue, InputRejected, PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { cancellable } from '../../../core/pat/encoder/cancellable.ts';
import { narrateAnalysis, type NarrateAnalysisPorts } from '../../../core/rooms/answer-message.ts';
import { cutAtSentence } from '../../../core/rooms/cut-text.ts';
import { zoneOfReadings } from '../endpoints/zone-of.ts';
import { refusalOf, type FrameRefusal } from './read-frame.ts';

export interface FollowAnalysisPorts extends AnalyzeReadingsPorts, NarrateAnalysisPorts {
  readonly logger: Logger;
  readonly writeDown: WriteDown;
}

export interface FollowAnalysisDeps extends FollowAnalysisPorts {
  /** Looks at the connection's token again; the connection has ended where it is an `invalid-token`. */
  readonly recheckToken: () => Promise<Result<void, InvalidToken | PortUnavailable>>;
}

/** Readings that came in a frame. */
export interface AnalysisOrder {
  readonly owner: UserId;
  readonly points: HealthPoints;
  /** Where in the frame they were, such as `/data`. */
  readonly pointer: string;
  /** How it is said that they are wrong. */
  readonly badData: FrameErrorCode;
  /** Of the connection that it came over. */
  readonly connectionId: string;
  /** The frame as it came, which is kept. */
  readonly raw: Uint8Array;
  /** Nobody waits for the result any more. */
  readonly cancelled: AbortSignal;
}

/** An analysis in words. */
export interface Explained {
  readonly record: AnalysisRecord;
  readonly narrative: Narrative;
}

/**
 * Analyses readings, keeps them and the result as `POST /api/v1/pat/analysis` does, and sends how far it is. Resolves with
 * the analysis in words, or with null after an `error` frame said why there is none, or after the connection ended because
 * its token speaks for nobody any more.
 */
export function followAnalysis(deps: FollowAnalysisDeps) {
  return async (order: AnalysisOrder, send: (frame: ServerFrameContent) => void): Promise<Explained | null> => {
    const { owner, points, cancelled } = order;
    if (!(await mayStillWrite(deps, send))) return null;
    const update = (
      status: 'started' | 'processing' | 'completed' | 'failed',
      progress: number,
      details: Readonly<Record<string, unknown>>,
    ): void => {
      send({ type: 'analysis_update', user_id: owner, status, progress, details });
    };
    const instants = points.data_points.map(({ timestamp }) => timestamp);
    const zone = zoneOfReadings(points.timezone, instants);
    if (zone.isErr()) {
      send(errorFrame(inputRefusal(zone.error, order)));
      return null;
    }
    update('started', 0, { data_points: instants.length, timezone: zone.value.name });
    update('processing', 10, {});
    const analyze = analyzeReadings({ ...deps, model: cancellable(deps.model, cancelled) });
    const explained = await deps.writeDown(deedOf(order), () =>
      analyze({
        owner,
        signal: 'counts',
        timestampsMs: Float64Array.from(instants, ({ ms }) => ms),
        readings: Float64Array.from(points.data_points, ({ value }) => value),
        zone: zone.value,
        nonWear: 'none',
        encodedDays: null,
        raw: order.raw,
      }).andThen((record) =>
        narrateAnalysis(deps)(record, 'comprehensive').map((narrative): Explained => ({ record, narrative })),
      ),
    );
    if (explained.isErr()) {
      if (explained.error.kind === 'port-unavailable' && !cancelled.aborted) {
        deps.logger.error(explained.error, 'an analysis failed');
      }
      const refusal = analysisRefusal(explained.error, order);
      update('failed', 10, { error_code: refusal.errorCode });
      send(errorFrame(refusal));
      return null;
    }
    const { record } = explained.value;
    const quality = record.document.data_quality;
    update('completed', 100, {
      processing_id: record.upload,
      valid_minutes: quality.valid_minutes,
      valid_days: quality.valid_days,
      not_analysed: points.steps === undefined || points.steps === null ? [] : ['steps'],
    });
    return explained.value;
  };
}

/**
 * Whether the token still speaks for the person of the connection, which is asked before anything of theirs is written:
 * they may have been erased a moment ago, and what is written then nobody would erase. Where nobody can tell, an `error`
 * frame says so.
 */
export async function mayStillWrite(
  { recheckToken, logger }: Pick<FollowAnalysisDeps, 'recheckToken' | 'logger'>,
  send: (frame: ServerFrameContent) => void,
): Promise<boolean> {
  const rechecked = await recheckToken();
  if (rechecked.isErr() && rechecked.error.kind === 'port-unavailable') {
    logger.error(rechecked.error, 'a token could not be verified');
    send(errorFrame(UNAVAILABLE));
  }
  return rechecked.isOk();
}

const deedOf = ({ owner, connectionId }: AnalysisOrder): PlannedDeed => ({
  actor: owner,
  onBehalfOf: null,
  subject: owner,
  action: 'analyze',
  operation: 'socket: analyse readings',
  dataTypes: ['uploads', 'analyses'],
  requestId: connectionId,
});

/** A refusal as it is sent. */
export const errorFrame = ({ errorCode, message, details }: FrameRefusal): ServerFrameContent => ({
  type: 'error',
  error_code: errorCode,
  message,
  ...(details === undefined ? {} : { details }),
});

/** A narrative as what the AI says, cut at a sentence where it is too long for a message. */
export const narrativeMessage = (
  { record, narrative }: Explained,
  metadata: Readonly<Record<string, unknown>> = {},
): ServerFrameContent => ({
  type: 'message',
  user_id: 'AI',
  username: 'AI',
  content: cutAtSentence(narrative.narrative, MOST_MESSAGE_LENGTH),
  metadata: {
    generator: narrative.generator,
    confidence_score: narrative.confidenceScore,
    key_insights: narrative.keyInsights,
    recommendations: narrative.recommendations,
    processing_id: record.upload,
    ...metadata,
  },
});

/** What is said when something that an answer needs does not answer. */
export const UNAVAILABLE: FrameRefusal = {
  errorCode: 'HEALTH_ANALYSIS_ERROR',
  message: 'Something that this needs does not answer right now. Send it again later.',
  details: { retryable: true },
};

function analysisRefusal(
  error: InputRejected | InsufficientData | QuotaExceeded | PortUnavailable,
  order: AnalysisOrder,
): FrameRefusal {
  switch (error.kind) {
    case 'input-rejected':
      return inputRefusal(error, order);
    case 'insufficient-data':
      return {
        errorCode: 'HEALTH_ANALYSIS_ERROR',
        message: `${String(error.validMinutes)} valid minutes were sent; at least ${String(error.minimumValidMinutes)} are needed.`,
        details: { valid_minutes: error.validMinutes, minimum_valid_minutes: error.minimumValidMinutes },
      };
    case 'storage-quota-exceeded':
      return {
        errorCode: 'HEALTH_ANALYSIS_ERROR',
        message: 'You keep as much as you may; delete uploads that are not needed any more.',
        details: { used_bytes: error.usedBytes, limit_bytes: error.limitBytes, request_bytes: error.requestBytes },
      };
    case 'too-many-running-jobs':
      return {
        errorCode: 'HEALTH_ANALYSIS_ERROR',
        message: 'The work on other uploads of yours is not done yet.',
        details: { running: error.running, limit: error.limit, retryable: true },
      };
    case 'port-unavailable':
      return UNAVAILABLE;
  }
}

const inputRefusal = ({ issues }: InputRejected, { pointer, badData }: AnalysisOrder): FrameRefusal =>
  refusalOf(
    issues.map((issue): InputIssue => ({ ...issue, pointer: `${pointer}${issue.pointer}` })),
    badData,
  );
