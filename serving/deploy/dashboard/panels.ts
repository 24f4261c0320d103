/** @file What the dashboard shows: first what the server does, then why. */
import { jobRows } from './job-rows.js';
import type { Row } from './panel.js';
import { scoreRows } from './score-rows.js';
import { whatRows } from './what-rows.js';
import { whyRows } from './why-rows.js';

export const rows: readonly Row[] = [...whatRows, ...whyRows, ...scoreRows, ...jobRows];
