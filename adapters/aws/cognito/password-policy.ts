/** Cognito's words, and how the rule reads to the person whose password it is. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/not long enough|at least \d+ characters|minimum length/i, 'must be longer'],
  [/uppercase/i, 'must have an upper-case letter'],
  [/lowercase/i, 'must have a lower-case letter'],
  [/numeric|number/i, 'must have a digit'],
  [/symbol|special/i, 'must have a symbol such as ! or -'],
  [/previously|history|been used/i, 'must not be one of your earlier ones'],
  [/security reasons|compromised/i, 'must not be one that is known from a data leak'],
  [/regular expression|leading|trailing|space/i, 'must not begin or end with a space'],
  [/less than or equal to|too long/i, 'must be shorter'],
];

const OTHER = 'must meet the rules of the identity provider, which does not name them';

/**
 * What a password lacks, in plain words, read from the message of Cognito's `InvalidPasswordException`. Never empty. A
 * message that is new is not passed on: nobody has checked that it does not quote the password.
 */
export function unmetRules(message: string): readonly string[] {
  const unmet = RULES.filter(([words]) => words.test(message)).map(([, rule]) => rule);
  return unmet.length > 0 ? unmet : [OTHER];
}
