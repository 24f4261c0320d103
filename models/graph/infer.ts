/** @file What each op gives for what it is given. Total over the op set; a wrong shape or type fails while the node is built. */
import { UsageError } from '../errors.js';
import type { OpAttributes, OpType, Value } from './graph.js';
import { elementwise } from './infer/elementwise.js';
import { indexing } from './infer/indexing.js';
import { layout } from './infer/layout.js';
import { matmul } from './infer/matmul.js';
import { normalization } from './infer/normalization.js';
import { quantization } from './infer/quantization.js';
import { recurrent } from './infer/recurrent.js';
import { reduction } from './infer/reduction.js';
import type { Fail, InferRule, InferRules, Inferred } from './infer/rule.js';

const rules: InferRules = {
  ...elementwise,
  ...matmul,
  ...quantization,
  ...layout,
  ...indexing,
  ...reduction,
  ...normalization,
  ...recurrent,
};

/** Every op there is. */
export const opTypes: ReadonlySet<string> = new Set(Object.keys(rules));

export function inferOutputs<K extends OpType>(
  op: K,
  name: string,
  inputs: readonly Value[],
  attributes: OpAttributes[K],
): readonly Inferred[] {
  const fail: Fail = (code, what, fix) => {
    throw new UsageError(code, `${op}: ${what} (node ${name})`, fix);
  };
  return (rules[op] as InferRule<K>)(inputs, attributes, fail);
}
