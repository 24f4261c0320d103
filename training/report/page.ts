/** @file The frame of every page that is written: one file, no script, no network. */
import { type Html, html, trusted } from './html.js';
import { style as common } from './style.js';

/** @param style beside that of all pages
 *  @returns a whole HTML document */
export function page(title: string, body: Html, style = ''): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${trusted(common + style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}
