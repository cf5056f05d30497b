import type { ServerFrameContent } from '../../../contracts/events/frames.ts';
import type { IdentityProvider } from '../../../core/auth/identity-ports.ts';
import { answerMessage, HOW_TO_GET_AN_ANALYSIS, type AnswerMessagePorts } from '../../../core/rooms/answer-message.ts';
import { namesInRoom } from '../../../core/rooms/names-in-room.ts';
import type { Connection } from './connection.ts';
import {
  errorFrame,
  followAnalysis,
  mayStillWrite,
  narrativeMessage,
  UNAVAILABLE,
  type FollowAnalysisDeps,
} from './follow-analysis.ts';
import type { Member, RoomHub } from './room-hub.ts';
import type { SocketHandler } from './socket-handler.ts';

export interface RoomSocketDeps extends FollowAnalysisDeps, AnswerMessagePorts {
  readonly identities: Pick<IdentityProvider, 'profile'>;
  readonly hub: RoomHub;
}

/**
 * A connection to a room. Others see who comes, goes and types, and nothing else: what a person writes, and what is said
 * to them about their data, is between them and the service.
 */
export function roomSocket(deps: RoomSocketDeps, connection: Connection, room: string): SocketHandler {
  const { hub, clock, digest, identities, logger } = deps;
  const { user } = connection;
  const connectedAtMs = clock.now();
  /** Replaced once the display name is known. */
  let member: Member = { room, connection, names: namesInRoom(digest, room, user, null), connectedAtMs };
  let hasJoined = false;
  const toMyConnections = (frame: ServerFrameContent): void => {
    for (const mine of hub.connectionsOf(member)) mine.send(frame);
  };

  const answer = async (frame: { readonly content: string; readonly message_id?: string | null }): Promise<void> => {
    // An answer makes an audit entry, and with it a pseudonym for whoever has none any more.
    const refuse = (refusal: ServerFrameContent): void => {
      connection.send(refusal);
    };
    if (!(await mayStillWrite(deps, refuse))) return;
    const deed = {
      actor: user,
      onBehalfOf: null,
      subject: user,
      action: 'read',
      operation: 'socket: answer a message',
      dataTypes: ['analyses'],
      requestId: connection.id,
    } as const;
    const found = await deps.writeDown(deed, () => answerMessage(deps)({ owner: user, message: frame.content }));
    const inReplyTo = frame.message_id == null ? {} : { in_reply_to: frame.message_id };
    if (found.isErr()) {
      logger.error(found.error, 'a message was not answered');
      connection.send(errorFrame(UNAVAILABLE));
    } else if (found.value.kind === 'no-analysis') {
      toMyConnections({
        type: 'message',
        user_id: 'AI',
        username: 'AI',
        content: HOW_TO_GET_AN_ANALYSIS,
        metadata: { processing_id: null, ...inReplyTo },
      });
    } else toMyConnections(narrativeMessage(found.value, inReplyTo));
  };

  return {
    opened: () => {
      connection.inOrder('talk', async () => {
        const profile = await identities.profile(user);
        const displayName = profile.isOk() ? profile.value.displayName : null;
        member = { ...member, names: namesInRoom(digest, room, user, displayName) };
        if (!connection.isOpen) return;
        hasJoined = true;
        await hub.join(member);
      });
    },
    frame: (frame, raw) => {
      if (frame.type === 'typing') {
        const { is_typing } = frame;
        connection.inOrder('talk', () => {
          const { pseudonym, username } = member.names;
          return hub.say(member, { type: 'typing', user_id: pseudonym, username, is_typing });
        });
      } else if (frame.type === 'message') {
        connection.inOrder('analysis', () => answer(frame));
      } else if (frame.type === 'health_insight') {
        connection.inOrder('analysis', async () => {
          const explained = await followAnalysis(deps)(
            {
              owner: user,
              points: frame.content,
              pointer: '/content',
              badData: 'INVALID_HEALTH_INSIGHT_DATA',
              connectionId: connection.id,
              raw,
              cancelled: connection.cancelled,
            },
            toMyConnections,
          );
          if (explained !== null) toMyConnections(narrativeMessage(explained));
        });
      }
    },
    closed: () =>
      new Promise((resolve) => {
        // After the joining, however long that takes.
        connection.inOrder('talk', async () => {
          if (hasJoined) await hub.leave(member);
          resolve();
        });
      }),
  };
}
