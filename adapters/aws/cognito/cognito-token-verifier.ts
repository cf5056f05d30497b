import { JwtVerifier } from 'aws-jwt-verify';
import { JwtBaseError, JwtInvalidClaimError } from 'aws-jwt-verify/error';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';
import { errAsync, ResultAsync } from 'neverthrow';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import type { Principal, Role, TokenVerifier } from '../../../core/auth/token-ports.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { userId } from '../../../core/kernel/ids.ts';
import type { AwsSettings } from '../settings.ts';
import { issuerOfPool } from './user-pool.ts';
import { UserPoolKeys, type UserPoolKeysOptions } from './user-pool-keys.ts';

export interface CognitoTokenVerifierDeps {
  readonly settings: AwsSettings;
  readonly userPoolId: string;
  /** The one app client whose tokens are taken. */
  readonly clientId: string;
  readonly keys?: UserPoolKeysOptions;
}

/** The longest token that is parsed. */
export const MAX_TOKEN_OCTETS = 8192;
/** How far this host's clock may be from Cognito's. */
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Checks access tokens of one app client of one user pool: RS256 signature, `exp`, `nbf`, `iat`, `iss`, `client_id` and
 * `token_use`. Groups of the pool named like roles are the person's roles. The keys are kept in memory.
 */
export class CognitoTokenVerifier implements TokenVerifier {
  readonly #verify: (token: string) => Promise<JwtPayload>;

  constructor({ settings, userPoolId, clientId, keys }: CognitoTokenVerifierDeps) {
    if (clientId === '') throw new RangeError('tokens are for a client, which must be named');
    const { issuers, jwksUri } = issuerOfPool(settings, userPoolId);
    const verifier = JwtVerifier.create(
      issuers.map((issuer) => ({
        issuer,
        jwksUri,
        // Access tokens of Cognito have no audience; their client is checked below.
        audience: null,
        graceSeconds: CLOCK_TOLERANCE_SECONDS,
        customJwtCheck: ({ header, payload }: { readonly header: JwtHeader; readonly payload: JwtPayload }) => {
          if (header.alg !== 'RS256') throw new RefusedClaim('Cognito signs by RS256', header.alg);
          checkClaims(payload, clientId);
        },
      })),
      { jwksCache: new UserPoolKeys(keys) },
    );
    this.#verify = (token) => verifier.verify(token);
  }

  verify(accessToken: string): ResultAsync<Principal, InvalidToken | PortUnavailable> {
    // Before anything is parsed. A text has at least as many octets as UTF-16 units; a real token is ASCII.
    if (accessToken.length > MAX_TOKEN_OCTETS) return errAsync(INVALID);
    return ResultAsync.fromPromise(this.#verify(accessToken), (cause) =>
      // Whatever is not said about the token is trouble on this side.
      cause instanceof JwtBaseError ? INVALID : portUnavailable('TokenVerifier', 'verify', cause),
    ).map(principalOf);
  }
}

const INVALID: InvalidToken = { kind: 'invalid-token' };

class RefusedClaim extends JwtInvalidClaimError {
  constructor(message: string, actual: unknown) {
    super(message, String(actual));
  }
}

/** What the library leaves open: the claims of an access token that must be there. */
function checkClaims(payload: JwtPayload, clientId: string): void {
  const { sub, exp, iat, token_use: use, client_id: client } = payload;
  if (use !== 'access') throw new RefusedClaim('not an access token', use);
  if (client !== clientId) throw new RefusedClaim('not for this client', client);
  if (typeof sub !== 'string' || sub === '') throw new RefusedClaim('no subject', sub);
  if (typeof exp !== 'number') throw new RefusedClaim('no end', exp);
  if (typeof iat !== 'number' || iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new RefusedClaim('from the future', iat);
  }
  if (sessionOf(payload) === null) throw new RefusedClaim('of no session', null);
}

const ROLES: ReadonlySet<string> = new Set<Role>(['patient', 'clinician', 'researcher', 'admin']);
const isRole = (group: unknown): group is Role => typeof group === 'string' && ROLES.has(group);

function rolesOf(groups: unknown): readonly Role[] {
  const roles = Array.isArray(groups) ? groups.filter(isRole) : [];
  return roles.length > 0 ? roles : ['patient'];
}

/** `origin_jti` is the same in all tokens of a login; clients that do not revoke tokens have ids of the token only. */
function sessionOf({ origin_jti: session, jti, event_id: event }: JwtPayload): string | null {
  for (const id of [session, jti, event]) if (typeof id === 'string' && id !== '') return id;
  return null;
}

/** Cognito's access tokens say nothing about the address. */
const principalOf = (payload: JwtPayload): Principal => ({
  userId: userId(payload.sub ?? ''),
  email: typeof payload['email'] === 'string' ? payload['email'] : null,
  emailVerified: payload['email_verified'] === true,
  sessionId: sessionOf(payload) ?? '',
  roles: rolesOf(payload['cognito:groups']),
  issuedAtMs: (payload.iat ?? 0) * 1000,
  expiresAtMs: (payload.exp ?? 0) * 1000,
});
