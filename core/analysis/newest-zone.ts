import type { ResultAsync } from 'neverthrow';
import type { UploadStore } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { LocalZone } from '../kernel/local-time.ts';
import { chooseZone } from './zone-choice.ts';

/** So many of a person's uploads are looked through for one that tells where they live. */
const UPLOADS_ASKED = 100;

/** The zone of the newest upload that tells one; null where none does. */
export function newestZone(uploads: Pick<UploadStore, 'list'>) {
  return (owner: UserId): ResultAsync<LocalZone | null, PortUnavailable> =>
    uploads.list(owner, UPLOADS_ASKED).map((newestFirst) => {
      const telling = newestFirst
        // Readings sent for an analysis of their own may stand for any place.
        .filter(({ kind }) => kind !== 'pat-counts' && kind !== 'pat-steps')
        .find(({ timezone, counts }) => timezone !== null || counts.timeZone !== null);
      if (telling === undefined) return null;
      return chooseZone({ requested: telling.timezone, recorded: telling.counts.timeZone, offsetMinutes: null });
    });
}
