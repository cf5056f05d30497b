import { TOKENS } from '../../hosts/wiring/tokens.ts';
import type { LocalPeople } from '../../hosts/wiring/storage.ts';

/** What is in the graph and is no port that an outage could strike. Everything else is wrapped, also what is added later. */
const NO_PORTS: Readonly<Partial<Record<keyof typeof TOKENS, string>>> = {
  config: 'a value',
  logger: 'writes to its own process',
  clock: 'answers at once',
  ids: 'answers at once',
  digest: 'computes',
  flags: 'answers from what it has read',
  reports: 'computes',
  lookedUpOwners: 'remembers in this process',
  people: 'is wrapped as each of the ports it implements',
  workerModel: 'is wrapped as the ActigraphyModel',
  jobRunner: 'works on ports, is none',
  shelteredCounters: 'asks the RateCounters, and answers where they do not',
};

/** Whether the member of the graph is a port. */
export const isPort = (name: string): boolean => !Object.hasOwn(NO_PORTS, name);

/** What the local identity provider keeps accounts in; these have no names of their own in the graph. */
export const PEOPLE: Readonly<Record<Exclude<keyof LocalPeople, 'kind'>, string>> = {
  accounts: 'AccountStore',
  signingKeys: 'SigningKeyStore',
  codes: 'EmailedCodes',
  attempts: 'LoginAttempts',
  secondFactors: 'SecondFactorStore',
  mail: 'Mailer',
};

/** What wraps data keys; it has no name of its own in the graph either. */
export const KEY_WRAPPER = 'KeyWrapper';

/** The names of all ports of the graph. */
export const PORTS: readonly string[] = [
  ...Object.values(PEOPLE),
  KEY_WRAPPER,
  ...Object.entries(TOKENS)
    .filter(([name]) => isPort(name))
    .map(([name, token]) => token.description ?? name),
];

/** What every call goes through before its own work, and calls with a key after it; it means the same everywhere. */
export const AT_THE_DOOR: readonly string[] = [
  'TokenVerifier.verify',
  'ErasedOwners.isRemembered',
  'ErasedOwners.rememberedUntil',
  'RateCounters.take',
  ...['known', 'assign'].map((method) => `AuditPseudonyms.${method}`),
  ...['end', 'extend'].map((method) => `AuditStore.${method}`),
  ...['sign', 'isGenuine'].map((method) => `HeadSigner.${method}`),
  ...['begin', 'extend', 'answer', 'release'].map((method) => `IdempotencyStore.${method}`),
];

/** The local identity provider. */
const PROVIDER = 'IdentityProvider|LoginChallenges|EmailConfirmation|PasswordRecovery|SessionRevoker';

/**
 * Which methods no journey reaches, and why. Objects behind several ports are named by all of them; what
 * is no method of any of these is here too.
 */
export const NOT_REACHED: Readonly<Record<string, string>> = {
  [`${PROVIDER}.prepare`]: 'a host calls it when it starts',
  [`${PROVIDER}.settled`]: 'waits for mails, and cannot fail',
  [`${PROVIDER}.verify`]: 'is struck as TokenVerifier.verify',
  'SigningKeyStore.add': 'keys are rotated by age or on the command line, and none is old here',
  'SigningKeyStore.remove': 'keys are rotated by age or on the command line, and none is old here',
  'JobQueue.oldestDueMs': 'only the metrics ask for it',
  'DataKeys.replace': 'only the command line changes the master key',
  'DataKeys.list': 'only the command line changes the master key',
  'KeyWrapper.rewrap': 'only the command line changes the master key',
  'AccountStore.setRoles': 'only the command line gives roles without asking whether an administrator is left',
  'ModelRepository.readText': 'reads heads and populations, of which nothing is installed here',
  'ModelRepository.readWeights': 'reads an encoder, and none is installed here',
  'ModelRepository.writeText': 'only the command line installs',
  'ModelRepository.writeWeights': 'only the command line installs',
  'ModelRepository.changeCatalogue': 'only the command line installs',
};

/** The functions of an object and of its classes, by name. */
export function methodsOf(target: object): readonly string[] {
  const names = new Set<string>();
  for (
    let at: object | null = target;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (name !== 'constructor' && typeof value === 'function') names.add(name);
    }
  }
  return [...names];
}
