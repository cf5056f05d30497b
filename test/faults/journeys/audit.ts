import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { verifyAudit } from '../../../core/audit/verify-audit.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Answer } from '../http-client.ts';
import { getting, reading, type Journey, type Person } from '../journey.ts';
import { assertOneAccount, refresh, register } from '../people.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

const readLog = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('GET', '/api/v1/audit?limit=100', { token });

interface Entry {
  readonly operation: string;
  readonly outcome: string;
}

/** The log grows with every look at it; how it began stays. */
const beginning = ({ json }: Answer): string =>
  JSON.stringify((json['data'] as readonly Entry[]).filter(({ operation }) => operation === 'register'));

async function assertSound({ storage: { auditStore, headSigner } }: ServiceUnderFaults): Promise<void> {
  const verdict = await verifyAudit({ auditStore, signer: headSigner, digest: nodeDigest })({ from: null, to: null });
  assert.equal(valueOf(verdict).faults, []);
}

/** The person looks after the installation from now on. */
async function becomeAdmin(service: ServiceUnderFaults, person: Person): Promise<void> {
  valueOf(await service.storage.people.accounts.setRoles(person.id, ['patient', 'admin']));
  const { json } = await refresh(service, person);
  person.token = String(json['access_token']);
  person.refreshToken = String(json['refresh_token']);
}

/** Of what somebody did, that they registered: the log grows with every look at it, and this stays. */
const registrationOf = ({ id }: Person): string => `actor=${id}&action=register`;

const entryLines = ({ text }: Answer): string =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{"kind":"entry"'))
    .join();

/** Writing down what was done. */
export const AUDIT_JOURNEYS: readonly Journey[] = [
  reading(
    {
      name: 'read what was done with my data',
      route: 'listAuditLog',
      strikes: ['AuditStore.about', 'AuditStore.extend', 'HeadSigner.sign'],
      send: readLog,
    },
    beginning,
  ),
  reading({
    name: 'search the whole log',
    route: 'searchAuditLog',
    prepare: becomeAdmin,
    strikes: ['AuditStore.newest', 'AuditPseudonyms.owners'],
    send: getting((person) => `/api/v1/admin/audit?${registrationOf(person)}`),
  }),
  reading(
    {
      name: 'take the log along',
      route: 'exportAuditLog',
      prepare: becomeAdmin,
      strikes: ['AuditStore.days', 'AuditStore.entries', 'AuditPseudonyms.owners'],
      send: getting((person) => `/api/v1/admin/audit/export?${registrationOf(person)}`),
      // Some of it was sent when the store did not answer: that must not look like the whole.
      outage: (answer) => answer.broken && !answer.text.includes('{"kind":"end"'),
    },
    entryLines,
  ),
  {
    kind: 'request',
    name: 'read it after something could not be written',
    route: 'listAuditLog',
    strikes: ['AuditStore.end', 'HeadSigner.isGenuine'],
    besides: { port: 'AuditStore', method: 'extend', call: 1, kind: 'reset', moment: 'after' },
    send: async (service, person) => {
      await readLog(service, person);
      return readLog(service, person);
    },
    verify: async (service, _person, { last }) => {
      assert.is(last.status, 200, last.text);
      await assertSound(service);
    },
  },
  {
    kind: 'request',
    name: 'register, and begin to be written down',
    route: 'register',
    once: true,
    stranger: true,
    strikes: ['AuditPseudonyms.known', 'AuditPseudonyms.assign', 'AuditStore.end', 'AuditStore.extend'],
    send: register,
    doneAlready: ['resource-conflict'],
    verify: async (service, person, answers) => {
      await assertOneAccount(service, person, answers);
      await assertSound(service);
    },
  },
];
