import { randomUUID } from 'node:crypto';
import { errAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryAuditStore } from '../../adapters/memory/audit-store.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { PROBLEMS, type ProblemSlug } from '../../contracts/problems.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROLES, isPermitted } from '../../core/access/permissions.ts';
import { entryContent } from '../../core/audit/entry-text.ts';
import type { AuditEvent, Pseudonym } from '../../core/audit/model.ts';
import { verifyAudit } from '../../core/audit/verify-audit.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';
import { userId } from '../../core/kernel/ids.ts';
import { memoryStorage, type Storage } from '../../hosts/wiring/storage.ts';
import type { Caller } from '../e2e/operations.ts';
import { success } from '../e2e/operations-kit.ts';
import { replacing } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import { askerOf, type Answered, type Ask } from './ask.ts';
import { filledCall, TABLE, type Values } from './filled-call.ts';
import { idsFor, markOf, possessionsOf } from './possessions.ts';
import { startForLoops } from './service-for-loops.ts';

const test = suite('every route, and what is written down of it');

/** Whoever asks these is not who they were afterwards. */
const ENDS_A_SESSION: ReadonlySet<string> = new Set(['logout', 'endSession', 'deleteMe', 'resetPassword']);

/** An audit log that does not answer where it is told not to. */
function switchedLog() {
  const real = new MemoryAuditStore();
  let isDown = false;
  const auditStore = replacing(real, {
    extend: (extension) =>
      isDown ? errAsync(portUnavailable('AuditStore', 'extend', 'planted')) : real.extend(extension),
  });
  return {
    auditStore,
    whileDown: async (work: () => Promise<void>): Promise<void> => {
      isDown = true;
      await work();
      isDown = false;
    },
  };
}

interface Audited {
  readonly ask: Ask;
  readonly storage: Storage;
  readonly whileDown: (work: () => Promise<void>) => Promise<void>;
  /** Whose data everything is about, and what they are. */
  readonly owner: Caller;
  readonly owned: Values;
  /** Has every role, and the owner's consent. */
  readonly everything: Caller;
  readonly patient: Caller;
  readonly newCaller: () => Promise<Caller>;
  readonly pseudonymOf: (caller: Caller) => Promise<Pseudonym | null>;
}

async function withAudited(work: (audited: Audited) => Promise<void>): Promise<void> {
  const { auditStore, whileDown } = switchedLog();
  const storage = { ...memoryStorage(), auditStore };
  const service = await startForLoops(storage);
  try {
    const [owner, patient] = [await service.newCaller(), await service.newCaller()];
    const everything = await service.newCaller([...ROLES]);
    const owned = await possessionsOf(owner, service);
    const ends_at = new Date(Date.now() + 86_400_000).toISOString();
    const shared = { grantee: everything.userId, ends_at, data_types: ['biometric_data.heart_rate'] } as const;
    success(await owner.client.giveConsent({ body: { ...shared, purpose: 'research' } }));
    success(
      await owner.client.giveConsent({
        body: { ...shared, purpose: 'care', data_types: [...shared.data_types, 'analyses', 'insights'] },
      }),
    );
    const [participant] = success(await everything.client.listParticipants()).body?.data ?? [];
    await work({
      ask: askerOf(service.url),
      storage,
      whileDown,
      owner,
      owned: { ...owned, pseudonym: participant?.pseudonym ?? '' },
      everything,
      patient,
      newCaller: () => service.newCaller(),
      pseudonymOf: async (caller) => valueOf(await storage.auditPseudonyms.known(userId(caller.userId))),
    });
  } finally {
    await service.close();
  }
}

/** Who may ask this: the owner, or whoever has every role. */
async function askerFor({ owner, everything, newCaller }: Audited, id: string, { auth }: RouteDefinition) {
  if (ENDS_A_SESSION.has(id)) return newCaller();
  return auth === 'none' || isPermitted(['patient'], auth) ? owner : everything;
}

interface Asked {
  readonly answered: Answered;
  readonly requestId: string;
}

/** Something for each parameter of the path; what the owner has takes its place where they have it. */
const anyNamesOf = ({ path }: RouteDefinition): Values =>
  Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, 'any']));

async function asked(world: Audited, caller: Caller, id: string, route: RouteDefinition): Promise<Asked> {
  const requestId = randomUUID();
  const call = filledCall(id, route, { ...anyNamesOf(route), ...idsFor(route, world.owned) });
  const token = route.auth === 'none' ? null : caller.accessToken;
  return { requestId, answered: await world.ask({ ...call, token, headers: { 'x-request-id': requestId } }) };
}

const NEWEST = 50;

async function writtenOf({ storage }: Audited, { requestId }: Asked): Promise<readonly AuditEvent[]> {
  const newest = valueOf(await storage.auditStore.newest(null, NEWEST));
  return newest.flatMap(({ text }) => entryContent(text)?.event ?? []).filter((event) => event.requestId === requestId);
}

/** What the answer says that came of the call. */
function outcomeOf({ status, text }: Answered): Pick<AuditEvent, 'outcome' | 'problem'> {
  if (status < 400) return { outcome: 'done', problem: null };
  const { code } = JSON.parse(text) as { readonly code: ProblemSlug };
  return { outcome: PROBLEMS[code].status >= 500 ? 'failed' : 'refused', problem: code };
}

/** Whose data the call of the route is about, and on whose behalf they are read, where it is done. */
async function concernedBy(world: Audited, id: string, { audit, auth }: RouteDefinition, caller: Caller) {
  const [owner, self] = [await world.pseudonymOf(world.owner), await world.pseudonymOf(caller)];
  const isConsented = auth === 'read-patient-data' || auth === 'read-anonymized-data';
  const isOfOwner = id === 'readParticipantSeries' || (audit !== 'none' && typeof audit.subject === 'string');
  if (isOfOwner) return { subject: owner, onBehalfOf: isConsented ? owner : null };
  return { subject: audit !== 'none' && audit.subject === null ? null : self, onBehalfOf: null };
}

test('a call of an audited route is one entry, that says what the table and the answer say; of any other it is none', async () => {
  await withAudited(async (world) => {
    let done = 0;
    for (const [id, route] of TABLE) {
      const caller = await askerFor(world, id, route);
      const call = await asked(world, caller, id, route);
      const events = await writtenOf(world, call);
      if (route.audit === 'none') {
        assert.equal(events, [], id);
        continue;
      }
      const { answered, requestId } = call;
      assert.is(events.length, 1, `${id}: ${String(answered.status)} ${answered.text}`);
      const { id: _, atMs: __, actor, actorRoles, subject, onBehalfOf, ...rest } = events[0]!;
      const { action, dataTypes } = route.audit;
      assert.equal(rest, { action, operation: id, dataTypes, requestId, ...outcomeOf(answered) }, id);
      if (route.auth === 'none') continue;
      assert.is(actor, await world.pseudonymOf(caller), id);
      assert.equal(actorRoles, caller === world.everything ? ROLES : ['patient'], id);
      if (rest.outcome !== 'done') continue;
      done += 1;
      assert.equal({ subject, onBehalfOf }, await concernedBy(world, id, route, caller), id);
    }
    assert.ok(done >= 35, `only ${String(done)} were done`);
  });
});

test('whoever may not is refused, and that they tried is one entry', async () => {
  await withAudited(async (world) => {
    const forOthers = TABLE.filter(([, { auth }]) => auth !== 'none' && !isPermitted(['patient'], auth));
    assert.ok(forOthers.length >= 10);
    const self = await world.pseudonymOf(world.patient);
    for (const [id, route] of forOthers) {
      const call = await asked(world, world.patient, id, route);
      assert.is(call.answered.status, 403, id);
      const events = await writtenOf(world, call);
      assert.equal(
        events.map(({ actor, operation, onBehalfOf, outcome, problem }) => [
          actor,
          operation,
          onBehalfOf,
          outcome,
          problem,
        ]),
        route.audit === 'none' ? [] : [[self, id, null, 'refused', 'authorization-denied']],
        id,
      );
    }
  });
});

test('while nothing can be written down, no audited route answers anything of its work', async () => {
  await withAudited(async (world) => {
    await world.whileDown(async () => {
      let routes = 0;
      for (const [id, route] of TABLE) {
        if (route.audit === 'none') continue;
        const caller = ENDS_A_SESSION.has(id) ? world.patient : await askerFor(world, id, route);
        const { answered } = await asked(world, caller, id, route);
        const { status, headers, text } = answered;
        assert.is(status, 503, `${id}: ${text}`);
        assert.match(headers.get('content-type') ?? '', 'application/problem+json', id);
        assert.equal(outcomeOf(answered), { outcome: 'failed', problem: 'service-unavailable' }, id);
        assert.match(headers.get('retry-after') ?? '', /^\d+$/, id);
        assert.not.match(text, markOf(world.owner), id);
        for (const name of ['etag', 'location', 'content-disposition']) assert.is(headers.get(name), null, id);
        routes += 1;
      }
      assert.ok(routes >= 50, String(routes));
    });
    const { auditStore, headSigner: signer } = world.storage;
    const verdict = valueOf(await verifyAudit({ auditStore, signer, digest: nodeDigest })({ from: null, to: null }));
    assert.equal(verdict.faults, []);
  });
});

test.run();
