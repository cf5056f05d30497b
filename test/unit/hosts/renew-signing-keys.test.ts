import { errAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listSigningKeys } from '../../../adapters/local-identity/rotate-signing-keys.ts';
import { MemorySigningKeyStore } from '../../../adapters/memory/signing-key-store.ts';
import type { SigningKeyStore } from '../../../core/auth/signing-key-store.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { openLog } from '../../../hosts/wiring/log/open-log.ts';
import { renewSigningKeys } from '../../../hosts/wiring/renew-signing-keys.ts';
import { memoryStorage } from '../../../hosts/wiring/storage.ts';
import { replacing } from '../../unit/memory-world.ts';
import { valueOf } from '../result-values.ts';

const renewal = suite('renewing the signing key');

const DAY_MS = 86_400_000;

/** Starts a process at this instant, and stops it. */
async function start(signingKeys: SigningKeyStore, nowMs: number, mostAgeMs: number | null) {
  const lines: string[] = [];
  const { timer } = await renewSigningKeys({
    people: { ...memoryStorage().people, signingKeys },
    clock: { now: () => nowMs },
    logger: openLog('info', { write: (line) => lines.push(line) }),
    mostAgeMs,
  });
  clearInterval(timer);
  return { isLooking: timer !== undefined, said: lines.map((line) => (JSON.parse(line) as { msg: string }).msg) };
}

const keysOf = async (signingKeys: SigningKeyStore): Promise<number> =>
  valueOf(await listSigningKeys({ signingKeys, clock: { now: () => 0 } })).length;

renewal('a process that starts has another key follow one that is too old, and says so', async () => {
  const store = new MemorySigningKeyStore();
  assert.equal(await start(store, 1, DAY_MS), { isLooking: true, said: [] });
  assert.is(await keysOf(store), 1);
  const { said } = await start(store, 2 + DAY_MS, DAY_MS);
  assert.equal(said, ['the signing key was too old, and another one follows it']);
  assert.is(await keysOf(store), 2);
});

renewal('without a most age nothing is looked at', async () => {
  const store = new MemorySigningKeyStore();
  assert.equal(await start(store, 1, null), { isLooking: false, said: [] });
});

renewal('a store that does not answer stops no start', async () => {
  const down = replacing(new MemorySigningKeyStore(), {
    loadOrCreate: () => errAsync(portUnavailable('SigningKeyStore', 'loadOrCreate', 'down')),
  });
  const { isLooking, said } = await start(down, 1, DAY_MS);
  assert.is(isLooking, true);
  assert.equal(said, ['it could not be told whether the signing key is too old']);
});

renewal.run();
