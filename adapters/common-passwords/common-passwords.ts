import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ResultAsync } from 'neverthrow';
import { foldedPassword } from '../../core/auth/acceptable-password.ts';
import type { KnownPasswords } from '../../core/auth/password-ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

/** A list with fewer passwords is not the one that is meant. */
const LEAST_LISTED = 10_000;

/** Some 49,000, those that most people had first, in lower case. */
const LIST = '@zxcvbn-ts/language-common/src/passwords.json';

/** The passwords that were found most often in breaches. The list is read once, when it is first asked for. */
export class CommonPasswords implements KnownPasswords {
  readonly #file: string;
  #list: Promise<ReadonlySet<string>> | null = null;

  constructor(file: string = createRequire(import.meta.url).resolve(LIST)) {
    this.#file = file;
  }

  includes(password: string): ResultAsync<boolean, PortUnavailable> {
    this.#list ??= read(this.#file);
    const list = this.#list;
    return ResultAsync.fromPromise(list, (cause) => {
      // The next call may try again.
      if (this.#list === list) this.#list = null;
      return portUnavailable('KnownPasswords', 'includes', cause);
    }).map((passwords) => passwords.has(foldedPassword(password)));
  }
}

async function read(file: string): Promise<ReadonlySet<string>> {
  const all: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(all) || all.length < LEAST_LISTED) throw new TypeError('not a list of passwords');
  return new Set(all.map((password) => foldedPassword(String(password))));
}
