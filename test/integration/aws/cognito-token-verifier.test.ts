import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CognitoTokenVerifier } from '../../../adapters/aws/cognito/cognito-token-verifier.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { accessToken, CLIENT_ID, goodClaims, makeKey, POOL_ID, serveKeys, USER } from './pool-keys-server.ts';

const verifying = suite('Cognito token verifier');

const key = await makeKey('key 1');
const nextKey = await makeKey('key 2');

let pool: Awaited<ReturnType<typeof serveKeys>>;
let verifier: CognitoTokenVerifier;
const time = { nowMs: 0 };

verifying.before.each(async () => {
  pool = await serveKeys([key]);
  time.nowMs = 0;
  verifier = make();
});
verifying.after.each(() => pool.close());

const make = () =>
  new CognitoTokenVerifier({
    settings: pool.settings,
    userPoolId: POOL_ID,
    clientId: CLIENT_ID,
    keys: { nowMs: () => time.nowMs },
  });

const forge = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = key) =>
  accessToken(by, pool.issuer, claims, header);

async function assertRefused(token: string, what = ''): Promise<void> {
  assert.equal(errorOf(await verifier.verify(token)), { kind: 'invalid-token' }, what);
}

const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;
const base64url = (content: string): string => Buffer.from(content).toString('base64url');

verifying('a token of the pool speaks for its user', async () => {
  const [iat, exp] = [seconds(0), seconds(600)];
  assert.equal(valueOf(await verifier.verify(await forge({ iat, exp }))), {
    userId: USER,
    email: null,
    emailVerified: false,
    sessionId: 'the login',
    roles: ['patient'],
    issuedAtMs: iat * 1000,
    expiresAtMs: exp * 1000,
  });
});

verifying('groups named like roles are roles, all others are ignored', async () => {
  const rolesFor = async (groups: unknown) =>
    valueOf(await verifier.verify(await forge({ 'cognito:groups': groups }))).roles;
  assert.equal(await rolesFor(['clinician', 'us-east-1_AbC_Google', 'admin']), ['clinician', 'admin']);
  for (const groups of [[], ['Admin', 'root', 7, null], 'admin', { admin: true }, null]) {
    assert.equal(await rolesFor(groups), ['patient'], JSON.stringify(groups));
  }
});

verifying('the session is that of the login, or else of the token', async () => {
  const sessionFor = async (claims: Record<string, unknown>) =>
    valueOf(await verifier.verify(await forge(claims))).sessionId;
  assert.is(await sessionFor({ origin_jti: undefined }), 'the token');
  assert.is(await sessionFor({ origin_jti: '', jti: undefined }), 'the event');
  await assertRefused(await forge({ origin_jti: undefined, jti: undefined, event_id: undefined }));
});

verifying('an address is taken from a token where a trigger of the pool has put it there', async () => {
  const { email, emailVerified } = valueOf(
    await verifier.verify(await forge({ email: 'ada@example.org', email_verified: true })),
  );
  assert.equal([email, emailVerified], ['ada@example.org', true]);
});

verifying('a token without a signature is refused', async () => {
  await assertRefused(new UnsecuredJWT(goodClaims(pool.issuer)).encode());
  const [, payload, signature] = (await forge()).split('.');
  for (const alg of ['none', 'None', 'NONE', '']) {
    const header = base64url(JSON.stringify({ alg, kid: key.kid }));
    await assertRefused(`${header}.${payload}.`, alg);
    await assertRefused(`${header}.${payload}.${signature}`, alg);
  }
});

verifying('a token signed by HS256 with the public key as the secret is refused', async () => {
  const publicKey = createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });
  for (const secret of [
    new TextEncoder().encode(await exportSPKI(publicKey)),
    new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    new TextEncoder().encode(JSON.stringify(key.publicJwk)),
  ]) {
    const token = await new SignJWT(goodClaims(pool.issuer))
      .setProtectedHeader({ alg: 'HS256', kid: key.kid })
      .sign(secret);
    await assertRefused(token);
  }
});

verifying('a token of another algorithm is refused, also by a key that the pool publishes', async () => {
  const { privateKey } = await generateKeyPair('RS512', { extractable: true });
  await assertRefused(await accessToken({ ...key, privateKey }, pool.issuer, {}, { alg: 'RS512' }));
});

verifying('a token signed by another key under the same id is refused', async () => {
  await assertRefused(await forge({}, { kid: key.kid }, nextKey));
  await assertRefused(await forge({}, { kid: key.kid, jwk: nextKey.publicJwk, jku: pool.issuer }, nextKey));
});

verifying('a token of another issuer, client, use, subject or time is refused', async () => {
  const defects: readonly Record<string, unknown>[] = [
    { iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Another' },
    { iss: `${pool.issuer}/` },
    { iss: undefined },
    { client_id: 'another-client' },
    { client_id: [CLIENT_ID] },
    { client_id: undefined },
    { client_id: undefined, aud: CLIENT_ID },
    { token_use: 'id' },
    { token_use: 'refresh' },
    { token_use: 'ACCESS' },
    { token_use: undefined },
    { sub: undefined },
    { sub: '' },
    { sub: 7 },
    { exp: seconds(-3600) },
    { exp: undefined },
    { exp: 'never' },
    { nbf: seconds(3600) },
    { iat: seconds(3600) },
    { iat: undefined },
  ];
  for (const defect of defects) await assertRefused(await forge(defect), JSON.stringify(defect));
});

verifying('the identity token of the same login is refused', async () => {
  const claims = { token_use: 'id', aud: CLIENT_ID, client_id: undefined, email: 'ada@example.org' };
  await assertRefused(await forge(claims));
});

verifying('clocks may differ by half a minute and not by more', async () => {
  valueOf(await verifier.verify(await forge({ exp: seconds(-10), iat: seconds(10), nbf: seconds(10) })));
  await assertRefused(await forge({ exp: seconds(-60) }));
  await assertRefused(await forge({ iat: seconds(60) }));
  await assertRefused(await forge({ nbf: seconds(60) }));
});

verifying('a token cut off anywhere is refused', async () => {
  const token = await forge();
  for (let length = 0; length < token.length; length += 7) await assertRefused(token.slice(0, length));
});

verifying('text that is no token, or too long for one, is refused without asking for keys', async () => {
  const oversize = await forge({ padding: 'x'.repeat(6000) });
  assert.ok(oversize.length > 8192 && oversize.length < 9500, `${String(oversize.length)} octets`);
  const texts = [oversize, 'x'.repeat(100_000), '', ' ', '..', 'a.b.c', 'null', '{}', 'a.b.c.d.e', '\u0000', '\ud800'];
  for (const text of texts) await assertRefused(text, text.slice(0, 20));
  for (const payload of ['[]', 'null', '"text"', 'no JSON', '']) {
    await assertRefused(`${base64url('{"alg":"RS256","kid":"key 1"}')}.${base64url(payload)}.AAAA`, payload);
  }
  await assertRefused(await forge({}, { kid: undefined }));
  assert.is(pool.state.requests, 0);
  valueOf(await verifier.verify(await forge({ padding: 'x'.repeat(4000) })));
});

verifying('keys are fetched once, however many tokens come at the same time and afterwards', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => forge({ jti: `token ${String(i)}` })));
  for (const outcome of await Promise.all(tokens.map((token) => verifier.verify(token)))) valueOf(outcome);
  time.nowMs += 24 * 3_600_000;
  for (const token of tokens) valueOf(await verifier.verify(token));
  assert.is(pool.state.requests, 1);
});

verifying('a new key is fetched once, and the old one stays good while it is published', async () => {
  const old = await forge();
  valueOf(await verifier.verify(old));
  pool.publish([key, nextKey]);
  const fresh = await Promise.all(Array.from({ length: 10 }, () => forge({}, {}, nextKey)));
  for (const outcome of await Promise.all(fresh.map((token) => verifier.verify(token)))) valueOf(outcome);
  valueOf(await verifier.verify(old));
  assert.is(pool.state.requests, 2);
});

verifying('a key that is no longer published is refused once another one was fetched', async () => {
  const old = await forge();
  valueOf(await verifier.verify(old));
  pool.publish([nextKey]);
  valueOf(await verifier.verify(await forge({}, {}, nextKey)));
  time.nowMs += 10_000;
  await assertRefused(old);
});

verifying('a thousand made-up key ids cause one fetch in ten seconds, and known keys go on working', async () => {
  const good = await forge();
  valueOf(await verifier.verify(good));
  const [, payload, signature] = good.split('.');
  const madeUp = (i: number) =>
    `${base64url(JSON.stringify({ alg: 'RS256', kid: `made up ${String(i)}` }))}.${payload}.${signature}`;
  for (let i = 0; i < 1000; i += 1) await assertRefused(madeUp(i));
  assert.is(pool.state.requests, 2);
  valueOf(await verifier.verify(good));

  time.nowMs += 9_999;
  await assertRefused(madeUp(1000));
  assert.is(pool.state.requests, 2);
  time.nowMs += 1;
  await Promise.all(Array.from({ length: 100 }, (_, i) => assertRefused(madeUp(2000 + i))));
  assert.is(pool.state.requests, 3);
  pool.publish([key, nextKey]);
  time.nowMs += 10_000;
  valueOf(await verifier.verify(await forge({}, {}, nextKey)));
});

verifying('keys that cannot be fetched are trouble of this side, which passes', async () => {
  const token = await forge();
  for (const [status, body] of [
    [500, '{}'],
    [404, '{}'],
    [200, 'no JSON'],
    [200, '{"keys":7}'],
    [200, 'null'],
  ] as const) {
    Object.assign(pool.state, { status, body, requests: 0 });
    for (let tries = 0; tries < 10; tries += 1) {
      const error = errorOf(await verifier.verify(token));
      assert.ok(error.kind === 'port-unavailable' && error.retryable, error.kind);
      assert.is(error.port, 'TokenVerifier');
    }
    // A dead endpoint is not flooded either.
    assert.is(pool.state.requests, 1);
    time.nowMs += 1000;
  }
  pool.state.status = 200;
  pool.publish([key]);
  valueOf(await verifier.verify(token));
});

verifying('an endpoint that is gone stops nobody whose key is known', async () => {
  const token = await forge();
  const unknown = await forge({}, {}, nextKey);
  valueOf(await verifier.verify(token));
  await pool.close();
  valueOf(await verifier.verify(token));
  assert.is(errorOf(await verifier.verify(unknown)).kind, 'port-unavailable');
  valueOf(await verifier.verify(token));
});

verifying(
  'a key that is not for signatures by RSA is trouble of the pool or an invalid token, never a principal',
  async () => {
    const token = await forge();
    for (const change of [{ use: 'enc' }, { kty: 'EC' }, { n: undefined }, { alg: 'RS512' }]) {
      pool.state.body = JSON.stringify({ keys: [{ ...key.publicJwk, ...change }] });
      assert.ok((await make().verify(token)).isErr(), JSON.stringify(change));
    }
  },
);

verifying('without another endpoint the issuer is that of the pool at AWS', async () => {
  const asked: string[] = [];
  const atAws = new CognitoTokenVerifier({
    settings: settingsFor({}),
    userPoolId: POOL_ID,
    clientId: CLIENT_ID,
    keys: {
      fetchKeys: (uri) => {
        asked.push(uri);
        return Promise.resolve({ keys: [key.publicJwk] });
      },
    },
  });
  const issuer = `https://cognito-idp.us-east-1.amazonaws.com/${POOL_ID}`;
  valueOf(await atAws.verify(await accessToken(key, issuer)));
  assert.equal(errorOf(await atAws.verify(await forge())), { kind: 'invalid-token' });
  assert.equal(asked, [`${issuer}/.well-known/jwks.json`]);
});

verifying(
  'behind another endpoint, tokens in the name of the endpoint and in that of AWS are taken, and no others',
  async () => {
    valueOf(await make().verify(await forge()));
    const atAws = `https://cognito-idp.us-east-1.amazonaws.com/${POOL_ID}`;
    valueOf(await make().verify(await accessToken(key, atAws)));
    for (const issuer of [`${atAws}x`, atAws.replace('us-east-1.', 'us-west-2.'), `${pool.issuer}x`]) {
      assert.equal(errorOf(await make().verify(await accessToken(key, issuer))), { kind: 'invalid-token' }, issuer);
    }
  },
);

verifying('settings that name no pool or no client stop the start', () => {
  const settings = settingsFor({});
  for (const userPoolId of ['', 'pool', 'local_AbC', 'us-east-1_', 'us-east-1_x/../y']) {
    assert.throws(() => new CognitoTokenVerifier({ settings, userPoolId, clientId: CLIENT_ID }), /user pool id/);
  }
  assert.throws(() => new CognitoTokenVerifier({ settings, userPoolId: POOL_ID, clientId: '' }), /client/);
});

verifying.run();
