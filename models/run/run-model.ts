/** @file A run's classifier as an `.onnx` file: the graph of its architecture with its weights frozen in. */
import { architectureSchema, buildClassifier } from '../architectures/build.js';
import { UsageError } from '../errors.js';
import { toOnnx } from '../onnx/to-onnx.js';
import { matchWeights } from '../weights/match-weights.js';
import type { Weights } from '../weights/safetensors.js';
import { fromStored, storedShapes } from '../weights/stored-weights.js';
import type { Run } from './run.js';

/**
 * int64 `input_ids`, `attention_mask`, `token_type_ids` [batch, tokens] → float32 `logits` [batch, labels].
 *
 * With `features` also float32 `features` [batch, n]: what the head reads.
 *
 * @param weights in stored layout; each parameter must be there in its shape
 * @throws UsageError `training/run` when architecture and weights do not fit each other
 */
export function runModel(
  { name, architecture, labels }: Pick<Run, 'name' | 'architecture' | 'labels'>,
  weights: Weights,
  { features = false } = {},
): Uint8Array {
  const config = architectureSchema.safeParse(architecture);
  if (!config.success) throw misfit(name, `its architecture is not known here: ${config.error.issues[0]?.message}`);
  const { builder, logits, features: read, parameters } = buildClassifier(config.data, { labels: labels.length });
  const { weights: matched, missing, mismatched, unused } = matchWeights(storedShapes(parameters), weights, { prefixes: [] });
  if (missing.length > 0) throw misfit(name, `its weights lack ${missing.slice(0, 3).join(', ')}`);
  if (unused.length > 0) throw misfit(name, `its architecture has no place for ${unused.slice(0, 3).join(', ')}`);
  for (const { name: weight, expected, given } of mismatched) throw misfit(name, `${weight} is [${given}], not [${expected}]`);
  return toOnnx(builder.graph(features ? [logits, read] : [logits]), {
    name,
    initializers: fromStored(parameters, matched),
    outputNames: new Map([[logits.name, 'logits'], ...(features ? [[read.name, 'features'] as const] : [])]),
  });
}

function misfit(name: string, what: string): UsageError {
  return new UsageError('training/run', `run ${name}: ${what}`, 'use the version of copydesk that trained it, or train again.');
}
