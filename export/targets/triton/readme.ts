import type { Manifest } from '../../../models/index.js';

/** How the three models of a bundle are asked, for whoever finds them in a repository. */
export function tritonReadme({ name, version, labels, activation, temperature, text, policy }: Manifest): string {
  return `# ${name} ${version}

- \`${name}_tokenizer\`: texts to token ids, by the Python backend; it wants the package \`tokenizers\`.
- \`${name}\`: token ids to logits, by the ONNX Runtime backend.
- \`${name}_ensemble\`: texts to logits, by both.

Ask the ensemble with \`text\` (BYTES, [batch, 1])${text.input === 'single' ? '' : ` and${text.input === 'any' ? ', if there is one,' : ''} \`pair\` of the same shape`}. \`logits\` (FP32, [batch, ${labels.length}]) are of ${labels.join(', ')}.
${meaning[activation](temperature)}
${text.pairs === 'both-orders' ? 'A pair is read as it is given. Ask it in both orders too, and take the mean of the logits.\n' : ''}
Thresholds: \`${JSON.stringify(policy.labels)}\`.
`;
}

const meaning: { readonly [A in Manifest['activation']]: (temperature: number) => string } = {
  softmax: (temperature) => `Scores are softmax(logits / ${temperature}).`,
  sigmoid: (temperature) => `Scores are sigmoid(logits / ${temperature}), each label by itself.`,
  none: () => 'They are the values themselves.',
};
