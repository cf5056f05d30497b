import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { eraseAccount, type EraseAccountPorts } from '../../../core/account/erase-account.ts';
import { wasErased } from '../../../core/account/erased-owners.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { ADA, BOB, memoryWorld, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { fillAccount, type FullAccount } from './full-account.ts';
import { contentOf } from './account-content.ts';

const erasing = suite('erasing an account');

interface Populated {
  readonly world: World;
  readonly accounts: MemoryAccountStore;
  readonly ports: EraseAccountPorts;
  readonly ada: FullAccount;
}

async function populated(): Promise<Populated> {
  const world = memoryWorld();
  const accounts = new MemoryAccountStore();
  for (const [userId, email] of [
    [ADA, 'ada@example.org'],
    [BOB, 'bob@example.org'],
  ] as const) {
    const account = { userId, email, emailKey: email, emailVerified: true, displayName: null, passwordHash: 'x' };
    valueOf(await accounts.insert({ ...account, createdAtMs: 0, roles: ['patient'], disabled: false }));
    const session = { sessionId: `session of ${email}`, userId, createdAtMs: 0, expiresAtMs: 1e15, revoked: false };
    valueOf(await accounts.insertSession({ ...session, lastUsedAtMs: 0, rotation: 0 }));
  }
  const ada = await fillAccount(world, ADA, 'ada-only');
  await fillAccount(world, BOB, 'bob-only');
  const identities = { eraseAccount: (user: UserId) => accounts.erase(user) };
  return { world, accounts, ports: { ...world, identities }, ada };
}

/** The owners of all jobs that wait, in order. */
async function jobOwners({ queue, clock }: World): Promise<readonly UserId[]> {
  const owners: UserId[] = [];
  for (;;) {
    const job = valueOf(await queue.claim(clock.now(), 1e12));
    if (job === null) return owners;
    owners.push(job.owner);
  }
}

async function assertOnlyBobIsLeft({ world, accounts, ada }: Populated, bobBefore: unknown): Promise<void> {
  assert.equal(await contentOf(world, ADA, ada.uploads), {
    uploads: [],
    objects: [],
    metrics: [],
    chunks: [],
    analyses: [],
    insights: [],
  });
  assert.is(valueOf(await accounts.byId(ADA)), null);
  assert.is(valueOf(await world.ownerEvents.newest(ADA)), null);
  assert.equal(valueOf(await world.webhooks.list(ADA)), []);
  assert.equal(valueOf(await world.consents.ofPatient(ADA)), []);
  assert.equal(valueOf(await world.consents.forGrantee(ADA, world.clock.now())), []);
  assert.equal(valueOf(await world.consents.emergencies(ADA)), []);
  assert.is(valueOf(await world.consents.ofPatient(BOB)).length, 1);
  assert.is(valueOf(await world.consents.emergencies(BOB)).length, 1);
  assert.is(valueOf(await world.auditPseudonyms.known(ADA)), null);
  assert.is(valueOf(await world.auditPseudonyms.known(BOB)), 'p_bob-only');
  assert.is(valueOf(await world.ownerEvents.after(BOB, null, 10)).length, 1);
  assert.is(valueOf(await world.webhooks.claimDue(1e15, 1e12))?.webhook.owner, BOB);
  assert.is(valueOf(await world.webhooks.claimDue(1e15, 1e12)), null);
  assert.is(valueOf(await accounts.byEmailKey('ada@example.org')), null);
  assert.is(valueOf(await accounts.session('session of ada@example.org')), null);
  assert.is(valueOf(await accounts.byId(BOB))?.email, 'bob@example.org');
  assert.is(valueOf(await accounts.session('session of bob@example.org'))?.userId, BOB);
  assert.equal(await contentOf(world, BOB, []), bobBefore);
  assert.equal(await jobOwners(world), [BOB, BOB, BOB]);
}

erasing('nothing is left of the person in any store, and everything of the neighbour', async () => {
  const before = await populated();
  const bob = await contentOf(before.world, BOB, []);
  const ada = await contentOf(before.world, ADA, before.ada.uploads);
  for (const kind of Object.values(ada)) assert.ok(kind.length > 0, 'every store was full');
  valueOf(await eraseAccount(before.ports)(ADA));
  await assertOnlyBobIsLeft(before, bob);
});

erasing('twice is as good as once, also for somebody who was never there', async () => {
  const before = await populated();
  const bob = await contentOf(before.world, BOB, []);
  valueOf(await eraseAccount(before.ports)(ADA));
  valueOf(await eraseAccount(before.ports)(ADA));
  await assertOnlyBobIsLeft(before, bob);
});

erasing('tokens of the person speak for nobody from then on, and those of the neighbour still do', async () => {
  const { ports } = await populated();
  assert.is(valueOf(await wasErased(ports)(ADA)), false);
  valueOf(await eraseAccount(ports)(ADA));
  assert.equal([valueOf(await wasErased(ports)(ADA)), valueOf(await wasErased(ports)(BOB))], [true, false]);
});

erasing('when it cannot be remembered that the person is gone, the same call again ends it', async () => {
  const before = await populated();
  const bob = await contentOf(before.world, BOB, []);
  let calls = 0;
  const erasedOwners = replacing(before.world.erasedOwners, {
    remember: (...args) =>
      calls++ === 0
        ? errAsync(portUnavailable('ErasedOwners', 'remember', 'planted'))
        : before.world.erasedOwners.remember(...args),
  });
  const broken = { ...before.ports, erasedOwners };
  assert.is(errorOf(await eraseAccount(broken)(ADA)).port, 'ErasedOwners');
  assert.is(valueOf(await wasErased(broken)(ADA)), false, 'who asks again is let in');
  valueOf(await eraseAccount(broken)(ADA));
  assert.is(valueOf(await wasErased(broken)(ADA)), true);
  await assertOnlyBobIsLeft(before, bob);
});

for (const step of [
  'queue',
  'uploads',
  'samples',
  'metrics',
  'analyses',
  'insights',
  'ownerEvents',
  'webhooks',
  'consents',
  'objects',
  'auditPseudonyms',
  'dataKeys',
  'identities',
] as const) {
  for (const round of [1, 2] as const) {
    if (step === 'identities' && round === 2) continue;
    erasing(`an error of ${step} in round ${round} is answered, and the same call again ends it`, async () => {
      const before = await populated();
      const bob = await contentOf(before.world, BOB, []);
      let calls = 0;
      const failing =
        (erase: (user: UserId) => ReturnType<EraseAccountPorts['queue']['eraseOwner']>) => (user: UserId) =>
          ++calls === round ? errAsync(portUnavailable(step, 'erase', 'planted')) : erase(user);
      const { ports } = before;
      const broken: EraseAccountPorts =
        step === 'identities'
          ? { ...ports, identities: { eraseAccount: failing((user) => ports.identities.eraseAccount(user)) } }
          : { ...ports, [step]: { eraseOwner: failing((user) => ports[step].eraseOwner(user)) } };
      assert.is(errorOf(await eraseAccount(broken)(ADA)).port, step);
      // The account could not be read without its key, which goes after it.
      const outlives = round === 1 && step !== 'dataKeys';
      if (outlives) assert.ok(valueOf(await before.accounts.byId(ADA)), 'the account outlives the data');
      valueOf(await eraseAccount(broken)(ADA));
      await assertOnlyBobIsLeft(before, bob);
    });
  }
}

erasing('one store that does not answer keeps no other from forgetting', async () => {
  const before = await populated();
  const samples = { eraseOwner: () => errAsync(portUnavailable('SampleStore', 'eraseOwner', 'planted')) };
  errorOf(await eraseAccount({ ...before.ports, samples })(ADA));
  const left = await contentOf(before.world, ADA, before.ada.uploads);
  assert.ok(left.chunks.length > 0);
  assert.equal([left.uploads, left.objects, left.metrics, left.analyses], [[], [], [], []]);
});

erasing('what a request writes while the account still stands is removed by the second round', async () => {
  const before = await populated();
  const { world, ports } = before;
  const bob = await contentOf(world, BOB, []);
  let late: FullAccount | null = null;
  const identities = {
    eraseAccount: (user: UserId) =>
      okAsync(undefined)
        .map(async () => {
          late = await fillAccount(world, ADA, 'late');
        })
        .andThen(() => ports.identities.eraseAccount(user)),
  };
  valueOf(await eraseAccount({ ...ports, identities })(ADA));
  assert.ok(late);
  const uploads = [...before.ada.uploads, ...(late as FullAccount).uploads];
  await assertOnlyBobIsLeft({ ...before, ada: { ...before.ada, uploads } }, bob);
});

erasing('uploads are gone before what was made of them, so that a writer can tell', async () => {
  const { world, ports } = await populated();
  const seen: number[] = [];
  const looking = replacing(world.samples, {
    eraseOwner: (user) =>
      world.uploads
        .list(user, 10)
        .map((uploads) => void seen.push(uploads.length))
        .andThen(() => world.samples.eraseOwner(user)),
  });
  valueOf(await eraseAccount({ ...ports, samples: looking })(ADA));
  assert.equal(seen, [0, 0]);
});

erasing.run();
