/** @file Which model file of a bundle runs. Safe in a browser. */
import type { Provider } from '../runtime/session.js';
import type { Manifest, Precision } from './manifest.js';

/** `auto`: the fastest that the bundle has, for what computes. */
export type WantedPrecision = Precision | 'auto';

export const wantedPrecisions = ['fp32', 'int8', 'fp16', 'auto'] as const satisfies readonly WantedPrecision[];

export type ChosenPrecision = {
  readonly precision: Precision;
  /** Where the bundle lacks what was wanted: a sentence that says so, and what runs in its place. */
  readonly instead?: string;
};

/** Processors have instructions for int8 and none for fp16; of graphics processors the other way round. */
const fastest: { readonly [P in Provider]: readonly Precision[] } = {
  cpu: ['int8', 'fp32'],
  wasm: ['int8', 'fp32'],
  cuda: ['fp16', 'fp32'],
  webgpu: ['fp16', 'fp32'],
};

/** @param provider what is to compute */
export function choosePrecision(
  { name, version, models }: Pick<Manifest, 'name' | 'version' | 'models'>,
  wanted: WantedPrecision,
  provider: Provider = 'cpu',
): ChosenPrecision {
  if (wanted === 'auto') return { precision: fastest[provider].find((one) => models[one] !== undefined) ?? 'fp32' };
  if (models[wanted] !== undefined) return { precision: wanted };
  const has = Object.keys(models).join(', ');
  return {
    precision: 'fp32',
    instead: `${name}@${version} has no ${wanted} file, only ${has}: fp32 runs. copydesk export --precision ${wanted} writes one.`,
  };
}
