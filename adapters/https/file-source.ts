import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { FetchedFile, FileNotFetched, FileSource } from '../../core/pat/ports.ts';

/** A download that stalls longer than this is over. */
const DEADLINE_MS = 5 * 60_000;

/** Files of the web. Only `https:` is spoken, also after a redirect. */
export class HttpsFileSource implements FileSource {
  readonly #fetch: typeof fetch;

  /** Another `fetch`, for tests. */
  constructor(request: typeof fetch = fetch) {
    this.#fetch = request;
  }

  fetch(location: string, limitBytes: number): ResultAsync<FetchedFile, FileNotFetched> {
    const shown = withoutSecrets(location);
    const refuse = (reason: string): FileNotFetched => ({ kind: 'file-not-fetched', location: shown, reason });
    const read = async (): Promise<Result<FetchedFile, FileNotFetched>> => {
      if (!isHttps(location)) return err(refuse('it is not an https URL'));
      const response = await this.#fetch(location, { redirect: 'follow', signal: AbortSignal.timeout(DEADLINE_MS) });
      if (response.url !== '' && !isHttps(response.url)) return err(refuse('it leads away from https'));
      if (!response.ok) return err(refuse(`the server answered ${String(response.status)}`));
      const bytes = await upTo(response, limitBytes);
      if (bytes === null) return err(refuse(`it has more than ${String(limitBytes)} bytes`));
      return ok({ name: nameIn(location), location: shown, bytes });
    };
    return ResultAsync.fromPromise(read(), (cause) => refuse(`it cannot be fetched (${wordsOf(cause)})`)).andThen(
      (result) => result,
    );
  }
}

const isHttps = (location: string): boolean => URL.canParse(location) && new URL(location).protocol === 'https:';

/** Neither a password nor a signed query goes into a manifest. */
function withoutSecrets(location: string): string {
  if (!URL.canParse(location)) return location;
  const { protocol, host, pathname } = new URL(location);
  return `${protocol}//${host}${pathname}`;
}

const nameIn = (location: string): string => {
  const last = new URL(location).pathname.split('/').at(-1) ?? '';
  return last === '' ? 'download' : decodeURIComponent(last);
};

/** The body, or null where it is longer than the limit; then the rest is not read. */
async function upTo(response: Response, limitBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limitBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = (cause.cause ?? {}) as NodeJS.ErrnoException;
  return code ?? cause.message;
}
