import { buildDecoder, type Gpt2Config } from '../architectures/gpt2.js';
import { toOnnx } from '../onnx/to-onnx.js';
import type { Weights } from '../weights/safetensors.js';
import { fromStored } from '../weights/stored-weights.js';

/**
 * A language model as the bytes of the `.onnx` file that `createDecoder` runs; with a cache, inputs and outputs are named as Optimum and
 * transformers.js name them.
 *
 * @param weights of every parameter by name, in the layout of files (`matchWeights`)
 */
export function decoderFile(config: Gpt2Config, weights: Weights, { cache = true } = {}): Uint8Array {
  const { builder, logits, presents, parameters } = buildDecoder(config, { cache });
  const outputNames = new Map([[logits.name, 'logits']]);
  for (const [layer, { key, value }] of presents.entries())
    outputNames.set(key.name, `present.${layer}.key`).set(value.name, `present.${layer}.value`);
  const outputs = [logits, ...presents.flatMap(({ key, value }) => [key, value])];
  return toOnnx(builder.graph(outputs), { name: 'gpt2', initializers: fromStored(parameters, weights), outputNames });
}
