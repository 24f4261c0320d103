/** @file The training graph of a classifier: forward pass with dropout, the loss that the config names, and what regularises it. */
import { type ArchitectureConfig, buildClassifier, type ClassifierGraph, type Value } from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import type { EngineGraphs } from '../engines/engine.js';
import { defaultLoss, type ResolvedLoss, supervisedLoss } from '../losses/loss.js';
import { type StepGraph, stepGraph } from './step-graph.js';

export type ClassifierDefinition = {
  readonly architecture: ArchitectureConfig;
  readonly labels: number;
  /** Default single-label. */
  readonly task?: Task;
  /** Default that of the task. */
  readonly loss?: ResolvedLoss;
  /** Whether a parameter is trained, by name; the others stay as they are. Default: all that the loss depends on. */
  readonly trained?: (name: string) => boolean;
};

export type ClassifierStep = StepGraph & {
  readonly classifier: ClassifierGraph;
  /** [batch, labels]: 1 for the label of a text and 0 for the others, or the values of a regression. */
  readonly targets: Value;
};

export function classifierStep(definition: ClassifierDefinition): ClassifierStep {
  const { architecture, labels, task = 'single-label', loss: config = defaultLoss(task) as ResolvedLoss, trained } = definition;
  const classifier = buildClassifier(architecture, { labels, training: true });
  const { builder, parameters, masks } = classifier;
  const targets = builder.input('targets', ['batch', labels]);
  const loss = supervisedLoss(builder.at('loss'), { logits: classifier.logits, target: targets }, config);
  return { ...stepGraph({ builder, parameters, masks, loss, parts: {} }, trained), classifier, targets };
}

/** What an engine trains and what it evaluates: logits [batch, labels] without dropout. */
export function classifierGraphs(definition: ClassifierDefinition): EngineGraphs {
  const { builder, parameters, logits } = buildClassifier(definition.architecture, { labels: definition.labels });
  return { training: classifierStep(definition), evaluation: { builder, parameters, output: logits } };
}
