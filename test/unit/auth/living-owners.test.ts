import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryErasedOwners } from '../../../adapters/memory/erased-owners.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { endTokens } from '../../../core/account/ended-tokens.ts';
import { rememberErased, type ErasedOwners } from '../../../core/account/erased-owners.ts';
import { authenticate } from '../../../core/auth/authenticate.ts';
import { LOOKED_UP_FOR_MS, ofLivingOwners } from '../../../core/auth/living-owners.ts';
import { LookedUpOwners } from '../../../core/auth/looked-up-owners.ts';
import type { Principal, Role, TokenVerifier } from '../../../core/auth/token-ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const living = suite('tokens of living owners');

const principalOf = (id: string): Principal => ({
  userId: userId(id),
  email: null,
  emailVerified: false,
  sessionId: 'session',
  roles: ['patient'],
  issuedAtMs: 0,
  expiresAtMs: 1e15,
});

/** Takes every token for that of the person it names, but for one. */
const TOKENS: TokenVerifier = {
  verify: (token) => (token === 'forged' ? errAsync({ kind: 'invalid-token' }) : okAsync(principalOf(token))),
};

function world() {
  const clock = new SettableClock();
  const store = new MemoryErasedOwners();
  let looked = 0;
  const counting: ErasedOwners = {
    remember: (...args) => store.remember(...args),
    isRemembered: (...args) => ((looked += 1), store.isRemembered(...args)),
    rememberedUntil: (...args) => store.rememberedUntil(...args),
  };
  const ports = { erasedOwners: counting, digest: nodeDigest, clock };
  const tokens = ofLivingOwners(TOKENS, ports);
  return { clock, ports, tokens, ask: authenticate({ tokens }), looks: () => looked };
}

living('a token is refused from the moment its person is erased, whatever is asked for', async () => {
  const { ports, ask } = world();
  assert.is(valueOf(await ask('ada')).userId, 'ada');
  valueOf(await rememberErased(ports)(userId('ada')));
  assert.is(errorOf(await ask('ada')).kind, 'invalid-token');
  assert.is(errorOf(await ask('ada', 'write')).kind, 'invalid-token');
  assert.is(errorOf(await ask('ada', 'read')).kind, 'invalid-token');
  assert.is(valueOf(await ask('bob')).userId, 'bob');
});

living('a reader is looked up once in a while, a writer every time', async () => {
  const { clock, ask, looks } = world();
  for (let times = 0; times < 5; times += 1) valueOf(await ask('ada', 'read'));
  assert.is(looks(), 1);
  for (let times = 0; times < 5; times += 1) valueOf(await ask('ada', 'write'));
  assert.is(looks(), 6);
  valueOf(await ask('ada', 'read'));
  assert.is(looks(), 7);
  clock.nowMs += LOOKED_UP_FOR_MS - 1;
  valueOf(await ask('ada', 'read'));
  assert.is(looks(), 7);
  clock.nowMs += 1;
  valueOf(await ask('ada', 'read'));
  assert.is(looks(), 8);
});

living('whoever reads after the write that erased them is refused', async () => {
  const { ports, ask } = world();
  valueOf(await ask('ada', 'read'));
  valueOf(await ask('ada', 'write'));
  valueOf(await rememberErased(ports)(userId('ada')));
  assert.is(errorOf(await ask('ada', 'read')).kind, 'invalid-token');
});

living('a reader who is erased elsewhere is refused at the next look', async () => {
  const { clock, ports, ask } = world();
  valueOf(await ask('ada', 'read'));
  valueOf(await rememberErased(ports)(userId('ada')));
  valueOf(await ask('ada', 'read'));
  clock.nowMs += LOOKED_UP_FOR_MS;
  assert.is(errorOf(await ask('ada', 'read')).kind, 'invalid-token');
});

living('a writer who is refused is refused as a reader too', async () => {
  const { ports, ask } = world();
  valueOf(await ask('ada', 'read'));
  valueOf(await rememberErased(ports)(userId('ada')));
  errorOf(await ask('ada', 'write'));
  assert.is(errorOf(await ask('ada', 'read')).kind, 'invalid-token');
});

living('somebody is remembered for longer than any token lives', async () => {
  const { clock, ports, ask } = world();
  valueOf(await rememberErased(ports)(userId('ada')));
  clock.nowMs += 24 * 3_600_000;
  assert.is(errorOf(await ask('ada')).kind, 'invalid-token');
  clock.nowMs += 2 * 3_600_000;
  assert.is(valueOf(await ask('ada')).userId, 'ada');
});

living('what is remembered does not name the person', async () => {
  const seen: string[] = [];
  const erasedOwners: ErasedOwners = {
    remember: (mark) => (seen.push(mark), okAsync(undefined)),
    isRemembered: () => okAsync(false),
    rememberedUntil: () => okAsync(null),
  };
  valueOf(await rememberErased({ ...world().ports, erasedOwners })(userId('ada')));
  assert.is(seen.length, 1);
  assert.match(seen[0] ?? '', /^[0-9a-f]{64}$/);
});

living('more people than are kept in mind are looked up anew', async () => {
  const { ask, looks } = world();
  for (let person = 0; person < 10_001; person += 1) valueOf(await ask(`person-${String(person)}`, 'read'));
  valueOf(await ask('person-10000', 'read'));
  assert.is(looks(), 10_001);
  valueOf(await ask('person-0', 'read'));
  assert.is(looks(), 10_002);
});

living('a wrong token is not looked up; a store that does not answer lets nobody in', async () => {
  const { ports, ask, looks } = world();
  assert.is(errorOf(await ask('forged')).kind, 'invalid-token');
  assert.is(looks(), 0);
  const erasedOwners: ErasedOwners = {
    ...ports.erasedOwners,
    isRemembered: () => errAsync(portUnavailable('ErasedOwners', 'isRemembered', 'planted')),
  };
  const tokens = ofLivingOwners(TOKENS, { ...ports, erasedOwners });
  assert.is(errorOf(await tokens.verify('ada')).kind, 'port-unavailable');
});

/** Takes `<name> <role> <instant>` for a token of that person, made at that instant. */
const MADE: TokenVerifier = {
  verify: (token) => {
    const [name = '', role = '', instant = ''] = token.split(' ');
    return okAsync({ ...principalOf(name), roles: [role as Role], issuedAtMs: Number(instant) });
  },
};

living('tokens that were made up to the moment at which they were ended are refused, later ones are not', async () => {
  const { clock, ports } = world();
  const tokens = ofLivingOwners(MADE, ports);
  const endedAtMs = clock.now();
  valueOf(await endTokens(ports)(userId('ada')));
  for (const purpose of ['write', 'read'] as const) {
    for (const made of [0, endedAtMs - 1, endedAtMs]) {
      assert.is(errorOf(await tokens.verify(`ada patient ${String(made)}`, purpose)).kind, 'invalid-token');
    }
    valueOf(await tokens.verify(`ada patient ${String(endedAtMs + 1)}`, purpose));
    valueOf(await tokens.verify('bob patient 0', purpose));
  }
  clock.nowMs += 1000;
  valueOf(await endTokens(ports)(userId('ada')));
  assert.is(errorOf(await tokens.verify(`ada patient ${String(endedAtMs + 1)}`)).kind, 'invalid-token');
});

living('whose tokens were ended in this process is refused at the next reading, too', async () => {
  const { clock, ports } = world();
  const lookedUp = new LookedUpOwners();
  const tokens = ofLivingOwners(MADE, ports, lookedUp);
  valueOf(await tokens.verify('ada patient 0', 'read'));
  valueOf(await endTokens(ports)(userId('ada')));
  valueOf(await tokens.verify('ada patient 0', 'read'));
  lookedUp.forget(userId('ada'));
  assert.is(errorOf(await tokens.verify('ada patient 0', 'read')).kind, 'invalid-token');
  assert.is(errorOf(await tokens.verify('ada patient 0', 'read')).kind, 'invalid-token', 'as it was found');
  valueOf(await tokens.verify(`ada patient ${String(clock.now() + 1)}`, 'read'));
});

living('whoever may read more than their own is looked up every time', async () => {
  for (const role of ['clinician', 'researcher', 'admin']) {
    const { ports } = world();
    const tokens = ofLivingOwners(MADE, ports);
    valueOf(await tokens.verify(`ada ${role} 0`, 'read'));
    valueOf(await endTokens(ports)(userId('ada')));
    assert.is(errorOf(await tokens.verify(`ada ${role} 0`, 'read')).kind, 'invalid-token');
  }
});

living.run();
