/** @file What a training config can turn on beyond the plainest of trainings, in one table: an ablation takes its lines one at a time. */

/** Values by dotted key of the config; `undefined` removes what is there. */
export type Overrides = Readonly<Record<string, unknown>>;

export type Trick = {
  /** Where the config has it. */
  readonly key: string;
  /** How it is turned off. */
  readonly off: Overrides;
  /** How it is turned on with its defaults; `null` where it needs more said than that. */
  readonly on: Overrides | null;
  /** What it does, in a sentence. */
  readonly what: string;
};

const optional = (key: string, what: string, on: unknown = {}): Trick => ({
  key,
  off: { [key]: undefined },
  on: on === null ? null : { [key]: on },
  what,
});
const valued = (key: string, off: unknown, on: unknown, what: string): Trick => ({ key, off: { [key]: off }, on: { [key]: on }, what });

/** A new trick is a line. */
export const tricks: readonly Trick[] = [
  optional('objective.loss', 'A loss other than the usual one of the task.', { kind: 'focal' }),
  optional('objective.rDrop', 'Two passes with other dropout are drawn to the same answer.'),
  optional('objective.adversarial', 'Word vectors are moved to where the loss is larger, and the answer should stay (FGM).'),
  optional('objective.supervisedContrastive', 'Texts of one label are drawn together, those of others pushed apart.'),
  optional('objective.selfContrastive', 'Two passes of one text are drawn together, other texts pushed apart.'),
  optional('objective.uda', 'Texts without labels and altered copies of them should have the same answer.', null),
  optional('objective.distillation', 'The answers of a larger model are learned as well.', null),
  optional('augmentation.eda', 'Words are replaced by synonyms, inserted, swapped and left out.'),
  optional('augmentation.entities', 'Names in a text are masked or exchanged.'),
  valued('data.pairs', 'as-given', 'both-orders', 'Each pair is read both ways round, and the answers are averaged.'),
  valued('data.targets', 'labels', 'votes', 'The shares of the annotators are learned in the place of one label.'),
  valued('data.sampling', 'natural', 'oversample', 'Texts of rare labels come several times.'),
  valued('model.pooling', 'cls', 'attention', 'The text vector is made of all tokens and not of the first.'),
  optional('model.exactMatch', 'Each token of a pair is told whether the other text has it too.', true),
  {
    key: 'training.ema',
    off: { 'training.ema.decay': 0 },
    on: { 'training.ema': {} },
    what: 'The moving average of the weights is used, not the last ones.',
  },
  valued('training.optimizer.layerDecay', 1, 0.9, 'Lower layers learn more slowly.'),
  valued('training.optimizer.clip', 0, 1, 'Large gradients are scaled down.'),
  valued('training.schedule', { kind: 'constant', warmup: 0 }, { kind: 'linear' }, 'The rate rises at first and falls to the end.'),
];
