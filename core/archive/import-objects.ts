import { errAsync, ok, okAsync, ResultAsync, safeTry } from 'neverthrow';
import { movedKey, type StreamDigest } from '../account/account-side.ts';
import type { ByteSource } from '../health-data/ports.ts';
import { withinQuota } from '../health-data/upload-quota.ts';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import type { ImportError, ImportStep } from './import-step.ts';
import { IMPORTS_PREFIX } from './model.ts';
import { ArchiveFault } from './ports.ts';
import type { VerifiedArchive, VerifiedFile } from './verified-archive.ts';

/**
 * Adds the raw files that are not there, each under the key that it has as the owner's; none of them where they are more
 * than the owner may keep.
 */
export function importObjects(
  step: ImportStep,
  { manifest, filesOf }: VerifiedArchive,
): ResultAsync<void, ImportError> {
  const { owner, tally } = step;
  return safeTry(async function* () {
    yield* withinLimit(
      step,
      filesOf('raw').map((file) => [movedKey(file.key ?? '', manifest.userId, owner), file]),
    );
    for (const file of filesOf('raw')) {
      yield* step.goOn();
      const key = movedKey(file.key ?? '', manifest.userId, owner);
      if (/\p{Cc}/u.test(key) || key.startsWith(IMPORTS_PREFIX)) {
        tally.setAside('raw', { code: 'not-usable', message: 'the key of an object is none that is kept' }, file.name);
        continue;
      }
      const held = yield* heldSha256(step, key);
      if (held === null) {
        yield* storeObject(step, key, file);
        tally.added('raw');
      } else if (held === file.sha256) tally.alreadyThere('raw');
      else {
        const message = 'another object is under the key already; it stays';
        tally.setAside('raw', { code: 'different-object', message }, file.name);
      }
    }
    return ok(undefined);
  });
}

/** Whether the owner may keep those of the files that are not there. */
function withinLimit(
  { ports, owner }: ImportStep,
  files: readonly (readonly [key: string, file: VerifiedFile])[],
): ResultAsync<unknown, ImportError> {
  if (ports.quota.mostStoredBytes === null) return okAsync(undefined);
  return ports.objects.list(owner).andThen((kept): ResultAsync<unknown, ImportError> => {
    const there = new Set(kept);
    const bytes = files.reduce((sum, [key, file]) => sum + (there.has(key) ? 0 : file.bytes), 0);
    return bytes === 0 ? okAsync(undefined) : withinQuota(ports)({ owner, upload: null, bytes, isWorkedOn: false });
  });
}

/** The hash of the owner's object under the key; null where there is none. */
function heldSha256({ ports, owner }: ImportStep, key: string): ResultAsync<string | null, PortUnavailable> {
  return ports.objects
    .open(owner, key)
    .andThen((object): ResultAsync<string | null, PortUnavailable> => sha256Of(object, ports.streamDigest))
    .orElse((error) => (error.kind === 'not-found' ? okAsync(null) : errAsync(error)));
}

function sha256Of(object: ByteSource, streamDigest: StreamDigest): ResultAsync<string, PortUnavailable> {
  const read = async (): Promise<string> => {
    const digest = streamDigest.begin();
    for await (const part of object.stream()) digest.add(part);
    return digest.sha256Hex();
  };
  return ResultAsync.fromPromise(read(), (cause) => portUnavailable('ObjectStore', 'open', cause));
}

function storeObject({ ports, owner }: ImportStep, key: string, file: VerifiedFile): ResultAsync<void, ImportError> {
  // A store says what it makes of an error while it reads in words of its own; what the archive said is kept here.
  const seen: { fault: ArchiveFault | null } = { fault: null };
  const content = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* file.content();
    } catch (cause) {
      if (cause instanceof ArchiveFault) seen.fault = cause;
      throw cause;
    }
  };
  return ports.objects
    .put(owner, key, content(), file.bytes)
    .mapErr((error): ImportError => {
      if (seen.fault !== null) return seen.fault.fault;
      return error.kind === 'object-too-large' ? changedMeanwhile(file) : error;
    })
    .andThen(({ sha256 }) =>
      sha256 === file.sha256
        ? okAsync(undefined)
        : ports.objects.delete(owner, key).andThen(() => errAsync(changedMeanwhile(file))),
    );
}

const changedMeanwhile = ({ name }: VerifiedFile): PortUnavailable =>
  portUnavailable('ArchiveReader', 'content', `${name} is not what it was when it was checked`);
