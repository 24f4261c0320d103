import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultEpochs, trainConfigSchema } from './config.js';

/** Every dotted key of a schema that is not an object itself. */
function leaves(schema: unknown, path: readonly string[] = []): string[] {
  let inner = schema as { shape?: Record<string, unknown>; def: { innerType?: unknown } };
  while (!inner.shape && inner.def.innerType) inner = inner.def.innerType as typeof inner;
  return inner.shape ? Object.entries(inner.shape).flatMap(([key, value]) => leaves(value, [...path, key])) : [path.join('.')];
}

test('docs/config.md names every key of the config, and no other', () => {
  const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([\w.]+)` *\|/gm)].map(([, key]) => key!);
  expect(documented.sort()).toEqual(leaves(trainConfigSchema).sort());
});

test('few texts are passed over more often, up to a bound', () => {
  const pretrained = { model: trainConfigSchema.shape.model.parse({ pretrained: 'minilm' }) };
  const scratch = { model: trainConfigSchema.shape.model.parse({}) };
  expect([1, 10, 50, 201, 700].map((steps) => defaultEpochs(pretrained, steps))).toEqual([20, 20, 6, 3, 3]);
  expect([10, 100, 201, 700].map((steps) => defaultEpochs(scratch, steps))).toEqual([30, 15, 8, 5]);
});
