/** @file The bundle that a person means by a folder: the folder itself, or the only bundle below it. */
import { type Bundle, findBundles } from '../models/bundle/node.js';
import { UsageError } from '../models/index.js';

/** @throws UsageError `bundle/missing` for none, `usage/argument` for several */
export async function openBundle(folder: string): Promise<Bundle> {
  const [bundle, ...others] = await findBundles([folder]);
  if (bundle && others.length === 0) return bundle;
  const folders = [bundle, ...others].map((found) => found?.folder).join(', ');
  throw new UsageError('usage/argument', `${folder}: there are ${others.length + 1} bundles in it: ${folders}`, 'name one of them.');
}
