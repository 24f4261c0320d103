/** @file Where this package lies, run from its source or from `dist`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '../models/index.js';

export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    invariant(above !== folder, 'package-folder: no package.json above');
    folder = above;
  }
  return folder;
}
