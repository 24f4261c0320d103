import { expect, test } from 'vitest';
import { checkProbes, formatProbes, parseProbes, probeTexts } from './probes.js';

const manifest = { name: 'm', version: '1', parity: { fp32: { texts: 1, maxLogitDifference: 0, labelAgreement: 1, tolerance: 1e-4 } } };
const classifier = (rows: readonly (readonly number[])[]) => ({
  logits: async () => ({ logits: rows.map((row) => Float32Array.from(row)), truncated: rows.map(() => false) }),
});
const probes = { texts: ['a', 'b'], logits: { fp32: [[1, -2], [300, 0.5]] } }; // biome-ignore format: one table
const check = (rows: readonly (readonly number[])[], precision = 'fp32') => checkProbes(classifier(rows), probes, manifest, precision);

test('a bundle that answers as it did passes, by its own tolerance; large logits may differ in proportion', async () => {
  expect(await check(probes.logits.fp32)).toBe(0);
  expect(await check([[1.00005, -2], [300.02, 0.5]])).toBeCloseTo(6.7e-5, 6); // biome-ignore format: one table
});

test.each([
  ['another logit', [[1.001, -2], [300, 0.5]]],
  ['no number', [[1, -2], [300, Number.NaN]]],
  ['a label too few', [[1, -2], [300]]],
  ['a text too few', [[1, -2]]],
])('%s does not', async (_what, rows) => {
  await expect(check(rows)).rejects.toThrow(/m@1 answers its recorded texts otherwise/);
}); // biome-ignore format: one table

test('a model file without a record is refused', async () => {
  await expect(check(probes.logits.fp32, 'int8')).rejects.toThrow(/no record of what its int8 model answers/);
});

test('texts and logits survive their file, whatever is in them', () => {
  const texts = probeTexts('single');
  const logits = { fp32: texts.map((_, i) => [Math.fround(Math.sin(i)), Math.fround(1e-7 * i)]) };
  const read = parseProbes(formatProbes({ texts: [...texts] as string[], logits }), 'x');
  expect(read.texts).toEqual(texts);
  expect(read.logits.fp32!.map((row) => row.map(Math.fround))).toEqual(logits.fp32);
  expect(probeTexts('pair').every((text) => Array.isArray(text))).toBe(true);
  expect(() => parseProbes('{"texts":[]}', 'file.json')).toThrow(/file\.json: it does not hold texts/);
});
