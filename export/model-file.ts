/** @file One model file of a bundle: written in a precision, run, and compared with what was trained. */

import type { TextInput, TextRules, Tokenizer } from '../models/index.js';
import {
  answerProbes,
  createClassifier,
  type Graph,
  type Parity,
  type Precision,
  parityFault,
  toOnnx,
  UsageError,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import type { AnswerRules, CompareOptions } from './compare-answers.js';
import { type LayerHarm, layerHarm, layersNamed, type OpenGraph, roundedLayers } from './layer-harm.js';
import { checkParity, measureParity } from './parity.js';
import { applyPasses } from './passes/passes.js';

export type ModelSource = {
  readonly name: string;
  /** The fp32 file as it came from the graph of its architecture. */
  readonly bytes: Uint8Array;
  /** What is in it; its weights are constants. */
  readonly graph: Graph;
  /** Names of the weights. */
  readonly weights: ReadonlySet<string>;
  readonly rules: AnswerRules;
  readonly predictions: CompareOptions['predictions'];
  readonly tokenizer: Tokenizer;
  readonly text: TextRules;
  /** What every bundle is asked. */
  readonly probes: readonly TextInput[];
};

export type FileOptions = {
  /** Layers that int8 leaves in float32: names, `*` for any part of one; `auto`: as few of the most harmful as will do. Default none. */
  readonly keepFp32?: readonly string[] | 'auto' | undefined;
  /** Told of the work on this file, in texts or layers. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
};

export type ModelFile = {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What was done to the graph. */
  readonly passes: readonly string[];
  readonly parity: Parity;
  /** Logits for the probes. */
  readonly answers: number[][];
};

/** Where other readers of the folder look for them. */
export const modelPaths: { readonly [P in Precision]: string } = {
  fp32: 'onnx/model.onnx',
  int8: 'onnx/model_quantized.onnx',
  fp16: 'onnx/model_fp16.onnx',
};

/** @throws UsageError `bundle/parity` when the file does not answer well enough; of int8 with the layers that hurt most */
export async function modelFile(source: ModelSource, precision: Precision, options: FileOptions = {}): Promise<ModelFile> {
  return files[precision](source, options);
}

const files: { readonly [P in Precision]: (source: ModelSource, options: FileOptions) => Promise<ModelFile> } = {
  fp32: (source, options) => plainFile(source, 'fp32', options),
  fp16: (source, options) => plainFile(source, 'fp16', options),
  int8: roundedFile,
};

async function plainFile(source: ModelSource, precision: Precision, options: FileOptions): Promise<ModelFile> {
  const file = await tried(source, precision, [], options);
  checkParity(precision, file.parity);
  return file;
}

async function roundedFile(source: ModelSource, options: FileOptions): Promise<ModelFile> {
  const { keepFp32 = [], onProgress } = options;
  const layers = roundedLayers(source.graph);
  const asked = keepFp32 === 'auto' ? () => false : layersNamed(layers, keepFp32);
  const file = await tried(source, 'int8', layers.filter(asked), options);
  const fault = parityFault(file.parity);
  if (fault === undefined) return file;
  const harm = await layerHarm(source.graph, {
    ...source,
    open: opener(source),
    onProgress: (done, total) => onProgress?.(done, total, 'trying layers'),
  });
  if (keepFp32 !== 'auto') throw losesTooMuch(fault, harm);
  for (let kept = 1; kept < 2 * harm.length; kept *= 2) {
    const worst = harm.slice(0, kept).map(({ layer }) => layer);
    const again = await tried(source, 'int8', worst, options);
    if (parityFault(again.parity) === undefined) return again;
  }
  throw losesTooMuch(fault, harm);
}

async function tried(source: ModelSource, precision: Precision, kept: readonly string[], { onProgress }: FileOptions): Promise<ModelFile> {
  const keep = new Set(kept);
  const { graph, changedBy } = applyPasses(source.graph, precision, { weights: source.weights, keep: (layer) => keep.has(layer) });
  const bytes = changedBy.length === 0 ? source.bytes : toOnnx(graph, { name: source.name });
  const session = await createSession(bytes);
  try {
    const classifier = createClassifier({ session, tokenizer: source.tokenizer, ...source.text });
    const { rules, predictions } = source;
    const parity = await measureParity(precision, {
      classifier,
      rules,
      predictions,
      onProgress: onProgress && ((done, total) => onProgress(done, total, `comparing ${precision}`)),
    });
    const passes = [...changedBy, ...kept.map((layer) => `keep-fp32 ${layer}`)];
    return { path: modelPaths[precision], bytes, passes, parity, answers: await answerProbes(classifier, source.probes) };
  } finally {
    await session.dispose();
  }
}

const opener =
  ({ tokenizer, text }: ModelSource): OpenGraph =>
  async (graph) => {
    const session = await createSession(toOnnx(graph));
    return { classifier: createClassifier({ session, tokenizer, ...text }), close: () => session.dispose() };
  };

function losesTooMuch(fault: string, harm: readonly LayerHarm[]): UsageError {
  const worst = harm.slice(0, 5);
  const named = worst.map(({ layer, moves }) => `${layer} (moves a logit by ${moves.toPrecision(2)})`).join(', ');
  return new UsageError(
    'bundle/parity',
    `export: the int8 file loses too much: ${fault}. The layers that hurt most, each rounded by itself: ${named}`,
    `nothing was written; leave some in fp32 (--keep-fp32 ${worst
      .slice(0, 2)
      .map(({ layer }) => layer)
      .join(',')}), let the export choose them (--keep-fp32 auto), or leave int8 out.`,
  );
}
