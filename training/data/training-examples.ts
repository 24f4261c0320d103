/** @file What training sees of train: pairs both ways round, rare labels several times, votes in the place of labels. */
import { UsageError } from '../../models/index.js';
import type { DataConfig } from './data-config.js';
import type { Example } from './example.js';
import { groupBy } from './group-by.js';
import { createRandom } from './random.js';
import { swapped, textKey } from './text-key.js';

/** The examples in their order, then what is added to them. Val and test, baselines and counts go by the examples themselves.
 *  @throws UsageError `config/invalid` for both orders of texts that are no pairs, and for oversampling in a regression */
export function trainingExamples(
  examples: readonly Example[],
  { pairs, sampling, targets }: Pick<DataConfig, 'pairs' | 'sampling' | 'targets'>,
  seed: number,
): readonly Example[] {
  return samplings[sampling](orders[pairs](examples), seed).map(learned[targets]);
}

const orders: { readonly [P in DataConfig['pairs']]: (examples: readonly Example[]) => readonly Example[] } = {
  'as-given': (examples) => examples,
  'both-orders': (examples) => {
    if (!examples.some(({ pair }) => pair !== undefined)) {
      throw new UsageError('config/invalid', 'data.pairs is both-orders, but train has single texts', 'take data.pairs out.');
    }
    // A pair that is there in both orders already is not there four times.
    const known = new Set(examples.map(textKey));
    return [...examples, ...examples.map(swapped).filter((example) => !known.has(textKey(example)))];
  },
};

const samplings: { readonly [S in DataConfig['sampling']]: (examples: readonly Example[], seed: number) => readonly Example[] } = {
  natural: (examples) => examples,
  oversample,
};

const learned: { readonly [T in DataConfig['targets']]: (example: Example) => Example } = {
  labels: (example) => example,
  votes: (example) => (example.shares ? { ...example, target: example.shares } : example),
};

/** Each label as often as the most frequent one. An example with several labels comes as often as its rarest asks for; one without labels
 *  comes once. What is left of a whole number of times goes to examples that the seed chooses. */
function oversample(examples: readonly Example[], seed: number): readonly Example[] {
  const labels = examples[0]?.target.length ?? 0;
  const counts = new Array<number>(labels).fill(0);
  for (const { target } of examples) {
    if (target.some((value) => value !== 0 && value !== 1)) {
      const fix = 'take data.sampling out; a regression has no rare labels.';
      throw new UsageError('config/invalid', 'data.sampling is oversample, but the targets are values', fix);
    }
    for (const [label, value] of target.entries()) counts[label]! += value;
  }
  const most = Math.max(...counts);
  const timesOf = ({ target }: Example) => Math.max(1, ...target.map((value, label) => (value === 1 ? most / counts[label]! : 1)));
  const added: Example[] = [];
  for (const [turn, [times, alike]] of [...groupBy(examples, timesOf)].sort(([a], [b]) => a - b).entries()) {
    const whole = Math.floor(times);
    for (let copy = 1; copy < whole; copy++) added.push(...alike);
    const rest = Math.round((times - whole) * alike.length);
    added.push(...createRandom(seed, turn).shuffle(alike).slice(0, rest));
  }
  return [...examples, ...added];
}
