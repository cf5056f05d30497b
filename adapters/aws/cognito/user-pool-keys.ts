import { KidNotFoundInJwksError, JwtWithoutValidKidError } from 'aws-jwt-verify/error';
import { assertIsJwks, type Jwk, type Jwks, type JwksCache } from 'aws-jwt-verify/jwk';

/** A signing key of a pool, with the id that tokens name it by. */
type KeyWithId = Jwk & { readonly kid: string };

/** The parts of a token that decide on its key. */
interface TokenHead {
  readonly header: { readonly kid?: unknown };
}

export interface UserPoolKeysOptions {
  /** A monotonic clock. */
  readonly nowMs?: () => number;
  /** Fetches a key set; rejects when there is none to be had. */
  readonly fetchKeys?: (jwksUri: string) => Promise<unknown>;
}

/** Between two looks for a key that was not there: anybody can make up a key id, and Cognito announces its keys early. */
const UNKNOWN_KEY_WAIT_MS = 10_000;
/** Between two tries of an endpoint that does not answer, so that a storm of requests does not become one of fetches. */
const UNREACHABLE_WAIT_MS = 1000;
const FETCH_MS = 3000;

/**
 * The public keys of one user pool, fetched when a token first needs them and again when one names a key that is not
 * among them: at most once at a time and once in 10 seconds, however many tokens ask. In between nothing is fetched.
 */
export class UserPoolKeys implements JwksCache {
  readonly #nowMs: () => number;
  readonly #fetchKeys: (jwksUri: string) => Promise<unknown>;
  #keys: Jwks | null = null;
  #fetching: Promise<Jwks> | null = null;
  #waitUntilMs = Number.NEGATIVE_INFINITY;
  /** Why the last fetch came to nothing; null when it brought keys. */
  #failure: KeysUnreachable | null = null;

  constructor({ nowMs = () => performance.now(), fetchKeys = fetchJson }: UserPoolKeysOptions = {}) {
    this.#nowMs = nowMs;
    this.#fetchKeys = fetchKeys;
  }

  /** The key, from memory where it is there. Rejects with the fetch's error while the endpoint does not answer. */
  async getJwk(jwksUri: string, token: TokenHead): Promise<KeyWithId> {
    const known = this.#find(token);
    if (known !== null) return known;
    if (this.#nowMs() < this.#waitUntilMs) {
      if (this.#failure !== null) throw this.#failure;
      throw unknownKey();
    }
    await this.getJwks(jwksUri);
    const fetched = this.#find(token);
    if (fetched !== null) return fetched;
    this.#waitUntilMs = this.#nowMs() + UNKNOWN_KEY_WAIT_MS;
    throw unknownKey();
  }

  getCachedJwk(_jwksUri: string, token: TokenHead): KeyWithId {
    const known = this.#find(token);
    if (known === null) throw unknownKey();
    return known;
  }

  addJwks(_jwksUri: string, jwks: Jwks): void {
    this.#keys = jwks;
  }

  /** Fetches the key set; whoever asks meanwhile waits for the same answer. */
  getJwks(jwksUri: string): Promise<Jwks> {
    this.#fetching ??= this.#fetch(jwksUri).finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #fetch(jwksUri: string): Promise<Jwks> {
    try {
      const jwks = (await this.#fetchKeys(jwksUri)) as Jwks;
      assertIsJwks(jwks);
      this.#keys = jwks;
      this.#failure = null;
      return jwks;
    } catch (cause) {
      this.#failure = new KeysUnreachable(jwksUri, cause);
      this.#waitUntilMs = this.#nowMs() + UNREACHABLE_WAIT_MS;
      throw this.#failure;
    }
  }

  #find({ header }: TokenHead): KeyWithId | null {
    const { kid } = header;
    if (typeof kid !== 'string') throw new JwtWithoutValidKidError('the token names no key');
    return (this.#keys?.keys.find((key) => key.kid === kid) as KeyWithId | undefined) ?? null;
  }
}

/** The endpoint of the keys does not answer, or with something else. It says nothing about the token. */
export class KeysUnreachable extends Error {
  override readonly name = 'KeysUnreachable';
  constructor(jwksUri: string, cause: unknown) {
    super(`${jwksUri}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const unknownKey = () => new KidNotFoundInJwksError('no key of the pool has the id that the token names');

async function fetchJson(uri: string): Promise<unknown> {
  const response = await fetch(uri, { signal: AbortSignal.timeout(FETCH_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`status ${String(response.status)}`);
  return response.json();
}
