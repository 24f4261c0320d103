/** Before `npm start` and the benchmarks: builds where `npm ci --ignore-scripts` has left dist/ out. */
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../dist/cli/main.js', import.meta.url))) await import('./build.mjs');
