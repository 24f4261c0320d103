/** @file Chinese words with their parts of speech. */
import type { Jieba } from '@node-rs/jieba';
import { UsageError } from '../../../models/index.js';

/** jieba with its own dictionary (350,000 words; half a second). Loaded here and not before, as few need it.
 *  @throws UsageError where npm has left out the addon of this machine */
export async function loadJieba(): Promise<Jieba> {
  try {
    const [{ Jieba }, { dict }] = await Promise.all([import('@node-rs/jieba'), import('@node-rs/jieba/dict.js')]);
    return Jieba.withDict(dict);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    throw new UsageError(
      'data/missing',
      `Chinese words need the addon of @node-rs/jieba, which does not load: ${reason}`,
      'install the dependencies again with optional ones included (npm ci), or set data.language to "en" for English texts.',
    );
  }
}
