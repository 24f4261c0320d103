/** @file Results beside the runs that they are of: JSON for programs, a page for people. Each file is whole or not there. */
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { type AblationInput, type AblationResult, ablationResult } from './ablation-result.js';
import { type StudyInput, type StudyResult, studyResult } from './study-result.js';

/** Names below the folder. One that holds `study.json` is known for a study. */
export const studyFiles = { json: 'study.json', page: 'study.html' } as const;
export const ablationFiles = { json: 'ablation.json', page: 'ablation.html' } as const;

export type Written<R> = { readonly result: R; readonly page: string };

/** Reads the finished runs below `folder`, and writes `study.json` and `study.html` there. */
export async function writeStudy(input: StudyInput): Promise<Written<StudyResult>> {
  const { result, runs } = await studyResult(input);
  const { studyPage } = await import('./study-page.js'); // the drawing library is large, and only needed at the end
  return write(input.folder, studyFiles, result, studyPage(result, runs));
}

/** The same as `ablation.json` and `ablation.html`. */
export async function writeAblation(input: AblationInput): Promise<Written<AblationResult>> {
  const result = await ablationResult(input);
  const { ablationPage } = await import('./ablation-page.js');
  return write(input.folder, ablationFiles, result, ablationPage(result));
}

async function write<R>(folder: string, files: { readonly json: string; readonly page: string }, result: R, html: string) {
  const page = join(folder, files.page);
  await writeWhole(page, html);
  await writeWhole(join(folder, files.json), `${JSON.stringify(result, null, 2)}\n`);
  return { result, page };
}
