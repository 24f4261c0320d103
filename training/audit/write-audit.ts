/** @file An audit as a file. */
import { rename, writeFile } from 'node:fs/promises';
import { UsageError } from '../../models/index.js';
import type { Audit } from './audit-data.js';

/** Writes the page, whole or not at all.
 *  @throws UsageError `usage/argument` where nothing can be written */
export async function writeAudit(path: string, audit: Audit, title: string): Promise<void> {
  const { renderAudit } = await import('./render-audit.js'); // the drawing library is large
  try {
    await writeFile(`${path}.partial`, renderAudit(audit, title));
    await rename(`${path}.partial`, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError('usage/argument', `${path}: cannot be written: ${error.message}`, 'name a file in a folder that is there.');
  }
}
