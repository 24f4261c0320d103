import {
  cast,
  equal,
  exp,
  type GraphBuilder,
  log,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  sub,
  unsqueeze,
  type Value,
} from '../../models/index.js';

/**
 * Mean over the batch of -log softmax(logits)[label]. The log-softmax is written out (x - max - log Σ exp) and the one-hot is a comparison,
 * because WebGPU has neither LogSoftmax nor OneHot.
 *
 *     logits   [batch, labels]
 *     labels   [batch] int64, each 0 <= label < labels
 *     returns  []
 */
export function crossEntropy(g: GraphBuilder, logits: Value, labels: Value): Value {
  const count = logits.shape[1] as number;
  const range = g.constant(
    Array.from({ length: count }, (_, i) => i),
    'int64',
  );
  const target = cast(g, equal(g, unsqueeze(g, labels, [1]), range), logits.type); // [batch, labels]
  return neg(g, reduceMean(g, reduceSum(g, mul(g, target, logSoftmax(g, logits)), { axes: [1] }), { axes: [0] }));
}

/** [batch, labels] to [batch, labels]. */
export function logSoftmax(g: GraphBuilder, logits: Value): Value {
  const shifted = sub(g, logits, reduceMax(g, logits, { axes: [1], keepdims: true }));
  return sub(g, shifted, log(g, reduceSum(g, exp(g, shifted), { axes: [1], keepdims: true })));
}
