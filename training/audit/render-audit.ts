/** @file An audit on one page. Needs no network and no script. */
import { html } from '../report/html.js';
import { page } from '../report/page.js';
import { table } from '../report/parts.js';
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
  const body = html`<h1>${title}</h1>
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
${shapeSection(audit)}`;
  return page(`${title} – data audit`, body, barStyle + findingStyle);
}
