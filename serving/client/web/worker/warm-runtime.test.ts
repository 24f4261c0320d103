import { expect, test } from 'vitest';
import { createSession } from '../../../../models/runtime/web.js';
import { smallestModel, warmRuntime } from './warm-runtime.js';

test('the smallest model is one that the runtime takes', async () => {
  const session = await createSession(smallestModel(), { threads: 1 });
  const { y } = await session.run({ x: { type: 'float32', dims: [], data: Float32Array.of(3) } });
  expect(y!.data).toEqual(Float32Array.of(-3));
});

test('a runtime that cannot be loaded is not told of here', async () => {
  await expect(warmRuntime(() => Promise.reject(new Error('no runtime')))).resolves.toBeUndefined();
});
