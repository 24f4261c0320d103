/** @file One text or a list of them: the two forms of `classify`, over calls that are grouped. */
import type { Answer, Classifier, ClassifyOptions, Item } from './classifier.js';
import type { GroupedCalls } from './group-calls.js';

export function classifyWith(calls: GroupedCalls): Classifier['classify'] {
  async function classify(given: Item | readonly Item[], options: ClassifyOptions = {}): Promise<Answer | readonly Answer[]> {
    if (isList(given)) return calls.classify(given, options);
    const [answer] = await calls.classify([given], options);
    return answer!;
  }
  return classify as Classifier['classify'];
}

const isList = (given: Item | readonly Item[]): given is readonly Item[] => Array.isArray(given);
