/** @file `--device` of the verbs that train: what steps run on, as values of the config. */
import { Option } from 'commander';
import { chooseDevice, type Device, devices } from '../training/index.js';

export const deviceOption = (): Option =>
  new Option(
    '--device <device>',
    'what steps run on; auto: CUDA where it works, else the CPU; webgpu: a graphics card of any make; tfjs: TensorFlow (default: as the config says)',
  ).choices(devices);

/** What `--device` sets, by dotted key; nothing where it was not given.
 *  @throws UsageError `training/engine` where the device is not there */
export async function deviceOverrides(device: Device | undefined): Promise<Readonly<Record<string, string>>> {
  if (device === undefined) return {};
  const { engine, provider } = await chooseDevice(device);
  return { 'training.engine': engine, 'training.provider': provider };
}
