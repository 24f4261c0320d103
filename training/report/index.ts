/** @file The pieces of a page that needs no network and no script, for other pages than that of a run. */
export { type Chart, chart, type Series } from './charts.js';
export { type Html, html } from './html.js';
export { page } from './page.js';
export { figure, table } from './parts.js';
