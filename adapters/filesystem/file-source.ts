import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { FetchedFile, FileNotFetched, FileSource } from '../../core/pat/ports.ts';

/** Files of this machine, named by a path or a `file:` URL. */
export class LocalFileSource implements FileSource {
  fetch(location: string, limitBytes: number): ResultAsync<FetchedFile, FileNotFetched> {
    const refuse = (reason: string): FileNotFetched => ({ kind: 'file-not-fetched', location, reason });
    const read = async (): Promise<Result<FetchedFile, FileNotFetched>> => {
      const file = location.startsWith('file:') ? fileURLToPath(location) : location;
      const facts = await stat(file);
      if (!facts.isFile()) return err(refuse('it is not a file'));
      if (facts.size > limitBytes) {
        return err(refuse(`it has ${String(facts.size)} bytes; at most ${String(limitBytes)} are read`));
      }
      const name = path.basename(file);
      // The folder is nobody's business but the operator's: the manifest travels with the models.
      return ok({ name, location: name, bytes: await readFile(file) });
    };
    return ResultAsync.fromPromise(read(), (cause) => refuse(wordsOf(cause))).andThen((result) => result);
  }
}

function wordsOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read by this user';
  return `it cannot be read (${message})`;
}
