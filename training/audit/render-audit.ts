/** @file An audit on one page. Needs no network and no script. */
import { html, trusted } from '../report/html.js';
import { table } from '../report/parts.js';
import { style } from '../report/style.js';
import type { Audit } from './audit-data.js';
import { barStyle } from './bars.js';
import { entitySection, modelSection, shortcutSection, temporalSection } from './bias-sections.js';
import { duplicatesSection, labelsSection, shapeSection } from './data-sections.js';
import { findingStyle, findingsSection } from './findings-section.js';

/** @returns a whole HTML document */
export function renderAudit(audit: Audit, title: string): string {
  const splits = audit.splits.map(({ name, texts, labelled, pairs, withTime, withGroup, unusable }) => [
    name,
    ...[texts, labelled, pairs, withTime, withGroup, unusable].map(String),
  ]);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title} – data audit</title>
<style>${trusted(style + barStyle + findingStyle)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="muted">Data audit: what is wrong with a data set before it is trained on.</p>
${findingsSection(audit)}
<h2>Splits</h2>
${table(['split', 'texts', 'labelled', 'pairs', 'with a time', 'with a group', 'unusable rows'], splits, 1)}
${duplicatesSection(audit)}
${labelsSection(audit)}
${entitySection(audit)}
${shortcutSection(audit)}
${temporalSection(audit)}
${modelSection(audit)}
${shapeSection(audit)}
</main>
</body>
</html>
`;
  return page.html;
}
