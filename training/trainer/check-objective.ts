/** @file Objectives that cannot work with these data or this model, refused before the first step. */
import { UsageError } from '../../models/index.js';
import type { Dataset } from '../data/dataset.js';
import { type LossKind, lossTasks } from '../losses/loss.js';
import { type MetricName, metricsOfTask } from '../metrics/metric-names.js';
import type { TrainConfig } from './config.js';

type Parts = { readonly config: TrainConfig; readonly dataset: Dataset };
type Rule = (parts: Parts) => readonly [what: string, fix: string] | undefined;

/** @throws UsageError `config/invalid` with the first that is broken */
export function checkObjective(config: TrainConfig, dataset: Dataset): void {
  for (const rule of rules) {
    const broken = rule({ config, dataset });
    if (broken) throw new UsageError('config/invalid', ...broken);
  }
}

/** @param masks dropout sites of the training graph: only there is it seen whether two passes can differ
 *  @throws UsageError `config/invalid` where two passes are wanted and are the same */
export function checkPasses({ objective }: Pick<TrainConfig, 'objective'>, masks: number): void {
  const key = (['rDrop', 'selfContrastive'] as const).find((one) => objective[one]);
  if (!key || masks > 0) return;
  const fix = 'set the dropout of the model above 0, or take it out.';
  throw new UsageError('config/invalid', `objective.${key}: without dropout both passes are the same`, fix);
}

const lossFitsTask: Rule = ({ config: { objective }, dataset: { task } }) => {
  if (!objective.loss || lossTasks[objective.loss.kind].includes(task)) return undefined;
  const fitting = (Object.keys(lossTasks) as LossKind[]).filter((kind) => lossTasks[kind].includes(task));
  return [
    `objective.loss.kind: ${objective.loss.kind} is not for ${task} data`,
    `use ${fitting.join(' or ')}, or leave objective.loss out.`,
  ];
};

const weightsFitLabels: Rule = ({ config: { objective }, dataset: { labels } }) => {
  for (const key of ['classWeights', 'positiveWeights', 'alpha'] as const) {
    const given = (objective.loss as Readonly<Record<string, unknown>> | undefined)?.[key];
    if (Array.isArray(given) && given.length !== labels.length)
      return [
        `objective.loss.${key} has ${given.length} numbers, the data have ${labels.length} labels`,
        `give one for each of ${labels.join(', ')}, in this order.`,
      ];
  }
  return undefined;
};

const contrastNeedsPairs: Rule = ({ config: { objective, training }, dataset: { task } }) => {
  if (!objective.supervisedContrastive) return undefined;
  if (task === 'regression') return ['objective.supervisedContrastive: values have no classes to contrast', 'take it out.'];
  return training.batchSize / training.accumulate < 2
    ? ['objective.supervisedContrastive: one text a batch has nothing to be like', 'raise training.batchSize, or lower accumulate.']
    : undefined;
};

const unlabelledAreThere: Rule = ({ config: { objective }, dataset: { unlabelled = [], task } }) => {
  if (!objective.uda) return undefined;
  if (task !== 'single-label') return [`objective.uda: its consistency is of a softmax, the data are ${task}`, 'take it out.'];
  if (unlabelled.length === 0) return ['objective.uda: there are no unlabelled texts', 'name a file of them in data.unlabelled.'];
  if (objective.uda.wording === 'swap' && !unlabelled.every(({ pair }) => pair !== undefined))
    return ['objective.uda.wording is swap, but data.unlabelled has single texts', 'set objective.uda.wording to "eda".'];
  return objective.uda.annealing !== 'none' && objective.loss && objective.loss.kind !== 'cross-entropy'
    ? [
        `objective.uda.annealing goes with cross-entropy, objective.loss is ${objective.loss.kind}`,
        'set annealing to "none", or change the loss.',
      ]
    : undefined;
};

const votesAreThere: Rule = ({ config: { data, objective }, dataset: { task, splits } }) => {
  if (data.targets !== 'votes') return undefined;
  const instead = 'set data.targets to "labels".';
  if (task !== 'single-label') return [`data.targets is votes, which are shares of one label; the data are ${task}`, instead];
  if (!splits.train.some(({ shares }) => shares))
    return [
      'data.targets is votes, and no text of train has votes',
      'give each row "votes", such as {"a": 2, "b": 1}, or name the field in data.fields.votes.',
    ];
  if (objective.loss && objective.loss.kind !== 'cross-entropy')
    return [`data.targets is votes, and objective.loss ${objective.loss.kind} wants one label a text`, `use cross-entropy, or ${instead}`];
  const one = (['supervisedContrastive', 'uda'] as const).find((key) => objective[key]);
  return one ? [`data.targets is votes, and objective.${one} wants one label a text`, `take it out, or ${instead}`] : undefined;
};

const namesAreThere: Rule = ({ config: { model, augmentation, data }, dataset: { splits } }) => {
  const asking = [
    ...(model.kind === 'endef' ? ['model.kind is endef'] : []),
    ...(augmentation.entities ? ['augmentation.entities is on'] : []),
  ];
  return asking.length > 0 && !splits.train.some(({ entities = [] }) => entities.length > 0)
    ? [
        `${asking.join(' and ')}, and no text of train has entities (data.entities is ${data.entities})`,
        'give each row "entities", or set data.entities to "extract" and data.language to "en" or "zh".',
      ]
    : undefined;
};

const pairsAreThere: Rule = ({ config: { augmentation, data }, dataset: { splits } }) => {
  const key = data.pairs === 'both-orders' ? 'data.pairs' : augmentation.swapPair && 'augmentation.swapPair';
  return key && !splits.train.some(({ pair }) => pair !== undefined)
    ? [
        `${key} is for pairs, but train has single texts`,
        `take ${key} out, or set data.fields.pair to the field that holds the second text.`,
      ]
    : undefined;
};

const metricIsMeasured: Rule = ({ config: { training }, dataset: { task, splits } }) => {
  const known: readonly MetricName[] = metricsOfTask[task];
  const { metric } = training;
  if (metric === undefined) return undefined;
  if (!known.includes(metric)) return [`training.metric: ${metric} is not measured on ${task} data`, `use one of ${known.join(', ')}.`];
  const varied = splits.val[0]?.target.some((first, at) => splits.val.some(({ target }) => target[at] !== first));
  return rankings.has(metric) && !varied
    ? [
        `training.metric: ${metric} has no value on val, where all ${splits.val.length} texts are labelled alike`,
        `give val texts of other labels or values, or use one of ${known.filter((name) => !rankings.has(name)).join(', ')}.`,
      ]
    : undefined;
};

/** What compares texts of unlike targets, and says nothing where there are none. */
const rankings: ReadonlySet<MetricName> = new Set(['auc', 'spauc', 'pearson', 'spearman']);

const rules: readonly Rule[] = [
  lossFitsTask,
  weightsFitLabels,
  contrastNeedsPairs,
  unlabelledAreThere,
  votesAreThere,
  namesAreThere,
  pairsAreThere,
  metricIsMeasured,
];
