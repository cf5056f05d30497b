/** Something that does not belong into a repository. */
export interface Finding {
  /** The name of the kind, from `KINDS`. */
  readonly kind: string;
  /** Counted from 1. */
  readonly line: number;
  /** What was found, cut short so that a log does not tell it. */
  readonly what: string;
}

interface Kind {
  readonly name: string;
  /** With the flag `g`. */
  readonly pattern: RegExp;
  /** Whether what was matched is meant, where the pattern alone cannot tell. */
  readonly isMeant?: (match: RegExpExecArray) => boolean;
}

/** Domains that RFC 2606 and RFC 6761 keep for examples, so that a mail to them reaches nobody. */
const RESERVED_DOMAIN = /(^|\.)(example\.(com|net|org)|example|invalid|test|localhost)$/i;

/** Of `package@1.2.3.tgz`: a version with the ending of a file. */
const VERSION = /^\d+\.\d+\.\d+\./;

/** What stands in examples where a password is to be. */
const PLACEHOLDER_PASSWORD = /^(password|secret|p%40ss)$/;

/** Random letters and digits have about 4 bits or more each; words and identifiers have fewer. */
const RANDOM_BITS_EACH = 3.9;

const KINDS: readonly Kind[] = [
  { name: 'private key', pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g },
  { name: 'private key', pattern: /["']?\bd["']?\s*:\s*["'][\w-]{40,}["']/g },
  { name: 'AWS key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: 'JSON Web Token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/g },
  { name: 'bearer token', pattern: /\bBearer\s+(?=[\w~+/.-]*\d)[\w~+/.-]{20,}/gi },
  {
    name: 'token of a known service',
    pattern:
      /\b(?:gh[pousr]_\w{36,}|github_pat_\w{40,}|npm_\w{36,}|xox[abprs]-[\w-]{10,}|[sr]k_live_\w{16,}|AIza[\w-]{35}|whsec_[\w+/=]{24,})/g,
  },
  {
    name: 'password in a URL',
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"`$<>{}()|]*:([^\s/@'"`$<>{}()|]+)@[\w[]/gi,
    isMeant: ([, password = '']) => !PLACEHOLDER_PASSWORD.test(password),
  },
  {
    name: 'random text as a secret',
    pattern:
      /(?:secret|token|passw(?:or)?d|api_?key|private_?key|credential|access_?key)\w*["']?\s*[:=]\s*["'`]([^"'`\s]{20,})["'`]/gi,
    isMeant: ([, value = '']) =>
      !value.includes('${') && /\d/.test(value) && /[a-z]/i.test(value) && bitsEach(value) >= RANDOM_BITS_EACH,
  },
  {
    name: 'e-mail address',
    pattern: /[\p{L}\d._%+-]+@((?:[\p{L}\d-]+\.)+\p{L}{2,})(?![\p{L}\d.-]*[\d/])/gu,
    isMeant: ([, domain = '']) => !RESERVED_DOMAIN.test(domain) && !VERSION.test(domain),
  },
  { name: 'path of a machine', pattern: /(?<![\w.~*-])\/(?:work|root|home|Users)\/[\w.-]+/g },
  {
    name: 'registry',
    pattern: /\bregistry\.(?:[\w-]+\.)+[a-z]{2,}\b|\b(?:artifactory|nexus)\.(?:[\w-]+\.)*[a-z]{2,}\b/gi,
  },
];

/** The names of everything that is looked for. */
export const KIND_NAMES: readonly string[] = [...new Set(KINDS.map(({ name }) => name))];

/** What of the text is a secret, or tells where or by whom it was written; a line at most once for each kind. */
export function secretsIn(text: string): readonly Finding[] {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const found = new Map<string, Finding>();
  for (const { name, pattern, isMeant } of KINDS) {
    for (const match of text.matchAll(pattern)) {
      if (isMeant?.(match) === false) continue;
      const line = lineStarts.findLastIndex((start) => start <= match.index) + 1;
      const what = match[0].length > 24 ? `${match[0].slice(0, 20)}...` : match[0];
      found.set(`${name} ${line}`, { kind: name, line, what });
    }
  }
  return [...found.values()];
}

/** Shannon's entropy of the text's characters. */
function bitsEach(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}
