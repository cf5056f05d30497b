import type { Digest } from '../kernel/digest.ts';
import type { UserId } from '../kernel/ids.ts';

/** How the people in a room see one of them. */
export interface NamesInRoom {
  /** The same in one room, another in every other: whoever sees it cannot tell who it is elsewhere. */
  readonly pseudonym: string;
  readonly username: string;
}

const MOST_NAME_LENGTH = 100;

/**
 * The names that a person goes by in a room. The username is the display name, unless there is none or it looks like an
 * e-mail address; then it is made from the pseudonym, such as `Member 3f2a`.
 */
export function namesInRoom(digest: Digest, room: string, user: UserId, displayName: string | null): NamesInRoom {
  // The length keeps `a` + `bc` and `ab` + `c` apart.
  const hash = digest.sha256Hex(`room ${String(room.length)} ${room} ${user}`);
  const shown = displayName?.trim() ?? '';
  return {
    pseudonym: `member-${hash.slice(0, 16)}`,
    username: shown === '' || shown.includes('@') ? `Member ${hash.slice(0, 4)}` : shown.slice(0, MOST_NAME_LENGTH),
  };
}
