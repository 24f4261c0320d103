/** @file The training graph of a classifier: forward pass with dropout, the loss that the config names, and what regularises it. */
import {
  type ArchitectureConfig,
  add,
  buildClassifier,
  type ClassifierGraph,
  type GraphBuilder,
  mul,
  type Outputs,
  type Value,
} from '../../models/index.js';
import type { Task } from '../data/dataset.js';
import type { EngineGraphs } from '../engines/engine.js';
import { defaultLoss, type ResolvedLoss, supervisedLoss } from '../losses/loss.js';
import type { Contribution, StepContext, Term } from './regulariser.js';
import { contributions, type RegularisersConfig } from './regularisers.js';
import { type StepGraph, stepGraph } from './step-graph.js';

export type ClassifierDefinition = {
  readonly architecture: ArchitectureConfig;
  readonly labels: number;
  /** Default single-label. */
  readonly task?: Task;
  /** Default that of the task. */
  readonly loss?: ResolvedLoss;
  /** Default none. */
  readonly regularisers?: RegularisersConfig;
  /** Features of the teacher, where the student is to have them too. */
  readonly teacherWidth?: number;
  /** Whether a parameter is trained, by name; the others stay as they are. Default: all that the loss depends on. */
  readonly trained?: (name: string) => boolean;
};

export type ClassifierStep = StepGraph & { readonly classifier: ClassifierGraph };

/** Besides what the classifier reads, the graph reads `targets` [batch, labels] and what regularisers say. */
export function classifierStep(definition: ClassifierDefinition): ClassifierStep {
  const { architecture, labels, task = 'single-label', trained, teacherWidth, regularisers = {} } = definition;
  const loss = definition.loss ?? (defaultLoss(task) as ResolvedLoss);
  const classifier = buildClassifier(architecture, { labels, training: true });
  const { parameters, masks } = classifier;
  const g = classifier.builder.at('loss');
  const targets = g.input('targets', ['batch', labels]);
  const passes: Outputs[] = [classifier];
  const measure = ({ logits }: Pick<Outputs, 'logits'>) => supervisedLoss(g, { logits, target: targets }, loss);
  const context: StepContext = {
    g,
    task,
    labels,
    classifier,
    targets,
    measure,
    supervised: (outputs) => outputs.auxiliary.reduce((sum, one) => add(g, sum, mul(g, measure(one), one.weight)), measure(outputs)),
    second: () => {
      passes[1] ??= classifier.again(classifier.given);
      return passes[1];
    },
    ...(teacherWidth === undefined ? {} : { teacherWidth }),
  };
  const added = contributions(context, regularisers);
  const terms = Object.assign({}, supervisedTerms(context, passes, added), ...added.map((one) => one.terms)) as Terms;
  return { ...stepGraph({ builder: classifier.builder, parameters, masks, ...sumOf(g, terms) }, trained), classifier };
}

/** What an engine trains and what it evaluates: logits [batch, labels] without dropout. */
export function classifierGraphs(definition: ClassifierDefinition): EngineGraphs {
  const { builder, parameters, logits, features } = buildClassifier(definition.architecture, { labels: definition.labels });
  const served = new Set(parameters.map(({ value }) => value.name));
  // What only training has would be of no use untrained: the choice is among what is served.
  const trained = (name: string) => !served.has(name) || (definition.trained?.(name) ?? true);
  return { training: classifierStep({ ...definition, trained }), evaluation: { builder, parameters, output: logits, features } };
}

type Terms = Readonly<Record<string, Term>>;

/** The loss of the labels themselves and of auxiliary logits, each the mean over all passes that were made. */
function supervisedTerms({ g, measure }: StepContext, passes: readonly Outputs[], added: readonly Contribution[]): Terms {
  const weight = added.reduce((product, { supervisedWeight = 1 }) => product * supervisedWeight, 1);
  const main = added.find((one) => one.supervised)?.supervised ?? measure;
  const mean = (of: (pass: Outputs) => Value): Value => {
    const sum = passes.map(of).reduce((a, b) => add(g, a, b));
    return passes.length === 1 ? sum : mul(g, sum, 1 / passes.length);
  };
  const auxiliary = passes[0]!.auxiliary.map(({ name, weight: own }, i): [string, Term] => [
    name,
    { weight: weight * own, value: mean((pass) => measure(pass.auxiliary[i]!)) },
  ]);
  return { supervised: { weight, value: mean(main) }, ...Object.fromEntries(auxiliary) };
}

function sumOf(g: GraphBuilder, terms: Terms): Pick<StepGraph, 'loss' | 'parts'> {
  const counted = Object.entries(terms).filter(([, { weight }]) => weight > 0);
  const [first, ...rest] = counted.map(([, { weight, value }]) => (weight === 1 ? value : mul(g, value, weight)));
  const loss = rest.reduce((sum, value) => add(g, sum, value), first!);
  return { loss, parts: counted.length === 1 ? {} : Object.fromEntries(counted.map(([name, { value }]) => [name, value])) };
}
