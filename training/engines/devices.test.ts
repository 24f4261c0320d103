import { expect, test } from 'vitest';
import { chooseDevice, type Device } from './devices.js';

const [there, missing] = [async () => undefined, async () => 'no driver'];

test.each<[Device, typeof there | typeof missing, string, string]>([
  ['auto', there, 'onnx', 'cuda'],
  ['auto', missing, 'onnx', 'cpu'],
  ['cpu', there, 'onnx', 'cpu'],
  ['cuda', there, 'onnx', 'cuda'],
  ['webgpu', there, 'webgpu', 'cpu'],
  ['tfjs', missing, 'tensorflow', 'cpu'],
])('%s is the engine and the provider that there are', async (device, ask, engine, provider) => {
  expect(await chooseDevice(device, ask)).toEqual({ engine, provider });
});

test.each(['cuda', 'webgpu'] as const)('%s that is not there is refused, with the reason and what to do', async (device) => {
  await expect(chooseDevice(device, missing)).rejects.toMatchObject({
    code: 'training/engine',
    message: expect.stringMatching(new RegExp(`^device ${device}: .*\\(no driver\\)\\. Fix: .*copydesk doctor.*--device cpu`)),
  });
});

test('the runtime itself is asked: the CPU is always there', async () => {
  expect((await chooseDevice('auto')).engine).toBe('onnx');
  expect(await chooseDevice('cpu')).toEqual({ engine: 'onnx', provider: 'cpu' });
});
