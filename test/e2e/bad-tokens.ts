import { createPublicKey, type JsonWebKey } from 'node:crypto';
import {
  calculateJwkThumbprint,
  decodeJwt,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';

/** What a test may forge tokens with: a good one, the key that signed it, and a refresh token of the same session. */
export interface ForgeryKit {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly privateJwk: JWK;
}

/** The most that clocks may differ; a token that is further off than this is bad by every clock. */
export const MOST_TOLERANCE_SECONDS = 60;

/** Tokens that are good in every respect but one, by what is wrong with them. */
export async function badTokens({ accessToken, refreshToken, privateJwk }: ForgeryKit) {
  const good = decodeJwt(accessToken);
  const { kty = '', crv = '', x = '', y = '' } = privateJwk;
  const publicJwk = { kty, crv, x, y };
  const kid = await calculateJwkThumbprint(publicJwk);
  const key = (await importJWK(privateJwk, 'ES256')) as CryptoKey;
  const publicKey = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
  const secret = new TextEncoder().encode(await exportSPKI(publicKey));
  const forge = (claims: JWTPayload = {}, header: object = {}, signer: CryptoKey = key) =>
    new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT', ...header }).sign(signer);
  const nowSeconds = good.iat ?? 0;
  return {
    /** Shows that what is forged here is refused for what is wrong with it, and for nothing else. */
    good: await forge(),
    bad: {
      'alg none': new UnsecuredJWT(good).encode(),
      'HS256 with the public key': await new SignJWT(good)
        .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
        .sign(secret),
      'another key': await forge({}, {}, (await generateKeyPair('ES256')).privateKey),
      'another issuer': await forge({ iss: 'https://evil.example.org' }),
      'another audience': await forge({ aud: 'another-app' }),
      'another token_use': await forge({ token_use: 'id' }),
      expired: await forge({ exp: nowSeconds - MOST_TOLERANCE_SECONDS }),
      'not yet valid': await forge({ nbf: nowSeconds + 3600, exp: nowSeconds + 7200 }),
      truncated: accessToken.slice(0, -1),
      'an unknown key id': await forge({}, { kid: 'another' }),
      '9 KB': await forge({ padding: 'x'.repeat(6_700) }),
      'of the wrong type': refreshToken,
    },
  };
}
