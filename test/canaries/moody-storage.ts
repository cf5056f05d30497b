import { errAsync } from 'neverthrow';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { Storage } from '../../hosts/wiring/storage.ts';
import type { Markers } from './markers.ts';

/** How the ports behind the service are: as they should be, away, or broken in a way that nobody has thought of. */
export type Mood = 'sound' | 'away' | 'broken';

/** Without these nobody gets as far as the others. */
const ALWAYS_SOUND = new Set([
  'auditStore',
  'auditPseudonyms',
  'headSigner',
  'erasedOwners',
  'dataKeys',
  'rateCounters',
]);

/** The storage with its ports in the mood of the moment; what they say then has a marker in it. */
export function moodyStorage(storage: Storage, mood: () => Mood, markers: Markers): Storage {
  const wrap = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, member) {
        const own: unknown = Reflect.get(target, member, target);
        if (typeof own !== 'function' || typeof member === 'symbol') return own;
        return (...args: unknown[]): unknown => {
          if (mood() === 'sound') return Reflect.apply(own, target, args);
          const cause = Object.assign(new Error(`cannot open '/home/${markers.mark('path')}/notes.txt'`), {
            email: `${markers.mark('property')}@example.org`,
          });
          const error = new TypeError(`550 <${markers.mark('message')}@example.org> user unknown`, { cause });
          if (mood() === 'broken') throw error;
          return errAsync(portUnavailable(name, member, error));
        };
      },
    });
  const wrapAll = <Ports extends object>(ports: Ports): Ports =>
    Object.fromEntries(
      Object.entries(ports).map(([name, port]: [string, unknown]) => [
        name,
        typeof port !== 'object' || port === null || ALWAYS_SOUND.has(name) ? port : wrap(name, port),
      ]),
    ) as Ports;
  const { people, masterKey } = storage;
  return {
    ...wrapAll(storage),
    masterKey,
    people: people.kind === 'local' ? { ...wrapAll(people), signingKeys: people.signingKeys } : people,
  };
}
