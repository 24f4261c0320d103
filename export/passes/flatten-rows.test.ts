import { expect, test } from 'vitest';
import { toOnnx } from '../../models/index.js';
import { flattenRows } from './flatten-rows.js';
import { removeDeadCode } from './remove-dead-code.js';
import { askGraph, largestDifference, randomTexts, smallArchitectures, smallModel } from './testing/small-model.js';
import { tokenProduct } from './token-products.js';

const kinds = Object.keys(smallArchitectures) as (keyof typeof smallArchitectures)[];

test.each(kinds)('%s: every product of tokens has two dims, and no answer changes', async (kind) => {
  const model = smallModel(kind);
  const flat = removeDeadCode(flattenRows(model));
  const products = flat.nodes.filter((node) => tokenProduct(node, node.inputs));
  expect(products.length > 0 || kind === 'a bidirectional GRU').toBe(true); // its products are within the recurrence
  for (const { inputs } of products) expect(inputs[0]!.shape.length, inputs[1]!.name).toBe(2);
  const texts = randomTexts(1, 5, { longest: 20 });
  expect(largestDifference(await askGraph(flat, texts), await askGraph(model, texts))).toBeLessThan(1e-5);
});

test('an encoder has no more reshapes for it than it had', () => {
  const model = smallModel();
  const reshapes = (graph: typeof model): number => graph.nodes.filter(({ op }) => op === 'Reshape').length;
  const flat = removeDeadCode(flattenRows(model));
  expect(reshapes(flat)).toBeLessThanOrEqual(reshapes(model) + 2);
  expect(toOnnx(flat).length).toBeLessThan(1.05 * toOnnx(model).length);
});
