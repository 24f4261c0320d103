/** @file How fast the model runs here: the same texts on each way of computing, and what they gave, so that a fast wrong answer is seen. */
import { probeTexts } from '../../../../models/index.js';
import type { Timed } from '../messages.js';
import type { LoadedModel } from './load-model.js';

/** Milliseconds that the repetitions of one size may take together, after a run that warms up. */
const budget = 600;
const repetitions = 5;

export async function timeRuns({ classifier, manifest }: LoadedModel): Promise<Timed> {
  const texts = probeTexts(manifest.text.input).slice(0, 16);
  const logits = (await classifier.logits(texts)).logits.flatMap((row) => [...row]); // warms up
  const time = async (inputs: typeof texts): Promise<number> => {
    await classifier.logits(inputs);
    const took: number[] = [];
    const began = performance.now();
    for (let i = 0; i < repetitions && (i === 0 || performance.now() - began < budget); i++) {
      const start = performance.now();
      await classifier.logits(inputs);
      took.push(performance.now() - start);
    }
    return took.sort((a, b) => a - b)[took.length >> 1]!;
  };
  return { one: await time(texts.slice(0, 1)), many: await time(texts), logits };
}
