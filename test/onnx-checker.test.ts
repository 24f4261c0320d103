import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { opCases, writeCase } from '../models/graph/testing/op-cases.js';
import { type ArchitectureConfig, architectureSchema, buildClassifier, type Graph, GraphBuilder, toOnnx } from '../models/index.js';
import { differentiate } from '../training/autodiff/differentiate.js';
import { gradientsOf } from '../training/autodiff/parameter-gradients.js';
import { classifierStep } from '../training/objective/classifier-step.js';
import { adamW, globalNorm, type ParameterState } from '../training/optimizers/adam-w.js';
import { optimizerSchema } from '../training/optimizers/optimizer-config.js';
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

/** Answers texts: one file a pooling. */
function inference(pooling: string): Graph {
  const { builder, logits } = buildClassifier(bert({ pooling }), { labels: 3 });
  return builder.graph([logits]);
}

/** Loss and gradients as the engine asks for them, with dropout; rows of tables apart. */
function trainingStep(pooling: string): Graph {
  const graph = classifierStep({ architecture: bert({ pooling, dropout: 0.1, attentionDropout: 0.1 }), labels: 3 });
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
  const gradients = Object.entries(shapes).map(([name, shape]) => g.input(`${name}.gradient`, shape));
  const updated = Object.entries(shapes).flatMap(([name, shape], i) => {
    const [weight, first, second, average] = ['weight', 'first', 'second', 'average'].map((part) => g.input(`${name}.${part}`, shape));
    const state: ParameterState = { weight: weight!, first: first!, second: second!, average: average! };
    return Object.values(adamW(g, state, gradients[i]!, scalars, optimizerSchema.parse({})));
  });
  return g.graph([...updated, globalNorm(g, gradients)]);
}

pythonTest('every file we write passes the reference checker: full check, strict shape inference', ['onnx'], async () => {
  const files = new Map<string, Graph>([
    ...['cls', 'mean', 'last-four', 'attention'].flatMap((pooling): [string, Graph][] => [
      [`inference-${pooling}`, inference(pooling)],
      [`training-${pooling}`, trainingStep(pooling)],
    ]),
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
    const damaged = toOnnx(inference('mean'));
    await writeFile(join(folder, 'damaged.onnx'), damaged.subarray(0, damaged.length - 100));
    const { 'damaged.onnx': wrong, ...results } = await runPython<Record<string, string | null>>('onnx_checker.py', folder);
    expect(results).toEqual(Object.fromEntries([...files.keys()].sort().map((name) => [`${name}.onnx`, null])));
    expect(wrong).not.toBeNull(); // the checker does look
  } finally {
    await rm(folder, { recursive: true });
  }
});
