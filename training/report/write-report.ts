/** @file `report.html` in a run's folder. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportInput } from './report-input.js';

/** Writes the report, whole or not at all. @returns its path */
export async function writeReport(runFolder: string, input: ReportInput): Promise<string> {
  const { renderReport } = await import('./render-report.js'); // the drawing library is large, and only needed at the end
  const path = join(runFolder, 'report.html');
  await writeFile(`${path}.partial`, renderReport(input));
  await rename(`${path}.partial`, path);
  return path;
}
