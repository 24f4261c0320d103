import { expect, test } from 'vitest';
import { z } from 'zod';
import { keysAt, leavesOf } from './schema-keys.js';

const circle = z.strictObject({ kind: z.literal('circle').default('circle'), radius: z.number() });
const box = z.strictObject({ kind: z.literal('box'), side: z.number(), corner: z.strictObject({ bevel: z.number() }).optional() });
const schema = z.strictObject({
  name: z.string(),
  shape: z.discriminatedUnion('kind', [circle, box]).prefault({ kind: 'circle', radius: 1 }),
  groups: z.array(z.strictObject({ match: z.string(), factor: z.number() })).default([]),
  size: z.union([z.number(), z.literal('used')]).optional(),
});

test('leaves: the keys of variants together, an array and a choice as one', () => {
  expect(leavesOf(schema)).toEqual(['name', 'shape.kind', 'shape.radius', 'shape.side', 'shape.corner.bevel', 'groups', 'size']);
});

test('keys at a path: through variants, optional parts and the elements of arrays', () => {
  expect(keysAt(schema, [])).toEqual(['name', 'shape', 'groups', 'size']);
  expect(keysAt(schema, ['shape'])).toEqual(['kind', 'radius', 'side', 'corner']);
  expect(keysAt(schema, ['shape'], { shape: { kind: 'box' } })).toEqual(['kind', 'side', 'corner']);
  expect(keysAt(schema, ['shape', 'corner'])).toEqual(['bevel']);
  expect(keysAt(schema, ['groups', 0])).toEqual(['match', 'factor']);
  expect(keysAt(schema, ['size'])).toEqual([]);
  expect(keysAt(schema, ['nowhere', 'at', 'all'])).toEqual([]);
});
