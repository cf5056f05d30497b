import { ok, type ResultAsync, safeTry } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import { sameWrapping } from './key-ring.ts';
import { localVersionName, type KeyHolder } from './model.ts';
import type { DataKeys, HeldKey, KeyWrapper, MasterKeys } from './ports.ts';

/** What became of the data keys. */
export interface Rewrapped {
  readonly rewrapped: number;
  /** Under the newest version already, or erased meanwhile. */
  readonly unchanged: number;
}

export interface RewrapPorts {
  readonly dataKeys: DataKeys;
  readonly wrapper: KeyWrapper;
}

const KEYS_AT_ONCE = 100;

/**
 * Puts every data key under the newest version of the master key, while others read and write: the data keys themselves,
 * and so all data, stay as they are. Calling again goes on after an interruption.
 */
export function rewrapDataKeys({ dataKeys, wrapper }: RewrapPorts): ResultAsync<Rewrapped, PortUnavailable> {
  return safeTry<Rewrapped, PortUnavailable>(async function* () {
    let [rewrapped, unchanged] = [0, 0];
    let after: KeyHolder | null = null;
    for (;;) {
      const listed: readonly HeldKey[] = yield* dataKeys.list(after, KEYS_AT_ONCE);
      for (const { holder, wrapping } of listed) {
        const anew = yield* wrapper.rewrap(holder, wrapping);
        const isReplaced = sameWrapping(anew, wrapping) ? false : yield* dataKeys.replace(holder, wrapping, anew);
        if (isReplaced) rewrapped++;
        else unchanged++;
        after = holder;
      }
      if (listed.length < KEYS_AT_ONCE) return ok({ rewrapped, unchanged });
    }
  });
}

/** How many data keys there are under each version of the master key. */
export function countByMasterVersion(dataKeys: DataKeys): ResultAsync<ReadonlyMap<string, number>, PortUnavailable> {
  return safeTry<ReadonlyMap<string, number>, PortUnavailable>(async function* () {
    const counts = new Map<string, number>();
    let after: KeyHolder | null = null;
    for (;;) {
      const listed: readonly HeldKey[] = yield* dataKeys.list(after, KEYS_AT_ONCE);
      for (const { holder, wrapping } of listed) {
        counts.set(wrapping.masterVersion, (counts.get(wrapping.masterVersion) ?? 0) + 1);
        after = holder;
      }
      if (listed.length < KEYS_AT_ONCE) return ok(counts);
    }
  });
}

/** Versions of a local master key that were forgotten, and those that something is still wrapped by. */
export interface RetiredVersions {
  readonly removed: readonly number[];
  readonly stillInUse: readonly number[];
}

/**
 * Forgets the versions of a local master key by which nothing is wrapped any more; the newest always stays. Meant for some time after
 * `rewrapDataKeys`: a key that was being made under an older version when the newest was added must have arrived, to be counted.
 */
export function retireMasterKeys(
  dataKeys: DataKeys,
  masterKeys: MasterKeys,
): ResultAsync<RetiredVersions, PortUnavailable> {
  return safeTry<RetiredVersions, PortUnavailable>(async function* () {
    const removed: number[] = [];
    const stillInUse: number[] = [];
    const older = (yield* masterKeys.versions()).slice(0, -1);
    const counts = yield* countByMasterVersion(dataKeys);
    for (const { version } of older) {
      if (counts.has(localVersionName(version))) stillInUse.push(version);
      else if (yield* masterKeys.removeVersion(version)) removed.push(version);
    }
    return ok({ removed, stillInUse });
  });
}
