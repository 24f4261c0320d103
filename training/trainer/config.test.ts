import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trainConfigSchema } from './config.js';

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
