import { err, ok, type Result } from 'neverthrow';
import type { InputIssue } from '../kernel/errors.ts';

/** RFC 5321 section 4.5.3.1.3 with erratum 1690: the longest address that mail can be sent to, in octets. */
export const MAX_EMAIL_OCTETS = 254;
export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 128;
export const MAX_DISPLAY_NAME_LENGTH = 100;

/**
 * The identity of an e-mail address: trimmed, NFC, lower case, so that `A@x.org` and `a@x.org` are one account. Total
 * and idempotent; it does not judge whether the text is an address.
 */
export function emailKey(address: string): string {
  return address.trim().normalize('NFC').toLowerCase().normalize('NFC');
}

/** An atom of RFC 5322 section 3.2.3, with the letters, marks and digits that RFC 6532 adds. */
const LOCAL_ATOM = /^[\p{L}\p{M}\p{Nd}!#$%&'*+/=?^_`{|}~-]+$/u;
/** A host name label (RFC 1123 section 2.1), or its internationalised form. */
const DOMAIN_LABEL = /^[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd}-]*[\p{L}\p{M}\p{Nd}])?$/u;
const MAX_LOCAL_OCTETS = 64;
const MAX_LABEL_LENGTH = 63;

/**
 * Reads an e-mail address as mailboxes on the internet are written: dot-separated atoms, one `@`, a domain of at least
 * two labels of which the last is not a number. Quoted local parts and address literals are refused. Answers with the
 * address as its owner wrote it, trimmed and in NFC. An issue points at `/email` with code `invalid_email`.
 */
export function parseEmail(text: string): Result<string, InputIssue> {
  const address = text.trim().normalize('NFC');
  const problem = emailProblem(address);
  return problem === null ? ok(address) : err({ pointer: '/email', message: problem, code: 'invalid_email' });
}

function emailProblem(address: string): string | null {
  // First, so that no pattern ever runs over a long text.
  if (utf8Length(address) > MAX_EMAIL_OCTETS) return `must be at most ${MAX_EMAIL_OCTETS} octets long`;
  const parts = address.split('@');
  const [local, domain] = parts;
  if (parts.length !== 2 || local === undefined || domain === undefined) return 'must contain exactly one @';
  if (utf8Length(local) > MAX_LOCAL_OCTETS || !local.split('.').every((atom) => LOCAL_ATOM.test(atom))) {
    return 'must have a valid name before the @';
  }
  const labels = domain.split('.');
  const topLevel = labels.at(-1) ?? '';
  const labelsAreValid = labels.every((label) => label.length <= MAX_LABEL_LENGTH && DOMAIN_LABEL.test(label));
  if (labels.length < 2 || !labelsAreValid || /^\p{Nd}+$/u.test(topLevel))
    return 'must have a valid domain after the @';
  return null;
}

function utf8Length(text: string): number {
  let octets = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    octets += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return octets;
}

/** What a password must have, in the words its owner reads; lengths count Unicode characters in NFC. */
const PASSWORD_RULES: readonly { readonly rule: string; readonly isMet: (password: string) => boolean }[] = [
  {
    rule: `must have at least ${MIN_PASSWORD_LENGTH} characters`,
    isMet: (password) => lengthOf(password) >= MIN_PASSWORD_LENGTH,
  },
  {
    rule: `must have at most ${MAX_PASSWORD_LENGTH} characters`,
    isMet: (password) => lengthOf(password) <= MAX_PASSWORD_LENGTH,
  },
  { rule: 'must have a lower-case letter', isMet: (password) => /\p{Ll}/u.test(password) },
  { rule: 'must have an upper-case letter', isMet: (password) => /\p{Lu}/u.test(password) },
  { rule: 'must have a digit', isMet: (password) => /\p{Nd}/u.test(password) },
];

/** The rules that the password does not meet, in plain words; empty for an acceptable one. */
export function unmetPasswordRules(password: string): readonly string[] {
  const normalized = normalizePassword(password);
  return PASSWORD_RULES.filter(({ isMet }) => !isMet(normalized)).map(({ rule }) => rule);
}

/** NFC, as RFC 8265 section 4.2 asks, so that one password typed on two keyboards is one password. */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

/** A code as it was sent: people copy it with a space in the middle or around it. */
export function normalizeCode(code: string): string {
  return code.replaceAll(/\s/g, '');
}

/**
 * Reads a display name: trimmed, NFC, at most 100 characters, no control characters. The empty text is the absence of
 * a name. An issue points at `/display_name` with code `invalid_display_name`.
 */
export function parseDisplayName(text: string): Result<string, InputIssue> {
  const name = text.trim().normalize('NFC');
  const issue = (message: string) => err({ pointer: '/display_name', message, code: 'invalid_display_name' });
  if (lengthOf(name) > MAX_DISPLAY_NAME_LENGTH) return issue(`must be at most ${MAX_DISPLAY_NAME_LENGTH} characters`);
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return issue('must not contain control characters');
  return ok(name);
}

/** Unicode characters, not UTF-16 units. */
function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
