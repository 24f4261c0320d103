/** @file One step of fine-tuning a model's head on a person's corrections: loss, gradient and AdamW as one graph. */
import {
  add,
  cast,
  concat,
  div,
  type Graph,
  GraphBuilder,
  type Manifest,
  mul,
  reduceSum,
  reshape,
  sizeOf,
  slice,
  split,
  squeeze,
  type Tensor,
  tanh,
  unsqueeze,
  type Value,
} from '../../models/index.js';
import { adamW, binaryCrossEntropy, crossEntropy, differentiate, distillation, meanSquaredError, taskOf } from '../../training/index.js';
import type { Head } from './cut-head.js';

export type PersonaliseOptions = {
  readonly activation: Manifest['activation'];
  readonly temperature: number;
  /** By name: the head as it was exported. */
  readonly exported: ReadonlyMap<string, Tensor>;
  /** [rows, width], in single or half precision: features whose answers should stay. */
  readonly ordinary: Tensor;
  /** What the squares of all changes count: a weight of which neither corrections nor ordinary texts say anything stays. Default 1e-4. */
  readonly nearness?: number;
};

export type PersonaliseGraph = {
  readonly graph: Graph;
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly outputNames: ReadonlyMap<string, string>;
  /** Numbers in the head. */
  readonly parameters: number;
};

/** Of AdamW; PyTorch's. */
const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/**
 *     features       float [batch, width]    of the corrected texts, as `features.onnx` gives them
 *     target         float [batch, labels]   what they should be: rows that sum to one, or 0 and 1 a label, or values
 *     weight         float [batch]           what each row counts; together 1 at least
 *     state          float [3, parameters]   what the head has been changed by, and both moments of AdamW; zeros: as exported
 *     step           float []                1 for the first
 *     learning_rate  float []
 *     anchor         float []                what keeping the answers to ordinary texts counts beside the corrections
 *
 *     logits           float [batch, labels]  before the step
 *     ordinary_logits  float [rows, labels]   of the ordinary texts, before the step
 *     loss             float []               of the corrections, before the step; what is made small has the anchor and the nearness added
 *     next_state       float [3, parameters]
 *
 * The state is a change and not the weights, so that nothing but zeros is needed to begin, and a head that nobody has taught answers to the
 * last bit as exported. Parameters lie in it one after another, in the order of the graph.
 */
export function personaliseGraph(
  head: Head,
  { activation, temperature, exported, ordinary, nearness = 1e-4 }: PersonaliseOptions,
): PersonaliseGraph {
  const g = new GraphBuilder();
  const sizes = head.parameters.map(({ value }) => sizeOf(value.shape.map(Number)));
  const parameters = sizes.reduce((a, b) => a + b, 0);
  const features = g.input('features', ['batch', head.width]);
  const target = g.input('target', ['batch', head.labels]);
  const weight = g.input('weight', ['batch']);
  const state = g.input('state', [3, parameters]);
  const [step, learningRate, anchor] = ['step', 'learning_rate', 'anchor'].map((name) => g.input(name, [])) as [Value, Value, Value];
  const kept = cast(g, g.input('ordinary', ordinary.dims, ordinary.type), g.float); // [rows, width]
  const asExported = new Map(head.parameters.map(({ value }) => [value.name, g.input(value.name, value.shape)]));

  const [change, first, second] = split(g, state, { axis: 0, parts: 3 }).map((row) => squeeze(g, row, [0])) as [Value, Value, Value]; // [parameters]
  const changed = new Map<string, Value>();
  let start = 0;
  for (const [i, { value }] of head.parameters.entries()) {
    const own = slice(g, change, { axis: 0, start, end: start + sizes[i]! });
    changed.set(value.name, add(g, asExported.get(value.name)!, reshape(g, own, value.shape)));
    start += sizes[i]!;
  }

  const logits = head.write(g, features, changed); // [batch, labels]
  const ordinaryLogits = head.write(g, kept, changed); // [rows, labels]
  const corrections = losses[activation](g, { logits: scaled(g, activation, logits, temperature), target }, weight); // []
  const both = { student: ordinaryLogits, teacher: head.write(g, kept, asExported) };
  const drift = distillation(g, both, taskOf(activation), { temperature }); // []
  const far = mul(g, reduceSum(g, mul(g, change, change), { axes: [0] }), nearness); // []
  const whole = add(g, add(g, corrections, mul(g, drift, anchor)), far); // []

  const [gradient] = differentiate(g, whole, [change]) as [Value]; // [parameters]
  const scalars = {
    learningRate,
    correction1: biasCorrection(g, step, beta1),
    correction2: biasCorrection(g, step, beta2),
    gradientScale: g.constant(1),
    averageDecay: g.constant(0),
  };
  const rates = { rateFactor: 1, weightDecay: 0, gradientDecay: 0 }; // the head decays towards itself, by what is added to the loss
  const next = adamW(g, { weight: change, first, second, average: change }, gradient, scalars, { beta1, beta2, epsilon }, rates);
  const rows = [next.weight, next.first, next.second].map((row) => unsqueeze(g, row, [0]));
  const named = { logits, ordinary_logits: ordinaryLogits, loss: corrections, next_state: concat(g, rows, 0) };
  return {
    graph: g.graph(Object.values(named)),
    initializers: new Map([...exported, ['ordinary', ordinary]]),
    outputNames: new Map(Object.entries(named).map(([name, value]) => [value.name, name])),
    parameters,
  };
}

type RowLoss = (g: GraphBuilder, supervised: { readonly logits: Value; readonly target: Value }, weight: Value) => Value;
const losses: { readonly [A in Manifest['activation']]: RowLoss } = {
  softmax: (g, supervised, weight) => crossEntropy(g, supervised, {}, weight),
  sigmoid: (g, supervised, weight) => binaryCrossEntropy(g, supervised, {}, weight),
  none: (g, supervised, weight) => meanSquaredError(g, supervised, {}, weight),
};

/** What the bundle's scores are made of: a value has no temperature. */
function scaled(g: GraphBuilder, activation: Manifest['activation'], logits: Value, temperature: number): Value {
  return activation === 'none' || temperature === 1 ? logits : div(g, logits, temperature);
}

/** 1 - beta^step, as 2t / (1 + t) with t = tanh(-step·ln(beta) / 2): the plain form loses four digits at the first steps in float32. */
function biasCorrection(g: GraphBuilder, step: Value, beta: number): Value {
  const t = tanh(g, mul(g, step, -Math.log(beta) / 2));
  return div(g, mul(g, t, 2), add(g, t, 1));
}
