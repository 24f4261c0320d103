/** @file The frame of this folder's pages: one file, no script, no network. */
import { type Html, html, trusted } from '../report/html.js';
import { style } from '../report/style.js';

/** @returns a whole HTML document */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}
