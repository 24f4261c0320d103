/** @file The part of the page that says what is wrong. */
import { type Html, html } from '../report/html.js';
import type { Audit } from './audit-data.js';
import type { Finding, FindingExample, Level } from './findings.js';

export function findingsSection({ findings, counts, splits, labels, language, task }: Audit): Html {
  const texts = splits.reduce((sum, split) => sum + split.texts, 0);
  const cards: readonly (readonly [string, string | number])[] = [
    ['texts', texts.toLocaleString('en')],
    ['splits', splits.length],
    ['labels', task === 'unlabelled' ? '–' : labels.length],
    ['language of names', language ?? '–'],
    ['errors', counts.error],
    ['warnings', counts.warning],
    ['notes', counts.info],
  ];
  return html`
<div class="cards">${cards.map(([name, value]) => html`<div class="card"><b>${value}</b>${name}</div>`)}</div>
<h2>Findings</h2>
${findings.length === 0 ? html`<p class="good">Nothing was found.</p>` : findings.map(one)}`;
}

const words: { readonly [L in Level]: string } = { error: 'error', warning: 'warning', info: 'note' };

function one({ kind, level, message, examples, advice }: Finding): Html {
  return html`<details class="finding ${level}" ${level === 'info' ? '' : 'open'}>
<summary><b>${words[level]}</b> ${message} <span class="muted">${kind}</span></summary>
<p>${advice}</p>
${examples.length === 0 ? null : html`<ul>${examples.map(example)}</ul>`}
</details>`;
}

function example({ text, where, note }: FindingExample): Html {
  const place = where.length > 0 ? html` <span class="muted">${where.join(', ')}</span>` : null;
  return html`<li>${note === undefined ? null : html`<span class="note">${note}</span> `}${text}${place}</li>`;
}

export const findingStyle = `
h3 { margin-top: 1.25rem; } figure h3 { margin-top: 0; } .charts { margin: 1rem 0; }
.finding { border-left: 4px solid var(--line); padding: .3rem 0 .3rem .9rem; margin: .7rem 0; }
.finding.error { border-color: var(--bad); } .finding.warning { border-color: var(--series-1); } .finding.info { border-color: var(--series-5); }
.finding.error summary b { color: var(--bad); } .finding.warning summary b { color: var(--series-1); }
.finding summary { cursor: pointer; max-width: 60rem; }
.finding li { overflow-wrap: anywhere; margin: .2rem 0; }
.finding .note { background: var(--panel); border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; font-size: .9rem; }
`;
