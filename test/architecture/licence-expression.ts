/** What a licence allows one to choose: the licences that hold together, one list a choice. */
export type LicenceChoices = readonly (readonly string[])[];

/**
 * Reads an SPDX licence expression (SPDX 2.3, annex D): names, `AND`, `OR`, `WITH` and brackets. Null where it is none.
 * `(MIT OR GPL-2.0) AND Zlib` is `[[MIT, Zlib], [GPL-2.0, Zlib]]`.
 */
export function licenceChoices(expression: string): LicenceChoices | null {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;

  const alternatives = (): LicenceChoices | null => {
    const choices: (readonly string[])[] = [];
    do {
      const next = together();
      if (next === null) return null;
      choices.push(...next);
    } while (take('OR'));
    return choices;
  };
  const together = (): LicenceChoices | null => {
    let choices = term();
    while (choices !== null && take('AND')) {
      const more = term();
      choices = more && choices.flatMap((one) => more.map((other) => [...one, ...other]));
    }
    return choices;
  };
  const term = (): LicenceChoices | null => {
    if (take('(')) {
      const inner = alternatives();
      return take(')') ? inner : null;
    }
    const name = tokens[at];
    if (name === undefined || !/^[A-Za-z0-9.+-]+$/.test(name) || /^(AND|OR|WITH)$/.test(name)) return null;
    at += 1;
    if (!take('WITH')) return [[name]];
    const exception = tokens[at];
    at += 1;
    return exception === undefined ? null : [[`${name} WITH ${exception}`]];
  };
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };

  const choices = alternatives();
  return at === tokens.length ? choices : null;
}
