/** @file Which of a bundle's model files run here, the best first. */
import type { Manifest } from '../../../../models/index.js';
import { CopydeskError } from '../../asking/index.js';
import type { Precision } from '../messages.js';

export type Device = { readonly provider: 'wasm' | 'webgpu'; readonly halfPrecision: boolean };
export type ModelFile = { readonly precision: Precision; readonly path: string };

/** Up to this size the fp32 file is fetched: its answers, and the reasons for them, are the server's to the digit. */
const smallBytes = 8_000_000;

/** int8 is a quarter of the download, and about as fast in WebAssembly; GPUs compute in halves where they can. */
const orders: { readonly [P in Device['provider']]: (device: Device, fp32Bytes: number) => readonly Precision[] } = {
  wasm: (_, fp32Bytes) => (fp32Bytes <= smallBytes ? ['fp32', 'int8'] : ['int8', 'fp32']),
  webgpu: ({ halfPrecision }) => (halfPrecision ? ['fp16', 'fp32'] : ['fp32']),
};

/** @throws CopydeskError `bundle/missing` where the bundle is without the precision that was asked for, `unsupported` where the GPU is */
export function modelFiles(
  { models, files: listed }: Pick<Manifest, 'models' | 'files'>,
  wanted: Precision | 'auto',
  device: Device,
): readonly ModelFile[] {
  // Such a model loads there, and fails when it is asked.
  if (wanted === 'fp16' && device.provider === 'webgpu' && !device.halfPrecision)
    throw new CopydeskError('unsupported', 'the GPU does not compute in halves (shader-f16)', 'use fp32, or auto');
  const { bytes = 0 } = listed.find(({ path }) => path === models.fp32) ?? {};
  const order = wanted === 'auto' ? orders[device.provider](device, bytes) : [wanted];
  const files = order.flatMap((precision) => {
    const path = models[precision];
    return path === undefined ? [] : [{ precision, path }];
  });
  if (files.length > 0) return files;
  const has = Object.entries(models).flatMap(([precision, path]) => (path === undefined ? [] : [precision]));
  throw new CopydeskError('bundle/missing', `the bundle has no ${order.join(' or ')} model`, `use one of ${has.join(', ')}, or auto`);
}
