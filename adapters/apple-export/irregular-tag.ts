import { SaxesParser } from 'saxes';
import type { StartTag } from './start-tag.ts';
import { utf8Of } from './regular-tag.ts';

/** A start tag as far as it could be read. */
export type IrregularTag =
  | { readonly kind: 'tag'; readonly tag: StartTag; /** Its bytes. */ readonly length: number }
  | { readonly kind: 'unfinished'; readonly name: string };

/** A lone tag is a fragment; its place is counted elsewhere. */
const parserOptions = { fragment: true, position: false, defaultXMLVersion: '1.0', forceXMLVersion: true } as const;

/**
 * Reads one start tag with an XML parser: `latin1` holds its bytes, one a character, from its `<` up to the next `<`.
 * XML allows no `<` inside a tag, so whatever is broken in it cannot reach beyond.
 */
export function irregularTag(latin1: string): IrregularTag {
  const parser = new SaxesParser(parserOptions);
  const markup = utf8Of(latin1);
  const attributes = new Map<string, string>();
  const repeated = new Set<string>();
  const errors = { harmless: 0, serious: 0 };
  const read: { name: string; tag: { readonly isSelfClosing: boolean; readonly length: number } | null } = {
    name: /^<([\w:.-]*)/.exec(markup)?.[1] ?? '',
    tag: null,
  };
  parser.on('error', ({ message }) => {
    if (read.tag === null) errors[HARMLESS_ERROR.test(message) ? 'harmless' : 'serious'] += 1;
  });
  parser.on('attribute', ({ name, value }) => {
    if (attributes.has(name)) repeated.add(name);
    else attributes.set(name, value);
  });
  parser.on('opentag', ({ name, isSelfClosing }) => {
    read.name = name;
    read.tag = { isSelfClosing, length: lengthOf(latin1, markup.slice(0, parser.position)) };
  });
  parser.write(markup);
  const { name, tag } = read;
  if (tag === null) return { kind: 'unfinished', name };
  const text = (attribute: string): string | null =>
    repeated.has(attribute) ? null : (attributes.get(attribute) ?? null);
  // A regular tag's markup holds no control character, so this is never mistaken for one.
  const asMarkup = (attribute: string): string | null => {
    const value = text(attribute);
    return value === null ? null : `\u0000${value}`;
  };
  const flaws = errors.serious > 0 ? 'serious' : errors.harmless > 0 ? 'harmless' : 'none';
  const { isSelfClosing, length } = tag;
  return { kind: 'tag', tag: { name, isSelfClosing, flaws, text, markup: asMarkup }, length };
}

/** The bytes of a tag of which the text is known: up to the same `>`. Decoding changes no ASCII character's order. */
function lengthOf(latin1: string, tagText: string): number {
  let end = -1;
  for (let at = tagText.indexOf('>'); at >= 0; at = tagText.indexOf('>', at + 1)) end = latin1.indexOf('>', end + 1);
  return end + 1;
}

/**
 * What exports are known to contain and what hurts nothing but itself: attribute names with spaces, of which only the
 * last word gets the value (Apple Health on iOS 8), two names that are then the same (their values are not used),
 * control characters inside a value (iOS 16).
 */
const HARMLESS_ERROR = /^(?:attribute without value\.|duplicate attribute: .*|disallowed character\.)$/s;

/**
 * The length of the document type declaration that `latin1` begins with, or null where it does not end. Its declarations
 * are skipped: entities that it defines are never expanded, and nothing that it refers to is fetched.
 */
export function doctypeLength(latin1: string): number | null {
  const parser = new SaxesParser({ position: false });
  const doctype = { isOver: false };
  parser.on('error', () => undefined);
  parser.on('doctype', () => (doctype.isOver = true));
  let from = 0;
  while (!doctype.isOver) {
    const end = latin1.indexOf('>', from);
    if (end < 0) return null;
    parser.write(latin1.slice(from, end + 1));
    from = end + 1;
  }
  return from;
}
