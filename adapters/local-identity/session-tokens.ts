import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { err, errAsync, fromThrowable, ok, ResultAsync, type Result } from 'neverthrow';
import { isRole } from '../../core/access/permissions.ts';
import type { InvalidToken } from '../../core/auth/errors.ts';
import type { Account, Session, ShownRefreshToken } from '../../core/auth/account-store.ts';
import type { TokenSet } from '../../core/auth/identity-ports.ts';
import type { Principal, Role } from '../../core/auth/token-ports.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type Ids, type UserId } from '../../core/kernel/ids.ts';
import { SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Short, because a signed token cannot be called back: a revoked session ends for good when its last one expires. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;
/** How long a login waits for its second factor. */
export const CHALLENGE_SECONDS = 5 * 60;
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

type TokenUse = 'access' | 'refresh' | 'challenge';

/** What a token is about: a person, and the session that it belongs to or, of a challenge, that it may become. */
type Subject = Pick<Session, 'userId' | 'sessionId'>;

/** The session that a token, checked in every respect, belongs to. */
interface TokenBearer {
  readonly userId: UserId;
  readonly sessionId: string;
}

/** A login that has come as far as its second factor. */
export interface HalfLogin extends TokenBearer {
  /** Another one for every password. */
  readonly passwordMark: string;
}

/**
 * Makes and reads the signed tokens of logins (JWT, RFC 7519). All carry `iss`, `aud`, `client_id`, `sub`, `sid`, `jti`,
 * `iat`, `exp` and `token_use`; access tokens also `email`, `email_verified`, `roles` and, more
 * exactly than `iat`, `issued_ms`; refresh tokens `rotation`, which counts
 * those of the session before them, and challenges `password_mark`.
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

  /**
   * Tokens for the session: an access token for 15 minutes, a refresh token until the session expires. They are made at an
   * instant before the account was looked at, so that what was changed of it since is found to be newer than they are.
   */
  issue(account: Account, session: Session, issuedAtMs: EpochMs): ResultAsync<TokenSet, PortUnavailable> {
    const nowSeconds = Math.floor(issuedAtMs / 1000);
    const identity = {
      email: account.email,
      email_verified: account.emailVerified,
      roles: account.roles,
      issued_ms: issuedAtMs,
    };
    return this.#keys.current().andThen((key) =>
      ResultAsync.combine([
        this.#sign(key, session, 'access', nowSeconds, nowSeconds + ACCESS_TOKEN_SECONDS, identity),
        this.#sign(key, session, 'refresh', nowSeconds, Math.floor(session.expiresAtMs / 1000), {
          rotation: session.rotation,
        }),
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
        roles: rolesIn(claims['roles']),
        // The verifier has made sure of both.
        issuedAtMs: typeof claims['issued_ms'] === 'number' ? claims['issued_ms'] : (claims.iat ?? 0) * 1000,
        expiresAtMs: (claims.exp ?? 0) * 1000,
      })),
    );
  }

  readRefreshToken(token: string): ResultAsync<Omit<ShownRefreshToken, 'nowMs'>, InvalidToken | PortUnavailable> {
    return this.#read(token, 'refresh').andThen((claims) =>
      // Tokens from before they were numbered are the first of their session.
      bearerOf(claims).map((bearer) => ({ ...bearer, rotation: Number(claims['rotation'] ?? 0) })),
    );
  }

  /** What a login is continued with, for five minutes. */
  issueChallenge({ passwordMark, ...login }: HalfLogin): ResultAsync<string, PortUnavailable> {
    const nowSeconds = Math.floor(this.#clock.now() / 1000);
    const claims = { password_mark: passwordMark };
    return this.#keys
      .current()
      .andThen((key) => this.#sign(key, login, 'challenge', nowSeconds, nowSeconds + CHALLENGE_SECONDS, claims));
  }

  readChallenge(token: string): ResultAsync<HalfLogin, InvalidToken | PortUnavailable> {
    return this.#read(token, 'challenge').andThen((claims) =>
      bearerOf(claims).map((bearer) => ({ ...bearer, passwordMark: String(claims['password_mark']) })),
    );
  }

  #sign(
    key: SigningKey,
    { userId: user, sessionId }: Subject,
    use: TokenUse,
    issuedAtSeconds: number,
    expiresAtSeconds: number,
    claims: JWTPayload,
  ): ResultAsync<string, PortUnavailable> {
    const token = new SignJWT({ ...claims, token_use: use, sid: sessionId, client_id: this.#audience })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: key.keyId, typ: 'JWT' })
      .setIssuer(this.#issuer)
      .setAudience(this.#audience)
      .setSubject(user)
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
    const keyId = keyIdOf(token);
    if (keyId === null) return errAsync(INVALID);
    return this.#keys
      .find(keyId)
      .andThen((key) => (key === null ? errAsync(INVALID) : this.#verifySignatureAndTimes(token, key)))
      .andThen((claims) => (this.#isMeantFor(use, claims) ? ok(claims) : err(INVALID)));
  }

  #verifySignatureAndTimes(token: string, key: SigningKey): ResultAsync<JWTPayload, InvalidToken | PortUnavailable> {
    const verified = jwtVerify(token, key.publicKey, {
      algorithms: [SIGNING_ALGORITHM],
      issuer: this.#issuer,
      audience: this.#audience,
      requiredClaims: ['exp', 'iat', 'sub', 'sid', 'jti'],
      clockTolerance: this.#clockToleranceSeconds,
      currentDate: new Date(this.#clock.now()),
    });
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
/** Tokens from before accounts had roles tell none: they are their owner's, and nobody else's. */
const PATIENT: readonly Role[] = ['patient'];

function rolesIn(claim: unknown): readonly Role[] {
  const roles = Array.isArray(claim) ? claim.filter(isRole) : [];
  return roles.length > 0 ? roles : PATIENT;
}

/** The key id of what may be a token; null where nothing of the kind can be read. */
const keyIdOf = (token: string): string | null =>
  fromThrowable(decodeProtectedHeader)(token)
    .map(({ kid }) => (typeof kid === 'string' ? kid : null))
    .unwrapOr(null);

function bearerOf({ sub, sid }: JWTPayload): Result<TokenBearer, InvalidToken> {
  if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '') return err(INVALID);
  return ok({ userId: userId(sub), sessionId: sid });
}
