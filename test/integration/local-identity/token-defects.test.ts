import { createPublicKey, type JsonWebKey } from 'node:crypto';
import fc from 'fast-check';
import {
  calculateJwkThumbprint,
  CompactSign,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
  decodeJwt,
} from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { AUDIENCE, ISSUER, localInstallation, START_MS } from './local-installation.ts';

const NOW = START_MS / 1000;
const TOLERANCE = 60;
const USER = '11111111-1111-4111-8111-111111111111';

const { provider, keys } = localInstallation({ clockToleranceSeconds: TOLERANCE });
await provider.prepare();
const privateJwk = JSON.parse(keys.json ?? '') as JWK;
const { kty = '', crv = '', x = '', y = '' } = privateJwk;
const publicJwk = { kty, crv, x, y };
const privateKey = (await importJWK(privateJwk, 'ES256')) as CryptoKey;
const kid = await calculateJwkThumbprint(publicJwk);

const GOOD_HEADER = { alg: 'ES256', kid, typ: 'JWT' };
const GOOD_CLAIMS: JWTPayload = {
  iss: ISSUER,
  aud: AUDIENCE,
  client_id: AUDIENCE,
  sub: USER,
  sid: 'session',
  jti: 'token',
  token_use: 'access',
  iat: NOW,
  exp: NOW + 900,
  email: 'ada@example.org',
  email_verified: true,
};

/** A token made with the installation's own key, good in every respect but the one that is changed. */
const forge = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, key = privateKey) =>
  new SignJWT({ ...GOOD_CLAIMS, ...claims }).setProtectedHeader({ ...GOOD_HEADER, ...header }).sign(key);

const without = async (claim: string) => forge({ [claim]: undefined });

async function assertAccepted(token: string): Promise<void> {
  const principal = valueOf(await provider.verify(token));
  assert.equal(principal, {
    userId: USER,
    email: 'ada@example.org',
    emailVerified: true,
    sessionId: 'session',
    roles: ['patient'],
    issuedAtMs: decodeJwt(token).iat! * 1000,
    expiresAtMs: decodeJwt(token).exp! * 1000,
  });
}

async function assertRefused(token: string): Promise<void> {
  assert.equal(errorOf(await provider.verify(token)), { kind: 'invalid-token' });
}

const base64url = (content: string) => Buffer.from(content).toString('base64url');

test('the token that each defect is put into is accepted without it', async () => {
  await assertAccepted(await forge());
});

test('defect 1: a token without a signature (alg none) is refused', async () => {
  await assertRefused(new UnsecuredJWT(GOOD_CLAIMS).encode());
  const [, payload, signature] = (await forge()).split('.');
  for (const alg of ['none', 'None', 'NONE', '']) {
    const header = base64url(JSON.stringify({ ...GOOD_HEADER, alg }));
    await assertRefused(`${header}.${payload}.`);
    await assertRefused(`${header}.${payload}.${signature}`);
  }
});

test('defect 2: a token signed by HS256 with the public key as the secret is refused', async () => {
  const publicKey = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
  const secrets = [
    await exportSPKI(publicKey),
    publicKey.export({ format: 'der', type: 'spki' }),
    JSON.stringify(publicJwk),
    x,
  ];
  for (const secret of secrets) {
    const token = await new SignJWT(GOOD_CLAIMS)
      .setProtectedHeader({ ...GOOD_HEADER, alg: 'HS256' })
      .sign(typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret));
    await assertRefused(token);
  }
});

test('defect 3: a token signed by another key under the same key id is refused', async () => {
  const other = await generateKeyPair('ES256');
  await assertRefused(await forge({}, {}, other.privateKey));
  const embedded = await forge({}, { jwk: publicJwk, jku: 'https://evil.example.org/keys' }, other.privateKey);
  await assertRefused(embedded);
});

test('defect 4: a token of another issuer is refused', async () => {
  for (const iss of ['https://evil.example.org', `${ISSUER}/`, '', undefined])
    await assertRefused(await forge({ iss }));
});

test('defect 5: a token for another audience or client is refused', async () => {
  for (const aud of ['another-app', [], ['another-app'], undefined]) await assertRefused(await forge({ aud }));
  for (const client_id of ['another-app', [AUDIENCE], undefined]) await assertRefused(await forge({ client_id }));
});

test('defect 6: a token for another use is refused', async () => {
  for (const token_use of ['refresh', 'id', 'ACCESS', true, undefined]) await assertRefused(await forge({ token_use }));
});

test('defect 7: an expired token is refused as soon as the tolerance is over', async () => {
  await assertAccepted(await forge({ exp: NOW - TOLERANCE + 1 }));
  await assertRefused(await forge({ exp: NOW - TOLERANCE }));
  await assertRefused(await forge({ exp: NOW - 86_400 }));
});

test('defect 8: a token that is not valid yet is refused beyond the tolerance', async () => {
  await assertAccepted(await forge({ nbf: NOW + TOLERANCE, iat: NOW + TOLERANCE }));
  await assertRefused(await forge({ nbf: NOW + TOLERANCE + 1 }));
  await assertRefused(await forge({ iat: NOW + TOLERANCE + 1 }));
});

test('defect 9: a token cut off anywhere is refused', async () => {
  const token = await forge();
  for (let length = 0; length < token.length; length += 1) await assertRefused(token.slice(0, length));
});

test('defect 10: a token under an unknown key id, or none, is refused even when its signature is right', async () => {
  for (const unknown of ['another', `${kid} `, '', undefined]) await assertRefused(await forge({}, { kid: unknown }));
});

test('defect 11: a token over 8 KiB is refused even when its signature is right', async () => {
  const fitting = await forge({ padding: 'x'.repeat(5_600) });
  assert.ok(fitting.length > 7_500 && fitting.length <= 8_192, `${fitting.length} octets`);
  await assertAccepted(fitting);
  const oversize = await forge({ padding: 'x'.repeat(6_000) });
  assert.ok(oversize.length > 8_192 && oversize.length < 9_000, `${oversize.length} octets`);
  await assertRefused(oversize);
});

test('defect 12: what is not a JWT with claims is refused, signed or not', async () => {
  for (const text of ['', ' ', 'null', 'abc', '{}', '..', 'a.b.c.d.e', base64url('{}')]) await assertRefused(text);
  for (const content of ['[]', 'null', '"text"', 'not JSON', '']) {
    const signed = await new CompactSign(new TextEncoder().encode(content))
      .setProtectedHeader(GOOD_HEADER)
      .sign(privateKey);
    await assertRefused(signed);
  }
});

test('a token without an expiry, issue time, id, subject or session is refused', async () => {
  for (const claim of ['exp', 'iat', 'jti', 'sub', 'sid']) await assertRefused(await without(claim));
  for (const wrong of ['', 7, null]) {
    await assertRefused(await forge({ sub: wrong }));
    await assertRefused(await forge({ sid: wrong }));
  }
  for (const wrong of ['soon', null]) {
    await assertRefused(await forge({ exp: wrong }));
    await assertRefused(await forge({ iat: wrong }));
  }
});

test('claims changed after signing are refused', async () => {
  const [header, , signature] = (await forge()).split('.');
  const payload = base64url(JSON.stringify({ ...GOOD_CLAIMS, sub: '22222222-2222-4222-8222-222222222222' }));
  await assertRefused(`${header}.${payload}.${signature}`);
});

test('no text is taken for a token, and none makes the check itself fail', async () => {
  const token = await forge();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const part = fc.oneof(
    fc.constantFrom(header, payload, signature, ''),
    fc.string({ unit: 'binary' }),
    fc.json().map(base64url),
    fc
      .record({
        alg: fc.constantFrom('none', 'HS256', 'ES256', 'RS256', 'EdDSA'),
        kid: fc.constant(kid),
        b64: fc.boolean(),
      })
      .map((fields) => base64url(JSON.stringify(fields))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
        fc.string({ unit: 'binary' }),
      ),
      async (text) => {
        fc.pre(text !== token);
        await assertRefused(text);
      },
    ),
    { numRuns: 500 },
  );
});

test.run();
