/** @file `--precision`: which model file of a bundle a command runs. */
import { Option } from 'commander';
import { type WantedPrecision, wantedPrecisions } from '../models/index.js';

export type PrecisionOption = { readonly precision: WantedPrecision };

export const precisionOption = (): Option =>
  new Option('--precision <name>', 'model file to run: fp32, int8, fp16, or auto for the fastest that the bundle has')
    .choices(wantedPrecisions)
    .default('fp32');
