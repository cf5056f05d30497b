import { markup, NOTHING } from './markup.ts';
import type { Markup, Part } from './markup.ts';

export interface Column {
  readonly head: string;
  /** Figures are set flush right; wide content takes a line of its own on a phone. */
  readonly kind?: 'numeric' | 'wide';
}

export interface Table {
  readonly caption: Part;
  /** The first column names the row. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Part[])[];
}

/**
 * A table that becomes a stack of labelled entries on a phone. The roles are spelled out because a browser drops a
 * table's meaning when a style sheet changes how its rows are laid out.
 */
export function table({ caption, columns, rows }: Table): Markup {
  const classes = { numeric: markup` class="n"`, wide: markup` class="w"` };
  const kind = (index: number): Markup => {
    const of = columns[index]?.kind;
    return of === undefined ? NOTHING : classes[of];
  };
  const head = columns.map(({ head: name }, i) => markup`<th role="columnheader" scope="col"${kind(i)}>${name}</th>`);
  const body = rows.map(
    (cells) =>
      markup`<tr role="row">${cells.map((cell, i) =>
        i === 0
          ? markup`<th role="rowheader" scope="row">${cell}</th>`
          : markup`<td role="cell" data-l="${columns[i]?.head ?? ''}"${kind(i)}>${cell}</td>`,
      )}</tr>\n`,
  );
  return markup`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${body}</tbody></table>
`;
}

/** A long table behind a line to open it; on paper it is always open. */
export function foldedTable(summary: string, content: Table): Markup {
  return markup`<details><summary>${summary}</summary>
${table(content)}</details>
`;
}
