import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeMe } from '../../../core/auth/describe-me.ts';
import { updateMe } from '../../../core/auth/update-me.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { ADA, failing, identitiesAnswering, PROFILE } from './identities.ts';

const DOWN = portUnavailable('IdentityProvider', 'any', 'down');
const UNKNOWN = { kind: 'unknown-user' } as const;

test("the caller's account comes from the provider, not from the token", async () => {
  const { identities, asked } = identitiesAnswering();
  assert.equal(valueOf(await describeMe({ identities })({ ...ADA, email: null })), PROFILE);
  assert.equal(asked, [['profile', ADA.userId]]);
});

test('a caller whose account is gone, and a provider that is down, are told apart', async () => {
  for (const refusal of [UNKNOWN, DOWN]) {
    const { identities } = identitiesAnswering({ profile: failing(refusal) });
    assert.equal(errorOf(await describeMe({ identities })(ADA)), refusal);
  }
});

test('only what is given is changed, in its normal form', async () => {
  const changes = [
    [{}, {}],
    [{ displayName: undefined, email: undefined }, {}],
    [{ displayName: ' Countess ' }, { displayName: 'Countess' }],
    [{ displayName: '' }, { displayName: '' }],
    [{ email: ' Ada@Example.org ' }, { email: 'Ada@Example.org' }],
    [
      { displayName: 'A', email: 'a@example.org' },
      { displayName: 'A', email: 'a@example.org' },
    ],
  ] as const;
  for (const [given, passedOn] of changes) {
    const { identities, asked } = identitiesAnswering();
    assert.equal(valueOf(await updateMe({ identities })({ caller: ADA, ...given })), PROFILE);
    assert.equal(asked, [['changeProfile', ADA.userId, passedOn]]);
    // Equality does not see a field that is present but undefined.
    assert.equal(Object.keys(asked[0]?.[2] ?? {}), Object.keys(passedOn));
  }
});

test('every unacceptable field is named, and nothing is changed', async () => {
  const { identities, asked } = identitiesAnswering();
  const outcome = await updateMe({ identities })({ caller: ADA, displayName: 'x'.repeat(101), email: 'nowhere' });
  const error = errorOf(outcome);
  assert.ok(error.kind === 'input-rejected', error.kind);
  assert.equal(
    error.issues.map(({ pointer }) => pointer),
    ['/display_name', '/email'],
  );
  assert.equal(asked, []);
});

test("the provider's refusals are passed on", async () => {
  for (const refusal of [UNKNOWN, DOWN, { kind: 'email-taken' } as const]) {
    const { identities } = identitiesAnswering({ changeProfile: failing(refusal) });
    assert.equal(errorOf(await updateMe({ identities })({ caller: ADA, email: 'eve@example.org' })), refusal);
  }
});

test.run();
