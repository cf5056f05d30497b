import { MOST_INSIGHT_LENGTH } from '../../../contracts/events/frames.ts';
import { cutAtSentence } from '../../../core/rooms/cut-text.ts';
import type { Connection } from './connection.ts';
import { followAnalysis, narrativeMessage, type FollowAnalysisDeps } from './follow-analysis.ts';
import type { SocketHandler } from './socket-handler.ts';

const WELCOME =
  'Send {"type":"health_data","data":{"data_points":[{"timestamp","value"}, ...]}}: activity counts with their times, ' +
  'at least 600 valid minutes and at most 10080 points.';

/** A connection over which a person has readings analysed and explained. */
export function healthSocket(deps: FollowAnalysisDeps, connection: Connection): SocketHandler {
  return {
    opened: () => {
      connection.send({ type: 'system', content: WELCOME, level: 'info' });
    },
    frame: (frame, raw) => {
      if (frame.type !== 'health_data') return;
      connection.inOrder('analysis', async () => {
        const explained = await followAnalysis(deps)(
          {
            owner: connection.user,
            points: frame.data,
            pointer: '/data',
            badData: 'INVALID_HEALTH_DATA',
            connectionId: connection.id,
            raw,
            cancelled: connection.cancelled,
          },
          (update) => {
            connection.send(update);
          },
        );
        if (explained === null) return;
        const { record, narrative } = explained;
        if (narrative.confidenceScore !== null) {
          connection.send({
            type: 'health_insight',
            user_id: connection.user,
            insight: cutAtSentence(narrative.narrative, MOST_INSIGHT_LENGTH),
            confidence: narrative.confidenceScore,
            category: 'comprehensive',
            source_data: { processing_id: record.upload, generator: narrative.generator },
            recommendations: narrative.recommendations,
          });
        }
        connection.send(narrativeMessage(explained));
      });
    },
    closed: () => Promise.resolve(),
  };
}
