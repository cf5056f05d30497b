import { errAsync, ok, ResultAsync, safeTry } from 'neverthrow';
import type { ByteSource } from '../health-data/ports.ts';
import { portUnavailable } from '../kernel/errors.ts';
import {
  movedKey,
  orNull,
  sideUnavailable,
  type AccountMove,
  type AccountSide,
  type MoveProgress,
  type RunningDigest,
  type SideName,
  type SideUnavailable,
  type StreamDigest,
} from './account-side.ts';

/** The SHA-256 of a stored object, read once from start to end. */
export function objectSha256(
  side: SideName,
  source: ByteSource,
  streamDigest: StreamDigest,
): ResultAsync<string, SideUnavailable> {
  const read = async (): Promise<string> => {
    const digest = streamDigest.begin();
    for await (const bytes of source.stream()) digest.add(bytes);
    return digest.sha256Hex();
  };
  return ResultAsync.fromPromise(read(), (cause) =>
    sideUnavailable(side)(portUnavailable('ObjectStore', 'open', cause)),
  );
}

export interface CopyObjectsDeps {
  readonly streamDigest: StreamDigest;
  readonly progress: (progress: MoveProgress) => void;
}

/** Copies every object that the target does not have yet with the same bytes. Answers how many were written. */
export function copyObjects(
  deps: CopyObjectsDeps,
  { source, target }: AccountMove,
): ResultAsync<number, SideUnavailable> {
  return safeTry(async function* () {
    const keys = yield* source.stores.objects.list(source.owner).mapErr(sideUnavailable('source'));
    let written = 0;
    for (const [i, key] of keys.entries()) {
      const object = yield* orNull('source', source.stores.objects.open(source.owner, key));
      // One that was deleted since it was listed is nobody's to copy.
      if (object !== null) {
        const toKey = movedKey(key, source.owner, target.owner);
        if (!(yield* isThere(deps, object, target, toKey))) {
          yield* copyObject(deps, object, target, toKey);
          written++;
        }
      }
      deps.progress({ stage: 'copy', kind: 'objects', done: i + 1 });
    }
    return ok(written);
  });
}

function isThere(
  { streamDigest }: CopyObjectsDeps,
  object: ByteSource,
  { stores, owner }: AccountSide,
  key: string,
): ResultAsync<boolean, SideUnavailable> {
  return safeTry(async function* () {
    const there = yield* orNull('target', stores.objects.open(owner, key));
    if (there?.sizeBytes !== object.sizeBytes) return ok(false);
    const wanted = yield* objectSha256('source', object, streamDigest);
    return ok(wanted === (yield* objectSha256('target', there, streamDigest)));
  });
}

/** Streams the object over; the target's store says what arrived, and it has to be what was read. */
function copyObject(
  { streamDigest }: CopyObjectsDeps,
  object: ByteSource,
  { stores, owner }: AccountSide,
  key: string,
): ResultAsync<void, SideUnavailable> {
  const digest = streamDigest.begin();
  return stores.objects
    .put(owner, key, digested(object, digest), object.sizeBytes)
    .mapErr((error) =>
      sideUnavailable('target')(
        error.kind === 'object-too-large'
          ? portUnavailable('ObjectStore', 'put', `${key} was longer than ${object.sizeBytes} bytes`, true)
          : error,
      ),
    )
    .andThen(({ sha256 }) => {
      const read = digest.sha256Hex();
      if (read === sha256) return ok(undefined);
      const cause = `${key}: ${sha256} was stored, ${read} was read`;
      return errAsync(sideUnavailable('target')(portUnavailable('ObjectStore', 'put', cause)));
    });
}

async function* digested(object: ByteSource, digest: RunningDigest): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of object.stream()) {
    digest.add(bytes);
    yield bytes;
  }
}
