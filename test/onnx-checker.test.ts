import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { explainGraph } from '../export/explain-graph.js';
import { applyPasses } from '../export/passes/passes.js';
import { smallArchitectures, smallModel } from '../export/passes/testing/small-model.js';
import { cutHead } from '../export/personalise/cut-head.js';
import { personaliseGraph } from '../export/personalise/personalise-graph.js';
import { opCases, writeCase } from '../models/graph/testing/op-cases.js';
import {
  type ArchitectureConfig,
  architectureSchema,
  buildClassifier,
  buildDecoder,
  buildLanguageModel,
  type Graph,
  GraphBuilder,
  gpt2Schema,
  languageModelLoss,
  type Tensor,
  toOnnx,
  zeros,
} from '../models/index.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { gradientsOf } from '../training/autodiff/parameter-gradients.js';
import { classifierStep } from '../training/objective/classifier-step.js';
import { adamW, globalNorm, type ParameterState } from '../training/optimizers/adam-w.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
import { parameterRates } from '../training/optimizers/parameter-rates.js';
import { pythonTest, runPython } from './python.js';

const bert = (change: object = {}): ArchitectureConfig =>
  architectureSchema.parse({
    kind: 'bert',
    vocabularySize: 60,
    width: 16,
    layers: 4,
    heads: 2,
    intermediate: 32,
    maxPositions: 40,
    ...change,
  });

const bigru = architectureSchema.parse({ kind: 'bigru', vocabularySize: 60, width: 16, hidden: 8, residual: true, mlp: [12] });
const endef = architectureSchema.parse({ kind: 'endef', content: bert({ dropout: 0.1 }), fusion: 'learned' });

const others: Readonly<Record<string, ArchitectureConfig>> = {
  'bert-rotary': bert({ positions: 'rotary', dropout: 0.1 }),
  'bert-relative': bert({ positions: 'relative', dropout: 0.1 }),
  distilbert: architectureSchema.parse({ kind: 'distilbert', vocabularySize: 60, width: 16, heads: 2, intermediate: 32, maxPositions: 40 }),
  roberta: architectureSchema.parse({ kind: 'roberta', vocabularySize: 60, width: 16, heads: 2, intermediate: 32, maxPositions: 42 }),
  'xlnet-max': architectureSchema.parse({ kind: 'xlnet', vocabularySize: 60, width: 16, heads: 2, intermediate: 32, pooling: 'max' }),
  'xlnet-last': architectureSchema.parse({ kind: 'xlnet', vocabularySize: 60, width: 16, heads: 2, intermediate: 32, pooling: 'last' }),
};

/** Whole texts, a step of training, and one token more with a cache and without. */
function languageModels(): Readonly<Record<string, Graph>> {
  const config = gpt2Schema.parse({ kind: 'gpt2', vocabularySize: 60, width: 16, heads: 2, intermediate: 32, maxPositions: 40 });
  const whole = buildLanguageModel(config);
  const training = languageModelLoss(config);
  const wrt = training.parameters.map(({ value }) => value);
  const [cached, plain] = [true, false].map((cache) => buildDecoder(config, { cache }));
  const presents = cached!.presents.flatMap(({ key, value }) => [key, value]);
  return {
    'gpt2-whole': whole.builder.graph([whole.logits]),
    'gpt2-training': training.builder.graph([training.loss, ...differentiate(training.builder, training.loss, wrt)]),
    'gpt2-cached': cached!.builder.graph([cached!.logits, ...presents]),
    'gpt2-plain': plain!.builder.graph([plain!.logits]),
  };
}

/** Answers texts: one file a pooling. */
function inference(architecture: ArchitectureConfig): Graph {
  const { builder, logits } = buildClassifier(architecture, { labels: 3 });
  return builder.graph([logits]);
}

/** Says what each token adds: the model and its gradient by the word vectors. */
const explaining = (architecture: ArchitectureConfig): Graph =>
  explainGraph(architecture, { labels: 3, activation: 'softmax', temperature: 1.5 }).graph;

/** Loss and gradients as the engine asks for them, with dropout; rows of tables apart. */
function trainingStep(architecture: ArchitectureConfig): Graph {
  const graph = classifierStep({ architecture, labels: 3 });
  const parts = gradientsOf(graph).flatMap(({ parts }) =>
    parts.kind === 'dense' ? [parts.gradient] : parts.lookups.map(({ gradient }) => gradient),
  );
  return graph.classifier.builder.graph([graph.loss, ...parts]);
}

/** The gradient of every parameter as one dense tensor. */
function denseGradients(): Graph {
  const { classifier, loss, trained } = classifierStep({ architecture: bert({ dropout: 0.1 }), labels: 3 });
  const wrt = classifier.parameters.flatMap(({ value }) => (trained.has(value.name) ? [value] : []));
  return classifier.builder.graph([loss, ...differentiate(classifier.builder, loss, wrt)]);
}

/** Clipping and AdamW of a matrix and a bias as nodes. */
function optimizer(): Graph {
  const g = new GraphBuilder();
  const [learningRate, correction1, correction2, gradientScale, averageDecay] = ['rate', 'c1', 'c2', 'scale', 'decay'].map((name) =>
    g.input(name, []),
  );
  const scalars = {
    learningRate: learningRate!,
    correction1: correction1!,
    correction2: correction2!,
    gradientScale: gradientScale!,
    averageDecay: averageDecay!,
  };
  const shapes = { matrix: [4, 3], bias: [3] };
  const optimizer = optimizerSchema.parse({});
  const gradients = Object.entries(shapes).map(([name, shape]) => g.input(`${name}.gradient`, shape));
  const updated = Object.entries(shapes).flatMap(([name, shape], i) => {
    const [weight, first, second, average] = ['weight', 'first', 'second', 'average'].map((part) => g.input(`${name}.${part}`, shape));
    const state: ParameterState = { weight: weight!, first: first!, second: second!, average: average! };
    const rate = parameterRates([{ name, shape }], optimizer).get(name)!;
    return Object.values(adamW(g, state, gradients[i]!, scalars, optimizer, rate));
  });
  return g.graph([...updated, globalNorm(g, gradients)]);
}

/** What a head reads, and a step of fine-tuning it, a head of two layers. */
function personalise(): Readonly<Record<string, Graph>> {
  const classifier = buildClassifier(bert({ mlp: [12], mlpNormalized: true }), { labels: 3 });
  const floats = (dims: readonly number[]): Tensor => zeros('float32', dims);
  const head = cutHead(classifier);
  const exported = new Map(head.parameters.map(({ value }) => [value.name, floats(value.shape.map(Number))]));
  const step = (activation: 'softmax' | 'sigmoid' | 'none'): Graph =>
    personaliseGraph(head, { activation, temperature: 1.5, exported, ordinary: floats([7, 16]) }).graph;
  return {
    features: classifier.builder.graph([classifier.features]),
    'personalise-softmax': step('softmax'),
    'personalise-sigmoid': step('sigmoid'),
    'personalise-none': step('none'),
  };
}

pythonTest('every file we write passes the reference checker: full check, strict shape inference', ['onnx'], async () => {
  const files = new Map<string, Graph>([
    ...['cls', 'mean', 'last-four', 'attention'].flatMap((pooling): [string, Graph][] => [
      [`inference-${pooling}`, inference(bert({ pooling }))],
      [`training-${pooling}`, trainingStep(bert({ pooling, dropout: 0.1, attentionDropout: 0.1 }))],
    ]),
    ...Object.entries({ bigru, endef, ...others }).flatMap(([name, architecture]): [string, Graph][] => [
      [`inference-${name}`, inference(architecture)],
      [`training-${name}`, trainingStep(architecture)],
      [`explain-${name}`, explaining(architecture)],
    ]),
    ['explain-bert', explaining(bert())],
    ...Object.entries(languageModels()),
    ...Object.entries(personalise()),
    ...(Object.keys(smallArchitectures) as (keyof typeof smallArchitectures)[]).flatMap((kind) =>
      (['int8', 'fp16'] as const).map((precision): [string, Graph] => [
        `${precision}-${kind.replaceAll(' ', '-')}`,
        applyPasses(smallModel(kind), precision, { weights: new Set() }).graph,
      ]),
    ),
    ['training-dense', denseGradients()],
    ['adam-w', optimizer()],
    ...opCases.map((opCase, i): [string, Graph] => {
      const { g, y } = writeCase(opCase);
      return [`op-${opCase.listed.join('-')}-${i}`, g.graph([y])];
    }),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-onnx-'));
  try {
    for (const [name, graph] of files) await writeFile(join(folder, `${name}.onnx`), toOnnx(graph));
    const damaged = toOnnx(inference(bert()));
    await writeFile(join(folder, 'damaged.onnx'), damaged.subarray(0, damaged.length - 100));
    const { 'damaged.onnx': wrong, ...results } = await runPython<Record<string, string | null>>('onnx_checker.py', folder);
    expect(results).toEqual(Object.fromEntries([...files.keys()].sort().map((name) => [`${name}.onnx`, null])));
    expect(wrong).not.toBeNull(); // the checker does look
  } finally {
    await rm(folder, { recursive: true });
  }
});
