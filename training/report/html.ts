/** @file HTML in which nothing that came from outside can be markup. */

/** A piece of HTML that is safe as it is. */
export type Html = { readonly html: string };

type Part = Html | string | number | null | undefined | readonly Part[];

/** A template whose values are escaped, unless they are `Html` themselves; lists are joined. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return { html: strings.reduce((text, string, i) => text + render(values[i - 1]) + string) };
}

/** Marks text as HTML. Only for what this folder has made itself. */
export function trusted(text: string): Html {
  return { html: text };
}

function render(value: Part): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
