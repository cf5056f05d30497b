import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import type { InvalidToken } from '../../core/auth/errors.ts';
import type { Account, Principal, Role, Session, TokenSet } from '../../core/auth/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type Ids, type UserId } from '../../core/kernel/ids.ts';
import { SIGNING_ALGORITHM, type SigningKey, type SigningKeys } from './signing-keys.ts';

/** Short, because a signed token cannot be called back: a revoked session ends for good when its last one expires. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;
/** The longest token that is parsed. */
export const MAX_TOKEN_OCTETS = 8192;
/** The most that two hosts' clocks may differ. */
export const MAX_CLOCK_TOLERANCE_SECONDS = 60;

export interface SessionTokensOptions {
  /** The `iss` claim: this installation's own address. */
  readonly issuer: string;
  /** The `aud` and `client_id` claims: the client that the tokens are for. */
  readonly audience: string;
  /** How far this host's clock may be from the one that signed; 30 unless told, at most 60. */
  readonly clockToleranceSeconds?: number;
}

type TokenUse = 'access' | 'refresh';

/** The session that a token, checked in every respect, belongs to. */
interface TokenBearer {
  readonly userId: UserId;
  readonly sessionId: string;
}

/**
 * Makes and reads the signed tokens of login sessions (JWT, RFC 7519). Both uses carry `iss`, `aud`, `client_id`,
 * `sub`, `sid`, `jti`, `iat`, `exp` and `token_use`; access tokens also `email` and `email_verified`.
 */
export class SessionTokens {
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #issuer: string;
  readonly #audience: string;
  readonly #clockToleranceSeconds: number;

  constructor(keys: SigningKeys, clock: Clock, ids: Ids, options: SessionTokensOptions) {
    const tolerance = options.clockToleranceSeconds ?? 30;
    if (!(tolerance >= 0 && tolerance <= MAX_CLOCK_TOLERANCE_SECONDS)) {
      throw new RangeError(`the clock tolerance must be 0 to ${MAX_CLOCK_TOLERANCE_SECONDS} seconds`);
    }
    if (options.issuer === '' || options.audience === '') throw new RangeError('tokens need an issuer and an audience');
    this.#keys = keys;
    this.#clock = clock;
    this.#ids = ids;
    this.#issuer = options.issuer;
    this.#audience = options.audience;
    this.#clockToleranceSeconds = tolerance;
  }

  /** Tokens for the session: an access token for 15 minutes, a refresh token until the session expires. */
  issue(account: Account, session: Session): ResultAsync<TokenSet, PortUnavailable> {
    const nowSeconds = Math.floor(this.#clock.now() / 1000);
    const identity = { email: account.email, email_verified: account.emailVerified };
    return this.#keys.current().andThen((key) =>
      ResultAsync.combine([
        this.#sign(key, session, 'access', nowSeconds, nowSeconds + ACCESS_TOKEN_SECONDS, identity),
        this.#sign(key, session, 'refresh', nowSeconds, Math.floor(session.expiresAtMs / 1000), {}),
      ]).map(([accessToken, refreshToken]) => ({
        accessToken,
        refreshToken,
        expiresInSeconds: ACCESS_TOKEN_SECONDS,
      })),
    );
  }

  readAccessToken(token: string): ResultAsync<Principal, InvalidToken | PortUnavailable> {
    return this.#read(token, 'access').andThen((claims) =>
      bearerOf(claims).map((bearer) => ({
        ...bearer,
        email: typeof claims['email'] === 'string' ? claims['email'] : null,
        emailVerified: claims['email_verified'] === true,
        roles: PATIENT,
        // The verifier has made sure of it.
        expiresAtMs: (claims.exp ?? 0) * 1000,
      })),
    );
  }

  readRefreshToken(token: string): ResultAsync<TokenBearer, InvalidToken | PortUnavailable> {
    return this.#read(token, 'refresh').andThen(bearerOf);
  }

  #sign(
    key: SigningKey,
    session: Session,
    use: TokenUse,
    issuedAtSeconds: number,
    expiresAtSeconds: number,
    identity: JWTPayload,
  ): ResultAsync<string, PortUnavailable> {
    const token = new SignJWT({ ...identity, token_use: use, sid: session.sessionId, client_id: this.#audience })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: key.keyId, typ: 'JWT' })
      .setIssuer(this.#issuer)
      .setAudience(this.#audience)
      .setSubject(session.userId)
      .setJti(this.#ids.uuid())
      .setIssuedAt(issuedAtSeconds)
      .setExpirationTime(expiresAtSeconds);
    return ResultAsync.fromPromise(token.sign(key.privateKey), (cause) =>
      portUnavailable('IdentityProvider', 'sign a token', cause),
    );
  }

  #read(token: string, use: TokenUse): ResultAsync<JWTPayload, InvalidToken | PortUnavailable> {
    // Before anything is parsed. A text has at least as many octets as UTF-16 units; a real token is ASCII.
    if (token.length > MAX_TOKEN_OCTETS) return errAsync(INVALID);
    return this.#keys
      .current()
      .andThen((key) => this.#verifySignatureAndTimes(token, key))
      .andThen((claims) => (this.#isMeantFor(use, claims) ? ok(claims) : err(INVALID)));
  }

  #verifySignatureAndTimes(token: string, key: SigningKey): ResultAsync<JWTPayload, InvalidToken | PortUnavailable> {
    const verified = jwtVerify(
      token,
      ({ kid }) => {
        if (kid !== key.keyId) throw new errors.JWKSNoMatchingKey();
        return key.publicKey;
      },
      {
        algorithms: [SIGNING_ALGORITHM],
        issuer: this.#issuer,
        audience: this.#audience,
        requiredClaims: ['exp', 'iat', 'sub', 'sid', 'jti'],
        clockTolerance: this.#clockToleranceSeconds,
        currentDate: new Date(this.#clock.now()),
      },
    );
    return ResultAsync.fromPromise(verified, (cause) =>
      // Everything else is this process failing, which must not read as the client's fault.
      cause instanceof errors.JOSEError ? INVALID : portUnavailable('TokenVerifier', 'verify a token', cause),
    ).map(({ payload }) => payload);
  }

  #isMeantFor(use: TokenUse, claims: JWTPayload): boolean {
    const latestSeconds = this.#clock.now() / 1000 + this.#clockToleranceSeconds;
    return (
      claims['token_use'] === use &&
      claims['client_id'] === this.#audience &&
      // RFC 7519 leaves a token from the future valid; this issuer never makes one.
      typeof claims.iat === 'number' &&
      claims.iat <= latestSeconds
    );
  }
}

const INVALID: InvalidToken = { kind: 'invalid-token' };
/** Whoever signs up by themselves has their own data and nobody else's; there is no other way to an account here. */
const PATIENT: readonly Role[] = ['patient'];

function bearerOf({ sub, sid }: JWTPayload): Result<TokenBearer, InvalidToken> {
  if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '') return err(INVALID);
  return ok({ userId: userId(sub), sessionId: sid });
}
