import { expect, test } from 'vitest';
import { openFirst, whyNot } from './providers.js';

const all = { cpu: null, cuda: null, webgpu: null, wasm: null };
const failing = (messages: Readonly<Record<string, string>>) => async (provider: string) => {
  if (messages[provider] !== undefined) throw new Error(messages[provider]);
  return provider;
};

test('why a provider was passed over is told without where it stands in the runtime’s source, and without its stack', async () => {
  const webgpu =
    '/src/webgpu_context.cc:136 onnxruntime::webgpu::Initialize(const Config&)::<lambda()> status == Success was false. No supported adapters.\nStack';
  const { provider, fallbacks } = await openFirst(['webgpu', 'cpu'], all, failing({ webgpu }));
  expect([provider, fallbacks]).toEqual(['cpu', ['webgpu: No supported adapters.']]);
});

test('of the one provider that was asked for, why it does not work can be had without the words around it', async () => {
  const error = await openFirst(['cuda'], all, failing({ cuda: 'Failed to load shared library' })).catch((one: unknown) => one);
  expect(error).toMatchObject({ code: 'runtime/provider' });
  expect(whyNot(error)).toBe('Failed to load shared library');
  expect(whyNot(new Error('something else.'))).toBe('something else');
});
