/** @file The weights of a classifier that was trained elsewhere: each that the architecture has must be there, and nothing may be left over. */
import {
  type ArchitectureConfig,
  buildClassifier,
  type Matched,
  matchWeights,
  storedShapes,
  UsageError,
  type Weights,
} from '../../models/index.js';
import { readWeights } from '../../models/weights/node.js';

export type ForeignWeights = {
  readonly weights: Weights;
  /** Names of weights that belong to what the model was before it classified. */
  readonly leftOut: readonly string[];
};

/** Heads of pre-training, and the pooler that RoBERTa's classification head does without: files keep them, transformers does not read them either. */
const others = /^(cls|lm_head|mlm_head|qa_outputs|vocab_(transform|layer_norm|projector))\.|^roberta\.pooler\./;

/** @throws UsageError `weights/missing`, `weights/invalid` with the names of what does not fit */
export async function foreignWeights(folder: string, architecture: ArchitectureConfig, labels: number): Promise<ForeignWeights> {
  const stored = await readWeights(folder, { widen: true });
  const { parameters } = buildClassifier(architecture, { labels });
  const matched = matchWeights(storedShapes(parameters), stored);
  const leftOut = matched.unused.filter((name) => others.test(name));
  const problem = problemOf({ ...matched, unused: matched.unused.filter((name) => !others.test(name)) });
  if (problem) throw new UsageError('weights/invalid', `${folder}: ${problem.what}`, problem.fix);
  return { weights: matched.weights, leftOut };
}

function problemOf({ missing, mismatched, unused, weights }: Matched): { readonly what: string; readonly fix: string } | undefined {
  if (missing.length > 0)
    return {
      what: `its weights lack ${some(missing)}`,
      fix: missing.some((name) => /classifier/.test(name))
        ? 'give a model that was fine-tuned to classify; to fine-tune this one, train with "model": {"pretrained": FOLDER}.'
        : 'get all files of the model; config.json must be that of these weights.',
    };
  if (unused.length > 0)
    return {
      what: `its architecture has no place for ${some(unused)}`,
      fix: 'config.json must be that of these weights; layers that were added to the model cannot be brought in.',
    };
  const [odd] = mismatched;
  if (odd) return { what: `${odd.name} is [${odd.given}], not [${odd.expected}]`, fix: 'config.json must be that of these weights.' };
  const double = [...weights].find(([, { type }]) => type !== 'float32');
  if (double)
    return { what: `${double[0]} is ${double[1].type}`, fix: 'save the model in float32: model.float().save_pretrained(folder).' };
  return undefined;
}

const some = (names: readonly string[]): string => names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
