import { TOKENS } from '../../hosts/wiring/tokens.ts';
import type { LocalPeople } from '../../hosts/wiring/storage.ts';

/** What is in the graph and is no port that an outage could strike. Everything else is wrapped, also what is added later. */
const NO_PORTS: Readonly<Partial<Record<keyof typeof TOKENS, string>>> = {
  config: 'a value',
  logger: 'writes to its own process',
  clock: 'answers at once',
  ids: 'answers at once',
  digest: 'computes',
  reports: 'computes',
  people: 'is wrapped as each of the ports it implements',
  workerModel: 'is wrapped as the ActigraphyModel',
  jobRunner: 'works on ports, is none',
};

/** Whether the member of the graph is a port. */
export const isPort = (name: string): boolean => !Object.hasOwn(NO_PORTS, name);

/** What the local identity provider keeps accounts in; these have no names of their own in the graph. */
export const PEOPLE: Readonly<Record<Exclude<keyof LocalPeople, 'kind'>, string>> = {
  accounts: 'AccountStore',
  signingKeys: 'SigningKeyStore',
  codes: 'EmailedCodes',
  attempts: 'LoginAttempts',
  mail: 'Mailer',
};

/** The names of all ports of the graph. */
export const PORTS: readonly string[] = [
  ...Object.values(PEOPLE),
  ...Object.entries(TOKENS)
    .filter(([name]) => isPort(name))
    .map(([name, token]) => token.description ?? name),
];

/** What is no method of a port although the object behind it has it, or is one that no journey can reach, and why. */
export const NOT_REACHED: Readonly<Record<string, string>> = {};

/** The functions of an object and of its classes, by name. */
export function methodsOf(target: object): readonly string[] {
  const names = new Set<string>();
  for (let at: object | null = target; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== 'constructor' && typeof value === 'function') names.add(name);
    }
  }
  return [...names];
}
