/** @file The YAML before a model card, by which the hub files a model. Strings are written as JSON, which YAML reads alike. */
import type { Manifest } from '../../models/index.js';

type Carded = Omit<Manifest, 'files'>;

export function frontMatter({ license, activation, models, origin }: Carded): string {
  const precisions = Object.keys(models).filter((one) => one !== 'fp32');
  const lines = [
    'pipeline_tag: text-classification',
    'library_name: transformers.js',
    ...list('tags', [
      'copydesk',
      'onnx',
      'text-classification',
      'content-moderation',
      ...precisions,
      ...(origin ? [origin.modelType] : []),
    ]),
    ...list('metrics', metricNames[activation]),
    ...(license ? licenseLines(license) : []),
  ];
  return ['---', ...lines, '---'].join('\n');
}

const list = (key: string, values: readonly string[]): readonly string[] => [
  `${key}:`,
  ...values.map((value) => `  - ${JSON.stringify(value)}`),
];

/** As the hub names them. */
const metricNames: { readonly [A in Manifest['activation']]: readonly string[] } = {
  softmax: ['f1', 'accuracy'],
  sigmoid: ['f1'],
  none: ['pearsonr', 'spearmanr', 'mse', 'mae'],
};

/** Of the hub's list of licenses those that models and texts come under; every other one it wants as `other` with a name. */
const known =
  /^(apache-2\.0|mit|bsd(-[23]-clause)?|isc|cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[234]\.0|[al]?gpl-[23]\.[01]|mpl-2\.0|openrail(\+\+)?|unlicense|other|unknown)$/;

function licenseLines(license: string): readonly string[] {
  const id = license.toLowerCase();
  return known.test(id) ? [`license: ${JSON.stringify(id)}`] : ['license: "other"', `license_name: ${JSON.stringify(license)}`];
}
