/** @file A trained model to a bundle: its weights frozen into the graph, checked against what the one who trained it saw. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Bundle, writeBundle } from '../models/bundle/node.js';
import {
  activate,
  countScores,
  formatProbes,
  fromOnnx,
  type Manifest,
  manifestVersion,
  nearest,
  type Parity,
  type Precision,
  type Prediction,
  type Probes,
  probesFile,
  probeTexts,
  type Run,
  type TextInput,
  UsageError,
} from '../models/index.js';
import { createTokenizer } from '../models/text/node.js';
import { explainFile, explainModel } from './explain-model.js';
import { huggingFaceConfig } from './hugging-face-config.js';
import { modelCard } from './model-card.js';
import { type FileOptions, type ModelFile, type ModelSource, modelFile, modelPaths } from './model-file.js';
import { personaliseContents, personaliseModels } from './personalise/personalise-models.js';

/** A model as it was trained, here or elsewhere. */
export type Trained = {
  /** What a run hands on to its bundle. */
  readonly run: Omit<Run, 'best' | 'format' | 'schemaVersion'>;
  readonly tokenizerJson: string;
  readonly tokenizerConfig: string;
  /** The fp32 file: the graph of its architecture, which holds its weights. */
  readonly model: Uint8Array;
  /** Names of the weights. */
  readonly weights: ReadonlySet<string>;
  /** Real texts with the logits that the trained model gives them: what the exported files are held to. */
  readonly predictions: readonly Prediction[];
  /** Of a `model` that comes from a bundle: what that says of it. */
  readonly known?: Pick<Manifest, 'version'> & { readonly parity: Parity; readonly passes: readonly string[] };
};

export type BundleOptions = FileOptions & {
  /** A folder of models; the bundle becomes NAME/VERSION in it. */
  readonly to: string;
  /** Which model files to write; fp32 among them always. Default `fp32` alone. */
  readonly precision?: readonly string[];
  /** Whether a different bundle of the same name and version may be replaced. Default false. */
  readonly overwrite?: boolean;
};

/** @throws UsageError `training/run` for weights that do not fit, `bundle/parity` when a file does not answer as the model did, `export/failed` */
export async function assembleBundle(
  { run, tokenizerJson, tokenizerConfig, model, weights, predictions, known }: Trained,
  { to, precision, overwrite = false, ...fileOptions }: BundleOptions,
): Promise<Bundle> {
  const precisions = checkPrecision(precision);
  const texts = probeTexts(run.text.input);
  const source: ModelSource = {
    name: run.name,
    bytes: model,
    graph: fromOnnx(model),
    weights,
    rules: run,
    predictions,
    tokenizer: createTokenizer(tokenizerJson),
    text: run.text,
    probes: texts,
  };
  const written: [Precision, ModelFile][] = [];
  for (const one of precisions) written.push([one, await modelFile(source, one, fileOptions)]);
  const each = <T>(of: (file: ModelFile) => T): Record<string, T> => Object.fromEntries(written.map(([name, file]) => [name, of(file)]));
  const fp32 = written[0]![1].bytes;
  const done = written.map(([name, file]): [string, string[]] => [name, [...(known?.passes ?? []), ...file.passes]]);
  const passes = Object.fromEntries(done.filter(([, names]) => names.length > 0));
  const same = known && fp32 === model ? known : undefined;

  const manifest: Omit<Manifest, 'files'> = {
    ...run,
    format: 'copydesk-bundle',
    schemaVersion: manifestVersion,
    version: same?.version ?? createHash('sha256').update(fp32).digest('hex').slice(0, 12),
    metrics: withScores(run, predictions),
    models: { fp32: modelPaths.fp32, ...each(({ path }) => path) },
    parity: { ...each(({ parity }) => parity), ...(same ? { fp32: same.parity } : {}) },
    ...(Object.keys(passes).length > 0 ? { passes } : {}),
  };
  const files: Record<string, Uint8Array | string> = {
    'config.json': `${JSON.stringify(huggingFaceConfig(manifest), null, 2)}\n`,
    'tokenizer.json': tokenizerJson,
    'tokenizer_config.json': tokenizerConfig,
    ...Object.fromEntries(written.map(([, { path, bytes }]) => [path, bytes])),
    'README.md': modelCard(manifest, Object.fromEntries(written.map(([, { path, bytes }]) => [path, bytes.length]))),
    [probesFile]: formatProbes({ texts: texts as Probes['texts'], logits: each(({ answers }) => answers) }),
  };
  const made = explainModel(manifest, fp32);
  const explained = 'bytes' in made ? { files: { [explainFile]: made.bytes }, manifest: { explain: explainFile } } : {};
  const seen = predictions.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair]));
  const taught = await personaliseModels({ manifest, model: fp32, tokenizer: source.tokenizer, texts: seen });
  const personalised = 'entry' in taught ? { files: personaliseContents(taught), manifest: { personalise: taught.entry } } : {};
  const whole = { files: { ...files, ...explained.files, ...personalised.files }, manifest: { ...manifest, ...explained.manifest, ...personalised.manifest } }; // biome-ignore format: one idea
  return writeBundle(join(to, manifest.name, manifest.version), whole.files, whole.manifest, { overwrite });
}

/** The figures of the run, and with those of val how its scores are spread, unless it is said: a server tells by it whether what it is asked has changed. */
function withScores({ metrics, labels, activation, temperature }: Trained['run'], answers: readonly Prediction[]): Manifest['metrics'] {
  const { val } = metrics;
  if (!val || 'scoreCounts' in val || activation === 'none') return metrics;
  const scoreCounts = countScores(labels, answers.map(({ logits }) => activate(activation, temperature, logits))); // biome-ignore format: short
  return { ...metrics, val: { ...val, scoreCounts } };
}

const known = Object.keys(modelPaths) as Precision[];

/** The precisions that are written, fp32 first. @throws UsageError `usage/argument` */
export function checkPrecision(asked: readonly string[] = []): readonly Precision[] {
  const stranger = asked.find((name) => !known.includes(name as Precision));
  if (stranger !== undefined) {
    const meant = nearest(stranger, known);
    throw new UsageError(
      'usage/argument',
      `--precision: ${JSON.stringify(stranger)} is not a precision`,
      meant === undefined ? `name some of ${known.join(', ')}, separated by commas.` : `did you mean ${meant}?`,
    );
  }
  return known.filter((name) => name === 'fp32' || asked.includes(name));
}
