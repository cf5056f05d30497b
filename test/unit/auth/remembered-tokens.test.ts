import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Principal, TokenVerifier } from '../../../core/auth/token-ports.ts';
import { REMEMBERED_FOR_MS, rememberingTokens } from '../../../core/auth/remembered-tokens.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const remembered = suite('remembered tokens');

/** Counts what it verifies; a token is its owner's name, and good for `goodForMs` from the start. */
function world(goodForMs = 15 * 60_000) {
  const clock = new SettableClock();
  const expiresAtMs = clock.nowMs + goodForMs;
  let verified = 0;
  const principalOf = (id: string): Principal => ({
    userId: userId(id),
    email: null,
    emailVerified: false,
    sessionId: 'session',
    roles: ['patient'],
    issuedAtMs: 0,
    expiresAtMs,
  });
  const verifier: TokenVerifier = {
    verify: (token) => {
      verified++;
      return token === 'forged' || clock.now() >= expiresAtMs
        ? errAsync({ kind: 'invalid-token' })
        : okAsync(principalOf(token));
    },
  };
  return { clock, tokens: rememberingTokens(verifier, clock), verified: () => verified };
}

remembered('a token is checked once within half a minute, each token for itself', async () => {
  const { clock, tokens, verified } = world();
  for (let i = 0; i < 3; i++) assert.is(valueOf(await tokens.verify('ada')).userId, 'ada');
  assert.is(valueOf(await tokens.verify('bob')).userId, 'bob');
  assert.is(verified(), 2);
  clock.nowMs += REMEMBERED_FOR_MS;
  valueOf(await tokens.verify('ada'));
  assert.is(verified(), 3);
});

remembered('a token is not remembered past its end', async () => {
  const { clock, tokens } = world(1000);
  valueOf(await tokens.verify('ada'));
  clock.nowMs += 999;
  valueOf(await tokens.verify('ada'));
  clock.nowMs += 1;
  assert.is(errorOf(await tokens.verify('ada')).kind, 'invalid-token');
});

remembered('what is refused is judged anew each time', async () => {
  const { tokens, verified } = world();
  for (let i = 0; i < 2; i++) assert.is(errorOf(await tokens.verify('forged')).kind, 'invalid-token');
  assert.is(verified(), 2);
});

remembered('so many tokens that they would fill the memory are forgotten', async () => {
  const { tokens, verified } = world();
  for (let i = 0; i <= 10_000; i++) valueOf(await tokens.verify(`person-${String(i)}`));
  valueOf(await tokens.verify('person-0'));
  assert.is(verified(), 10_002);
});

remembered.run();
