import { exp, type GraphBuilder, invariant, log, max, mul, type Value } from '../../models/index.js';

/** Below it a base counts as this: its logarithm and the gradient of that stay finite. */
const smallest = 1e-12;

/**
 * `x` to a fixed power, for x from 0 to 1. Whole powers are products, others `exp(exponent · log x)`: no provider need have Pow.
 *
 *     x, returns  [...]
 *
 * @returns undefined for the power 0: leave the factor out
 */
export function power(g: GraphBuilder, x: Value, exponent: number): Value | undefined {
  invariant(exponent >= 0, `power: the exponent ${exponent} is below 0`);
  if (!Number.isInteger(exponent) || exponent > 8) return exp(g, mul(g, log(g, max(g, x, smallest)), exponent));
  return Array.from({ length: exponent }, () => x).reduce<Value | undefined>(
    (product, one) => (product ? mul(g, product, one) : one),
    undefined,
  );
}
