/** A start tag of an export, valid until the next one is read. */
export interface StartTag {
  readonly name: string;
  readonly isSelfClosing: boolean;
  /**
   * `harmless` flaws leave every attribute that was read as it was meant (a stray word between attributes, a control
   * character inside one); with `serious` ones no attribute can be relied on.
   */
  readonly flaws: 'none' | 'harmless' | 'serious';
  /** The attribute's value with references resolved, or null. */
  text(attribute: string): string | null;
  /** The attribute's value as it is written, or null: of two values with equal markup the texts are equal too. */
  markup(attribute: string): string | null;
}

/** What is found in an export, in document order. */
export interface ElementHandler {
  startTag(tag: StartTag): void;
  endTag(name: string): void;
  /** A start tag that does not end before the next one starts; `name` as far as it can be read. */
  unfinishedTag(name: string): void;
  /** Anything else that does not belong: stray text, a broken end tag. */
  strayMarkup(): void;
}
