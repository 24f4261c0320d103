import { describe, expect, test } from 'vitest';
import type { Dataset } from '../data/dataset.js';
import type { Task } from '../data/example.js';
import { checkObjective, checkPasses } from './check-objective.js';
import { parseConfig } from './parse-config.js';

const parse = (config: object) => parseConfig(JSON.stringify({ name: 'x', data: { train: 'x' }, ...config }), 'x.json');
const dataset = (task: Task = 'single-label', more: object = {}): Dataset =>
  ({
    task,
    labels: ['a', 'b'],
    splits: {
      train: [{ text: 'x', target: [1, 0] }],
      val: [
        { text: 'y', target: [1, 0] },
        { text: 'z', target: [0, 1] },
      ],
    },
    fingerprint: {},
    warnings: [],
    ...more,
  }) as Dataset;
const unlabelled = [{ text: 'x' }];
const voted = { splits: { train: [{ text: 'x', target: [1, 0], shares: [0.5, 0.5] }], val: [] } };

describe('what cannot work is refused before the first step, with the fix', () => {
  test.each([
    [
      'a loss of another task',
      { objective: { loss: { kind: 'mse' } } },
      dataset(),
      /mse is not for single-label data\. Fix: use cross-entropy or focal or dice/,
    ],
    [
      'a weight too few',
      { objective: { loss: { kind: 'focal', classWeights: [1] } } },
      dataset(),
      /has 1 numbers, the data have 2 labels\. Fix: .*a, b/,
    ],
    ['contrast of one text', { objective: { supervisedContrastive: {} }, training: { batchSize: 1 } }, dataset(), /one text a batch/],
    ['contrast of values', { objective: { supervisedContrastive: {} } }, dataset('regression'), /values have no classes/],
    ['UDA without texts', { objective: { uda: {} } }, dataset(), /no unlabelled texts\. Fix: name a file of them in data\.unlabelled/],
    ['UDA of several labels', { objective: { uda: {} } }, dataset('multi-label', { unlabelled }), /consistency is of a softmax/],
    [
      'a swap of single texts',
      { objective: { uda: { wording: 'swap' } } },
      dataset('single-label', { unlabelled }),
      /swap, but data\.unlabelled has single texts/,
    ],
    [
      'annealing of a focal loss',
      { objective: { uda: { annealing: 'exp' }, loss: { kind: 'focal' } } },
      dataset('single-label', { unlabelled }),
      /annealing goes with cross-entropy/,
    ],
    ['masked names without names', { augmentation: { entities: {} } }, dataset(), /augmentation\.entities is on, and no text of train has/],
    [
      'swapped single texts',
      { augmentation: { swapPair: {} } },
      dataset(),
      /augmentation\.swapPair is for pairs, .* Fix: take augmentation/,
    ],
    ['both orders of single texts', { data: { train: 'x', pairs: 'both-orders' } }, dataset(), /data\.pairs is for pairs/],
    [
      'votes that nobody gave',
      { data: { train: 'x', targets: 'votes' } },
      dataset(),
      /no text of train has votes\. Fix: give each row "votes"/,
    ],
    [
      'votes of several labels',
      { data: { train: 'x', targets: 'votes' } },
      dataset('multi-label'),
      /shares of one label; the data are multi-label/,
    ],
    [
      'votes under a focal loss',
      { data: { train: 'x', targets: 'votes' }, objective: { loss: { kind: 'focal' } } },
      dataset('single-label', voted),
      /focal wants one label a text\. Fix: use cross-entropy/,
    ],
    [
      'contrast of votes',
      { data: { train: 'x', targets: 'votes' }, objective: { supervisedContrastive: {} } },
      dataset('single-label', voted),
      /supervisedContrastive wants one label a text/,
    ],
    [
      'a ranking of texts that are labelled alike',
      { training: { metric: 'auc' } },
      dataset('single-label', {
        splits: {
          train: [],
          val: [
            { text: 'x', target: [1, 0] },
            { text: 'y', target: [1, 0] },
          ],
        },
      }),
      /auc has no value on val, where all 2 texts are labelled alike\. Fix: .* use one of macroF1, accuracy, logLoss\.$/,
    ],
    ['ENDEF without names', { model: { kind: 'endef' } }, dataset(), /no text of train has entities .*Fix: .*data\.entities to "extract"/],
    [
      'a metric of values',
      { training: { metric: 'pearson' } },
      dataset(),
      /pearson is not measured on single-label data\. Fix: use one of macroF1/,
    ],
  ] as const)('%s', (_, config, data, message) => {
    expect(() => checkObjective(parse(config), data)).toThrow(message);
  });

  test.each([
    [{}],
    [{ objective: { uda: {}, rDrop: {}, supervisedContrastive: {}, adversarial: {} } }],
    [{ objective: { loss: { kind: 'focal', classWeights: [1, 2] } } }],
    [{ training: { metric: 'auc' } }],
  ])('%j is not', (config) => {
    expect(() => checkObjective(parse(config), dataset('single-label', { unlabelled }))).not.toThrow();
  });
});

test('two passes are refused where nothing makes them differ', () => {
  const passes = (objective: object, masks: number) => () => checkPasses(parse({ objective }), masks);
  for (const key of ['rDrop', 'selfContrastive']) {
    expect(passes({ [key]: {} }, 0)).toThrow(
      new RegExp(`objective\\.${key}: without dropout both passes are the same\\. Fix: set the dropout`),
    );
    expect(passes({ [key]: {} }, 1)).not.toThrow();
  }
  expect(passes({ adversarial: {} }, 0)).not.toThrow();
});
