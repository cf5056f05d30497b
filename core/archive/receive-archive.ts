import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { ByteSource, ObjectStore, ObjectTooLarge } from '../health-data/ports.ts';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import { importArchive } from './import-archive.ts';
import type { ImportArchivePorts, ImportError } from './import-step.ts';
import { IMPORTS_PREFIX, type ImportReport } from './model.ts';

export interface ReceiveArchivePorts extends ImportArchivePorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ReceiveArchiveCommand {
  readonly owner: UserId;
  readonly content: AsyncIterable<Uint8Array>;
  readonly limitBytes: number;
  readonly isCancelled: () => boolean;
}

/** An archive of which no import has been at work for so long was left by a process that died. */
const LEFT_OVER_AFTER_MS = 86_400_000;

/**
 * Keeps an archive that is being sent until all of it is there, since a zip is read from its end, imports it (see
 * `importArchive`), and forgets it, whatever came of it. What processes that died have left of this owner's is removed
 * too.
 */
export function receiveArchive(ports: ReceiveArchivePorts) {
  return (command: ReceiveArchiveCommand): ResultAsync<ImportReport, ImportError | ObjectTooLarge> => {
    const { owner, content, limitBytes, isCancelled } = command;
    const nowMs = ports.clock.now();
    const key = `${IMPORTS_PREFIX}${String(nowMs)}-${ports.ids.uuid()}.zip`;
    const forget = (): ResultAsync<void, PortUnavailable> => ports.objects.delete(owner, key);
    return removeLeftOvers(ports.objects, owner, nowMs)
      .andThen(() => ports.objects.put(owner, key, content, limitBytes))
      .andThen(() => openedAgain(ports.objects, owner, key))
      .andThen((file) => importArchive(ports)({ owner, file, isCancelled }))
      .andThen((report) => forget().map(() => report))
      .orElse((error) =>
        // What came first is told; what cannot be removed now is removed by a later import.
        forget()
          .orElse(() => okAsync(undefined))
          .andThen(() => errAsync(error)),
      );
  };
}

const openedAgain = (objects: ObjectStore, owner: UserId, key: string): ResultAsync<ByteSource, PortUnavailable> =>
  objects
    .open(owner, key)
    .mapErr((error) =>
      error.kind === 'not-found' ? portUnavailable('ObjectStore', 'open', 'what was just put is not there') : error,
    );

function removeLeftOvers(objects: ObjectStore, owner: UserId, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
  return objects
    .list(owner)
    .map((keys) => keys.filter((key) => isLeftOver(key, nowMs)))
    .andThen((keys) => ResultAsync.combine(keys.map((key) => objects.delete(owner, key))))
    .map(() => undefined);
}

function isLeftOver(key: string, nowMs: EpochMs): boolean {
  if (!key.startsWith(IMPORTS_PREFIX)) return false;
  const begunMs = Number(key.slice(IMPORTS_PREFIX.length).split('-')[0]);
  return !(nowMs - begunMs < LEFT_OVER_AFTER_MS);
}
