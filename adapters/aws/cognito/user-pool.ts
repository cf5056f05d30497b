import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { AwsSettings } from '../settings.ts';

const POOL_ID = /^(?<region>[a-z]{2}(?:-[a-z]+)+-\d+)_[A-Za-z0-9]+$/;

/** `us-east-1` of `us-east-1_AbC123`; null for a pool of an emulator, whose ids carry none. */
export function regionOfPool(userPoolId: string): string | null {
  return POOL_ID.exec(userPoolId)?.groups?.['region'] ?? null;
}

/** Who signs a pool's tokens, and where the keys are. */
export interface TokenIssuer {
  /** The `iss` claims that its tokens may have. */
  readonly issuers: readonly string[];
  readonly jwksUri: string;
}

/**
 * The issuer of a pool is Cognito. Where the settings name another endpoint, the keys are there, and its tokens are in the
 * name of `<endpoint>/<pool id>` (as small emulators have it) or in Cognito's (private endpoints, fuller emulators).
 * Throws a `RangeError` for an id that Cognito cannot have given.
 */
export function issuerOfPool({ endpointUrls }: AwsSettings, userPoolId: string): TokenIssuer {
  const atAws = regionOfPool(userPoolId) === null ? null : CognitoJwtVerifier.parseUserPoolId(userPoolId);
  const endpoint = endpointUrls.cognito;
  if (endpoint !== null) {
    const issuer = `${endpoint.replace(/\/+$/, '')}/${userPoolId}`;
    return {
      issuers: atAws === null ? [issuer] : [issuer, atAws.issuer],
      jwksUri: `${issuer}/.well-known/jwks.json`,
    };
  }
  if (atAws === null) throw new RangeError('a user pool id is a region and a name, such as us-east-1_AbC123');
  return { issuers: [atAws.issuer], jwksUri: atAws.jwksUri };
}
