/** @file README.md of a bundle: what the model does, how well, and how it is used. */
import type { Manifest } from '../models/index.js';

export function modelCard(manifest: Omit<Manifest, 'files'>): string {
  const { name, version, labels, activation, temperature, text, license, notice } = manifest;
  const sections = [
    frontMatter(manifest),
    `# ${name}`,
    `Classifies a text as ${labels.map((label) => `**${label}**`).join(', ')}. Version \`${version}\`, trained and exported with Copydesk.`,
    `## Figures\n\n${figures(manifest)}`,
    `## Decisions\n\n${decisions(manifest)}`,
    `## Use\n\n${use(manifest)}`,
    [
      '## Details\n',
      `- Architecture: \`${JSON.stringify(manifest.architecture)}\``,
      `- Reads at most ${text.maxTokens} tokens of a text; what is longer is cut, and the answer says so.`,
      `- Scores are ${scoreWords[activation]}, after division of the logits by the temperature ${round(temperature)}, fitted on val.`,
      ...Object.entries(manifest.parity).map(
        ([precision, { texts, maxLogitDifference }]) =>
          `- ${precision}: logits within ${maxLogitDifference.toExponential(1)} of the trained graph on ${texts} val texts, all with the same label.`,
      ),
      ...Object.entries(manifest.data.examples).map(
        ([split, count]) => `- ${split}: ${count} texts, fingerprint \`${manifest.data.fingerprint[split] ?? 'unknown'}\`.`,
      ),
    ].join('\n'),
    ...(license || notice ? [`## License\n\n${[license, notice].filter(Boolean).join('\n\n')}`] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

const scoreWords: { readonly [A in Manifest['activation']]: string } = {
  softmax: 'softmax probabilities',
  sigmoid: 'sigmoid probabilities, each label by itself',
  none: 'the logits themselves',
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

function figures({ metrics }: Omit<Manifest, 'files'>): string {
  const rows = Object.entries(metrics).map(([split, { macroF1, accuracy }]) => `| ${split} | ${round(macroF1)} | ${round(accuracy)} |`);
  return ['| Split | Macro F1 | Accuracy |', '|---|---|---|', ...rows].join('\n');
}

function decisions({ policy }: Omit<Manifest, 'files'>): string {
  const rules = Object.entries(policy.labels);
  if (rules.length === 0) return 'No label holds a text back: every text is answered with `publish`.';
  const rows = rules.map(([label, { review, block }]) => `| ${label} | ${threshold(review)} | ${threshold(block)} |`);
  return [
    'A text is held when the score of a label reaches its threshold.',
    '',
    '| Label | Review from | Block from |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

function use({ name, version }: Omit<Manifest, 'files'>): string {
  return [
    `With Copydesk, from the folder that holds \`${name}/\`:`,
    '',
    '    copydesk serve --models .',
    `    echo '{"text": "The text to judge"}' | copydesk predict ${name}/${version}`,
    '',
    'With transformers.js (without the temperature and the decisions):',
    '',
    `    const classify = await pipeline('text-classification', '${name}/${version}', { dtype: 'fp32' });`,
  ].join('\n');
}

const threshold = (value: number | null): string => (value === null ? 'never' : round(value));
const round = (value: number): string => String(Number(value.toFixed(4)));
