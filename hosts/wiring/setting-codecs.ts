import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** A variable's value, or `otherwise` where it is not set. */
export type ReadSetting = <A, D>(name: string, codec: t.Type<A, string>, otherwise: D) => A | D;

export interface SettingProblem {
  readonly variable: string;
  readonly message: string;
}

/** Reads variables by their codecs and notes what is wrong with them. */
export interface SettingsReader {
  readonly read: ReadSetting;
  /** For what cannot be left out. */
  readonly need: ReadSetting;
  readonly problems: SettingProblem[];
}

export function settingsReader(environment: Readonly<Record<string, string | undefined>>): SettingsReader {
  const problems: SettingProblem[] = [];
  const isSet = (name: string): boolean => (environment[name] ?? '').trim() !== '';
  const read: ReadSetting = (name, codec, otherwise) => {
    if (!isSet(name)) return otherwise;
    const result = codec.decode(environment[name]);
    if (E.isRight(result)) return result.right;
    problems.push({ variable: name, message: `expected ${codec.name}` });
    return otherwise;
  };
  const need: ReadSetting = (name, codec, otherwise) => {
    if (!isSet(name)) problems.push({ variable: name, message: `is needed: ${codec.name}` });
    return read(name, codec, otherwise);
  };
  return { read, need, problems };
}

/** A codec from a variable's text; the name says what is expected. */
export function variable<A>(expected: string, read: (text: string) => A | null): t.Type<A, string> {
  return new t.Type<A, string>(
    expected,
    (u): u is A => u !== undefined,
    (u, context) => {
      const value = typeof u === 'string' ? read(u.trim()) : null;
      return value === null ? t.failure(u, context) : t.success(value);
    },
    String,
  );
}

/** Text of a certain form, kept as it is. */
export const matching = (expected: string, form: RegExp): t.Type<string, string> =>
  variable(expected, (text) => (form.test(text) ? text : null));

export const wholeNumber = (least: number, most: number): t.Type<number, string> =>
  variable(`a whole number from ${String(least)} to ${String(most)}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : null;
  });

/** A limit; 0 stands for none, which is null. */
export const amountOrNone = (most: number): t.Type<number | null, string> =>
  new t.Type<number | null, string>(
    `a whole number from 1 to ${String(most)}, or 0 for no limit`,
    (u): u is number | null => u === null || typeof u === 'number',
    (u, context) => {
      const value = typeof u === 'string' && /^\d{1,15}$/.test(u.trim()) ? Number(u.trim()) : Number.NaN;
      return value <= most ? t.success(value === 0 ? null : value) : t.failure(u, context);
    },
    String,
  );

export const oneOf = <const V extends readonly string[]>(...values: V): t.Type<V[number], string> =>
  variable<V[number]>(
    `one of ${values.join(', ')}`,
    (text) => values.find((value) => value === text.toLowerCase()) ?? null,
  );

export const flag = variable('true or false', (text) => (text === 'true' ? true : text === 'false' ? false : null));

export const words = variable('a text', (text) => text);

export const originList = variable('a comma-separated list of origins such as https://app.example', (text) => {
  const origins = text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  return origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin) ? origins : null;
});

export const httpUrl = variable('an http or https URL without a trailing slash', (text) =>
  /^https?:\/\/\S+[^/]$/.test(text) && URL.canParse(text) ? text : null,
);

/** A name, an IPv4 address or an IPv6 address in brackets, perhaps with a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]\\]+)(?::(\d{1,5}))?$/i;

/** The host as URLs write it, such as `127.0.0.1` for `0x7f.1`; null for what is none. */
function hostOf(text: string): string | null {
  const [, host, port] = HOST.exec(text) ?? [];
  if (host === undefined || !URL.canParse(`http://${host}`) || Number(port ?? 0) > 65_535) return null;
  const { hostname } = new URL(`http://${host}`);
  return port === undefined ? hostname : `${hostname}:${String(Number(port))}`;
}

export const hostList = variable('a comma-separated list of hosts such as hooks.example or 10.0.0.5:8080', (text) => {
  const hosts = text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
    .map(hostOf);
  return hosts.every((host) => host !== null) ? hosts : null;
});
