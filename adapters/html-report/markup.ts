/**
 * Markup that is safe by construction: every value put into a template is escaped unless it is markup already. What is
 * written is XML as well as HTML (void elements closed, attributes quoted), so a page can be checked by an XML parser.
 */

/** Finished markup: an instance of this class, which no parsed data can ever be, so data that looks like markup is still escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** Takes text that is markup already, such as a style sheet or a path; never a text from the data. */
  static of(text: string): Markup {
    return new Markup(text);
  }
}

/** What a template accepts: text and numbers are escaped, markup is kept, lists are run together, null is nothing. */
export type Part = string | number | Markup | null | readonly Part[];

/**
 * Characters that XML 1.0 forbids (most control characters, lone surrogates, non-characters), and the bidirectional
 * controls with which a name could turn round the text that follows it.
 */
const UNPRESENTABLE =
  // oxlint-disable-next-line no-control-regex -- removing control characters is the purpose
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Surrogate}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text with everything that has a meaning in markup replaced; fit for element content and quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(UNPRESENTABLE, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function written(part: Part): string {
  if (part === null) return '';
  if (part instanceof Markup) return part.toString();
  if (Array.isArray(part)) return (part as readonly Part[]).map(written).join('');
  return escapeText(String(part));
}

/** Template tag: `` markup`<td>${name}</td>` `` escapes `name`. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? '';
  for (let i = 0; i < parts.length; i++) text += written(parts[i] ?? null) + (strings[i + 1] ?? '');
  return Markup.of(text);
}

/** Nothing at all. */
export const NOTHING: Markup = markup``;

/** At most `maxCharacters` of a text that came with the data, so that one long name cannot swell the page. */
export function shortened(text: string, maxCharacters = 120): string {
  const trimmed = text.trim();
  return trimmed.length <= maxCharacters ? trimmed : `${trimmed.slice(0, maxCharacters - 1)}…`;
}

/** A name that came with the data: shortened, escaped, and isolated so that its writing direction stays inside it. */
export function dataName(text: string): Markup {
  const shown = shortened(text);
  return shown === '' ? markup`<em>unnamed</em>` : markup`<bdi>${shown}</bdi>`;
}
