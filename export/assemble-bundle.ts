/** @file A trained model to a bundle: its weights frozen into the graph, checked against what the one who trained it saw. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Bundle, writeBundle } from '../models/bundle/node.js';
import {
  activate,
  answerProbes,
  countScores,
  createClassifier,
  formatProbes,
  type Manifest,
  manifestVersion,
  type Prediction,
  type Probes,
  probesFile,
  probeTexts,
  type Run,
  runModel,
  UsageError,
  type Weights,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { huggingFaceConfig } from './hugging-face-config.js';
import { modelCard } from './model-card.js';
import { checkParity, parityTolerance } from './parity.js';

/** A model as it was trained, here or elsewhere. */
export type Trained = {
  /** What a run hands on to its bundle. */
  readonly run: Omit<Run, 'best' | 'format' | 'schemaVersion'>;
  readonly tokenizerJson: string;
  readonly tokenizerConfig: string;
  /** In stored layout. */
  readonly weights: Weights;
  /** Real texts with the logits that the trained model gives them: what the exported files are held to. */
  readonly predictions: readonly Prediction[];
};

export type BundleOptions = {
  /** A folder of models; the bundle becomes NAME/VERSION in it. */
  readonly to: string;
  /** Which model files to write. Default `fp32`, the only one that this version writes. */
  readonly precision?: readonly string[];
  /** Whether a different bundle of the same name and version may be replaced. Default false. */
  readonly overwrite?: boolean;
  /** Told while the exported file is compared with the run, in texts. */
  readonly onProgress?: (done: number, total: number) => void;
};

/** @throws UsageError `training/run` for weights that do not fit, `bundle/parity` when a file does not answer as the model did, `export/failed` */
export async function assembleBundle(
  { run, tokenizerJson, tokenizerConfig, weights, predictions }: Trained,
  { to, precision = usual, overwrite = false, onProgress }: BundleOptions,
): Promise<Bundle> {
  checkPrecision(precision);
  const model = runModel(run, weights);

  const session = await createSession(model);
  const classifier = createClassifier({ session, tokenizer: createTokenizer(tokenizerJson), ...run.text });
  const parity = await checkParity({
    classifier,
    activation: run.activation,
    predictions,
    tolerance: parityTolerance,
    onProgress,
  });
  const texts = probeTexts(run.text.input);
  const probes = formatProbes({ texts: texts as Probes['texts'], logits: { fp32: await answerProbes(classifier, texts) } });
  await session.dispose();

  const manifest: Omit<Manifest, 'files'> = {
    ...run,
    format: 'copydesk-bundle',
    schemaVersion: manifestVersion,
    version: createHash('sha256').update(model).digest('hex').slice(0, 12),
    metrics: withScores(run, predictions),
    models: { fp32: modelFile },
    parity: { fp32: parity },
  };
  const files = {
    'config.json': `${JSON.stringify(huggingFaceConfig(manifest), null, 2)}\n`,
    'tokenizer.json': tokenizerJson,
    'tokenizer_config.json': tokenizerConfig,
    [modelFile]: model,
    'README.md': modelCard(manifest),
    [probesFile]: probes,
  };
  return writeBundle(join(to, manifest.name, manifest.version), files, manifest, { overwrite });
}

const modelFile = 'onnx/model.onnx';
const usual = ['fp32'];

/** The figures of the run, and with those of val how its scores are spread: a server tells by it whether what it is asked has changed. */
function withScores({ metrics, labels, activation, temperature }: Trained['run'], answers: readonly Prediction[]): Manifest['metrics'] {
  const { val } = metrics;
  if (!val || activation === 'none') return metrics;
  const scoreCounts = countScores(labels, answers.map(({ logits }) => activate(activation, temperature, logits))); // biome-ignore format: short
  return { ...metrics, val: { ...val, scoreCounts } };
}

/** @throws UsageError `usage/argument` */
export function checkPrecision(precision: readonly string[] = usual): void {
  const other = precision.find((name) => name !== 'fp32');
  if (other === undefined && precision.length > 0) return;
  const known = other === 'int8' || other === 'fp16';
  const what = known ? `${other} is not available in this version` : `${JSON.stringify(other ?? '')} is not a precision`;
  throw new UsageError('usage/argument', `--precision: ${what}`, 'export fp32.');
}
