import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { settingsFor } from '../../emulators/emulators.ts';

export const POOL_ID = 'us-east-1_AbCdEfGhI';
export const CLIENT_ID = '1234567890abcdefghijklmnop';
export const USER = '11111111-1111-4111-8111-111111111111';

/** A key pair of a pool. */
export interface PoolKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function makeKey(kid: string): Promise<PoolKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

/** Where a pool publishes its keys: what it answers is the test's, and it counts how often it was asked. */
export async function serveKeys(keys: readonly PoolKey[]) {
  const state = { requests: 0, status: 200, body: '' };
  const publish = (published: readonly PoolKey[]): void => {
    state.body = JSON.stringify({ keys: published.map(({ publicJwk }) => publicJwk) });
  };
  publish(keys);
  const server = createServer((request, response) => {
    state.requests += 1;
    const isThere = request.url === `/${POOL_ID}/.well-known/jwks.json`;
    response.writeHead(isThere ? state.status : 404, { 'content-type': 'application/json' }).end(state.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    state,
    publish,
    settings: settingsFor({ cognito: url }),
    issuer: `${url}/${POOL_ID}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A token as Cognito makes them, good in every respect but the claims and the header that are changed. */
export function accessToken(
  { kid, privateKey }: PoolKey,
  issuer: string,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT({ ...goodClaims(issuer), ...claims })
    .setProtectedHeader({ kid, alg: 'RS256', ...header })
    .sign(privateKey);
}

export function goodClaims(issuer: string): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: USER,
    iss: issuer,
    client_id: CLIENT_ID,
    origin_jti: 'the login',
    event_id: 'the event',
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: now,
    exp: now + 900,
    iat: now,
    jti: 'the token',
    username: USER,
  };
}
