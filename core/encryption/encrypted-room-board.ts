import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { PlacedRoomFrame, Presence, RoomCounts, RoomFrame } from '../rooms/model.ts';
import type { RoomBoard } from '../rooms/ports.ts';
import type { SealedPlace } from './model.ts';
import { damaged } from './ports.ts';
import { asUnavailable, type Encryption } from './sealed-fields.ts';

/**
 * A room board that is given what is said, and by which names people are there, encrypted only. It is kept for a minute and a half at
 * most, and by the installation's key: a farewell may be said for somebody whose own key was erased just before. Rooms are told
 * apart by their names, which stay as they are.
 */
export class EncryptedRoomBoard implements RoomBoard {
  readonly #board: RoomBoard;
  readonly #encryption: Encryption;

  constructor(board: RoomBoard, encryption: Encryption) {
    this.#board = board;
    this.#encryption = encryption;
  }

  post(frame: RoomFrame): ResultAsync<void, PortUnavailable> {
    return this.#sealed(frameIn(frame), frame.content).andThen((content) => this.#board.post({ ...frame, content }));
  }

  framesAfter(room: string, after: string, limit: number): ResultAsync<readonly PlacedRoomFrame[], PortUnavailable> {
    return this.#board
      .framesAfter(room, after, limit)
      .andThen((frames) =>
        ResultAsync.combine(
          frames.map((frame) =>
            this.#opened(frameIn(frame), frame.content, 'framesAfter').map((content) => ({ ...frame, content })),
          ),
        ),
      );
  }

  end(room: string): ResultAsync<string, PortUnavailable> {
    return this.#board.end(room);
  }

  seen(presence: Presence): ResultAsync<void, PortUnavailable> {
    return this.#sealed(nameIn(presence), presence.username).andThen((username) =>
      this.#board.seen({ ...presence, username }),
    );
  }

  left(presence: Pick<Presence, 'room' | 'user' | 'connectionId'>): ResultAsync<void, PortUnavailable> {
    return this.#board.left(presence);
  }

  present(room: string, sinceMs: EpochMs): ResultAsync<readonly Presence[], PortUnavailable> {
    return this.#board
      .present(room, sinceMs)
      .andThen((there) =>
        ResultAsync.combine(
          there.map((presence) =>
            this.#opened(nameIn(presence), presence.username, 'present').map((username) => ({ ...presence, username })),
          ),
        ),
      );
  }

  counts(sinceMs: EpochMs): ResultAsync<RoomCounts, PortUnavailable> {
    return this.#board.counts(sinceMs);
  }

  forgetOld(nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    return this.#board.forgetOld(nowMs);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#board.eraseOwner(owner);
  }

  #sealed(place: SealedPlace, text: string): ResultAsync<string, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    return keys.ofInstallation().map((key) => cipher.sealText(key, place, text));
  }

  /** What an older version posted in plain form is answered as it is. */
  #opened(place: SealedPlace, stored: string, operation: string): ResultAsync<string, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    const failed = asUnavailable('RoomBoard', operation);
    return cipher
      .textHead(stored)
      .mapErr(failed)
      .asyncAndThen((head) => {
        if (head.kind === 'plain') return okAsync(stored);
        return keys
          .ofInstallation()
          .andThen((key) =>
            key.keyId === head.keyId
              ? cipher.openText(key, place, stored).mapErr(failed)
              : errAsync(failed(damaged('needs another key'))),
          );
      });
  }
}

const frameIn = ({ author, room }: RoomFrame): SealedPlace => ({ owner: author, purpose: 'room.frame', record: room });

const nameIn = ({ user, connectionId }: Presence): SealedPlace => ({
  owner: user,
  purpose: 'room.name',
  record: connectionId,
});
