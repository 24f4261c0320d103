/** @file The model files of a bundle, how large each is, and how far it is from what was trained. */
import type { Manifest, Parity } from '../../models/index.js';
import { round, table } from './figures.js';

/** @param sizes bytes by path */
export function modelFiles({ models, parity, activation }: Omit<Manifest, 'files'>, sizes: Readonly<Record<string, number>>): string {
  const rows = (Object.entries(models) as [string, string][]).map(([precision, path]) => {
    const record = parity[precision];
    return [precision, `\`${path}\``, size(sizes[path]), record ? compared(record, activation) : '–'];
  });
  return table(['Precision', 'File', 'Size', 'Held to the model as it was trained'], rows);
}

const size = (bytes: number | undefined): string =>
  bytes === undefined ? '–' : bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function compared({ texts, maxLogitDifference, labelAgreement, accuracy }: Parity, activation: Manifest['activation']): string {
  const scaled = activation === 'none' ? ' (of values above 1: that share of them)' : '';
  const logits = `logits within ${maxLogitDifference.toExponential(1)} on ${texts} texts${scaled}`;
  const alike = labelAgreement === 1 ? 'all' : `${(100 * labelAgreement).toFixed(2)} %`;
  const { figure, trained, exported } = accuracy ?? {};
  const measured = figure !== undefined && typeof trained === 'number' && typeof exported === 'number';
  const change = measured ? [`${figure} ${round(exported)} where it was ${round(trained)}`] : [];
  return [logits, ...(activation === 'none' ? [] : [`${alike} answered alike`]), ...change].join(', ');
}
