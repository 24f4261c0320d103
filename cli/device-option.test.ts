import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copydesk } from '../test/copydesk.js';
import { writeSmallData } from '../training/trainer/testing/small-run.js';

let home: string;
let config: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-device-'));
  config = await writeSmallData(home);
});
afterAll(() => rm(home, { recursive: true }));

const train = (device: string) => copydesk(['train', config, '--run', join(home, device), '--device', device]);

test('on the CPU it is ONNX Runtime that trains, and the run says so', async () => {
  const { code, stderr } = await train('cpu');
  expect(code).toBe(0);
  expect(stderr).toContain('by the onnx engine on cpu');
});

test('where there is WebGPU the run says so; elsewhere it is refused with the reason', async () => {
  const { code, stderr } = await train('webgpu');
  if (code === 0) expect(stderr).toContain('by the webgpu engine on webgpu');
  else expect(stderr).toMatch(/device webgpu: it cannot be used here \(.+\)\. Fix: .*copydesk doctor/);
}, 120_000);

test('a device that there is none of is wrong usage', async () => {
  const { code, stderr } = await train('tpu');
  expect(code).toBe(2);
  expect(stderr).toMatch(/'tpu' is invalid.*auto, cpu, cuda, webgpu, tfjs/);
});
