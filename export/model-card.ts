/** @file README.md of a bundle: what the model does, for whom, how well, where it ends, and how it is opened. */
import type { Manifest, TextRules } from '../models/index.js';
import { figureTable, round, table } from './card/figures.js';
import { frontMatter } from './card/front-matter.js';
import { intendedUse, limits } from './card/limits.js';
import { modelFiles } from './card/model-files.js';
import { howToUse } from './card/use.js';

type Activation = Manifest['activation'];
type Carded = Omit<Manifest, 'files'>;

/** @param sizes bytes of the model files, by path */
export function modelCard(manifest: Carded, sizes: Readonly<Record<string, number>> = {}): string {
  const { name, version, labels, activation, text, license, notice, origin } = manifest;
  const bold = labels.map((label) => `**${label}**`);
  const made = origin ? `brought in from a ${origin.modelType} that was trained elsewhere` : 'trained and exported with Copydesk';
  const sections = [
    frontMatter(manifest),
    `# ${name}`,
    `${saysOf[activation](inputWords[text.input], bold)} Version \`${version}\`, ${made}.`,
    `## Intended use\n\n${intendedUse(manifest)}`,
    `## Figures\n\n${figureTable(manifest)}`,
    `## Decisions\n\n${decisions(manifest)}`,
    `## Limits\n\n${limits(manifest)}`,
    `## Files\n\n${modelFiles(manifest, sizes)}`,
    `## Use\n\n${howToUse(manifest)}`,
    `## Details\n\n${details(manifest)}`,
    ...(license || notice ? [`## License\n\n${[license, notice].filter(Boolean).join('\n\n')}`] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

const inputWords: { readonly [I in TextRules['input']]: string } = { single: 'a text', pair: 'two texts read together', any: 'a text' };

const saysOf: { readonly [A in Activation]: (input: string, labels: readonly string[]) => string } = {
  softmax: (input, labels) => `Classifies ${input} as ${labels.join(', ')}.`,
  sigmoid: (input, labels) => `Gives ${input} any of the labels ${labels.join(', ')}, or none.`,
  none: (input, labels) => `Gives ${input} ${labels.length === 1 ? 'a value' : 'values'}: ${labels.join(', ')}.`,
};

function details({ architecture, activation, temperature, metrics, data, origin }: Carded): string {
  const fitted = Object.keys(metrics).length === 0 ? 'which is not fitted' : 'fitted on val';
  return [
    `- Architecture: \`${JSON.stringify(architecture)}\``,
    `- ${scoreWords[activation](`${round(temperature)}, ${fitted}`)}`,
    ...(origin ? [`- Weights as they were brought in: sha256 \`${origin.weights}\`.`] : []),
    ...Object.entries(data.examples).map(
      ([split, count]) => `- ${split}: ${count} texts, fingerprint \`${data.fingerprint[split] ?? 'unknown'}\`.`,
    ),
  ].join('\n');
}

const scoreWords: { readonly [A in Activation]: (temperature: string) => string } = {
  softmax: (temperature) => `Scores are softmax probabilities, after division of the logits by the temperature ${temperature}.`,
  sigmoid: (temperature) =>
    `Scores are sigmoid probabilities, each label by itself, after division of the logits by the temperature ${temperature}.`,
  none: () => 'Values are the logits themselves.',
};

function decisions({ policy, thresholds }: Carded): string {
  return [...(thresholds ? [given(thresholds)] : []), held(policy)].join('\n\n');
}

function given(thresholds: Readonly<Record<string, number>>): string {
  const rows = Object.entries(thresholds).map(([label, value]) => [label, threshold(value)]);
  return `A label is given from this score on.\n\n${table(['Label', 'Given from'], rows)}`;
}

function held(policy: Manifest['policy']): string {
  const rules = Object.entries(policy.labels);
  if (rules.length === 0) return 'Nothing holds a text back: every text is answered with `publish`.';
  const rows = rules.map(([label, { review, block }]) => [label, threshold(review), threshold(block)]);
  return `A text is held when the score of a label reaches its threshold.\n\n${table(['Label', 'Review from', 'Block from'], rows)}`;
}

const threshold = (value: number | null): string => (value === null ? 'never' : round(value));
