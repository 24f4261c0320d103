/** @file `node --import tsx serving/deploy/write-files.ts`: what Grafana and Kubernetes read, from what is written once. */
import { writeFileSync } from 'node:fs';
import { madeFiles } from './made-files.js';

for (const [path, content] of madeFiles()) writeFileSync(new URL(path, import.meta.url), content);
