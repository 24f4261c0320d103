/** @file What pages are put together from. */
import { type Html, html } from './html.js';

export function figure(title: string, caption: string, content: Html): Html {
  return html`<figure><h3>${title}</h3>${content}<figcaption>${caption}</figcaption></figure>`;
}

/** @param numbersFrom columns from this one on are numbers, and stand at the right */
export function table(head: readonly string[], rows: readonly (readonly (string | Html)[])[], numbersFrom = head.length): Html {
  const cells = (row: readonly (string | Html)[], tag: 'th' | 'td') =>
    row.map((cell, i) => {
      const kind = i >= numbersFrom ? 'number' : '';
      return tag === 'th' ? html`<th scope="col" class="${kind}">${cell}</th>` : html`<td class="${kind}">${cell}</td>`;
    });
  return html`<div class="wide"><table><tr>${cells(head, 'th')}</tr>${rows.map((row) => html`<tr>${cells(row, 'td')}</tr>`)}</table></div>`;
}

/** Three digits after the point, `–` where there is no number. */
export function decimal(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.995 && share < 1 ? 2 : 1)} %`;
}
