import * as t from 'io-ts';

/** A variable's value, or `otherwise` where it is not set. */
export type ReadSetting = <A, D>(name: string, codec: t.Type<A, string>, otherwise: D) => A | D;

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
