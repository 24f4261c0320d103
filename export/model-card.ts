/** @file README.md of a bundle: what the model does, how well, and how it is used. */
import type { Figures, Manifest, TextRules } from '../models/index.js';

type Activation = Manifest['activation'];

export function modelCard(manifest: Omit<Manifest, 'files'>): string {
  const { name, version, labels, activation, temperature, text, license, notice } = manifest;
  const sections = [
    frontMatter(manifest),
    `# ${name}`,
    `${saysOf[activation](
      inputWords[text.input],
      labels.map((label) => `**${label}**`),
    )} Version \`${version}\`, trained and exported with Copydesk.`,
    `## Figures\n\n${figures(manifest)}`,
    `## Decisions\n\n${decisions(manifest)}`,
    `## Use\n\n${use(manifest)}`,
    [
      '## Details\n',
      `- Architecture: \`${JSON.stringify(manifest.architecture)}\``,
      `- Reads at most ${text.maxTokens} tokens of a text; what is longer is cut, and the answer says so.`,
      ...(text.pairs === 'both-orders'
        ? ['- A pair is read in both orders, and the logits are averaged: which text comes first does not matter.']
        : []),
      `- ${scoreWords[activation](round(temperature))}`,
      ...Object.entries(manifest.parity).map(
        ([precision, { texts, maxLogitDifference }]) =>
          `- ${precision}: logits within ${maxLogitDifference.toExponential(1)} of the trained graph on ${texts} val texts${sameWords[activation]}.`,
      ),
      ...Object.entries(manifest.data.examples).map(
        ([split, count]) => `- ${split}: ${count} texts, fingerprint \`${manifest.data.fingerprint[split] ?? 'unknown'}\`.`,
      ),
    ].join('\n'),
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

const scoreWords: { readonly [A in Activation]: (temperature: string) => string } = {
  softmax: (temperature) =>
    `Scores are softmax probabilities, after division of the logits by the temperature ${temperature}, fitted on val.`,
  sigmoid: (temperature) =>
    `Scores are sigmoid probabilities, each label by itself, after division of the logits by the temperature ${temperature}, fitted on val.`,
  none: () => 'Values are the logits themselves.',
};

const sameWords: { readonly [A in Activation]: string } = {
  softmax: ', all with the same label',
  sigmoid: ', all with the same labels',
  none: ' (of values above 1: that share of them)',
};

function frontMatter({ license }: Omit<Manifest, 'files'>): string {
  return [
    '---',
    'pipeline_tag: text-classification',
    'library_name: transformers.js',
    ...(license ? [`license: ${JSON.stringify(license.toLowerCase())}`] : []),
    '---',
  ].join('\n');
}

function figures({ metrics, activation }: Omit<Manifest, 'files'>): string {
  const columns = figureColumns[activation];
  const rows = Object.entries(metrics).map(([split, of]) => `| ${[split, ...columns.map(([, key]) => figure(of, key))].join(' | ')} |`);
  return [`| ${['Split', ...columns.map(([title]) => title)].join(' | ')} |`, `|${'---|'.repeat(columns.length + 1)}`, ...rows].join('\n');
}

const figureColumns: { readonly [A in Activation]: readonly (readonly [title: string, key: string])[] } = {
  softmax: [['Macro F1', 'macroF1'], ['Accuracy', 'accuracy']], // biome-ignore format: a table
  sigmoid: [['Macro F1', 'macroF1'], ['Micro F1', 'microF1'], ['All labels right', 'accuracy']], // biome-ignore format: a table
  none: [['Pearson', 'pearson'], ['Spearman', 'spearman'], ['Mean squared error', 'mse'], ['Mean absolute error', 'mae']], // biome-ignore format: a table
};

function figure(figures: Figures, key: string): string {
  const value = (figures as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'number' ? round(value) : '–';
}

function decisions({ policy, thresholds }: Omit<Manifest, 'files'>): string {
  return [...(thresholds ? [given(thresholds)] : []), held(policy)].join('\n\n');
}

function given(thresholds: Readonly<Record<string, number>>): string {
  const rows = Object.entries(thresholds).map(([label, value]) => `| ${label} | ${threshold(value)} |`);
  return ['A label is given from this score on.', '', '| Label | Given from |', '|---|---|', ...rows].join('\n');
}

function held(policy: Manifest['policy']): string {
  const rules = Object.entries(policy.labels);
  if (rules.length === 0) return 'Nothing holds a text back: every text is answered with `publish`.';
  const rows = rules.map(([label, { review, block }]) => `| ${label} | ${threshold(review)} | ${threshold(block)} |`);
  return [
    'A text is held when the score of a label reaches its threshold.',
    '',
    '| Label | Review from | Block from |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

function use({ name, version, text }: Omit<Manifest, 'files'>): string {
  const line = text.input === 'pair' ? '{"text": "One text", "pair": "The other"}' : '{"text": "The text to judge"}';
  return [
    `With Copydesk, from the folder that holds \`${name}/\`:`,
    '',
    '    copydesk serve --models .',
    `    echo '${line}' | copydesk predict ${name}/${version}`,
    '',
    'With transformers.js (without the temperature and the decisions):',
    '',
    `    const classify = await pipeline('text-classification', '${name}/${version}', { dtype: 'fp32' });`,
  ].join('\n');
}

const threshold = (value: number | null): string => (value === null ? 'never' : round(value));
const round = (value: number): string => String(Number(value.toFixed(4)));
