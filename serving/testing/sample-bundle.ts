/** @file A bundle with untrained weights, of any size: what tests and benchmarks serve. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../../models/bundle/node.js';
import {
  type ArchitectureConfig,
  architectureSchema,
  buildClassifier,
  formatProbes,
  fromStored,
  type Manifest,
  matchWeights,
  type Parameter,
  type Probes,
  probesFile,
  storedShapes,
  type Tensor,
  toOnnx,
  trainWordPiece,
  type Weights,
} from '../../models/index.js';

export type SampleOptions = {
  readonly name?: string;
  readonly version?: string;
  /** Fields of a bert config; the default is a model that answers in well under a millisecond. */
  readonly architecture?: Readonly<Record<string, unknown>>;
  /** Default: a small vocabulary learned from a few lines. */
  readonly tokenizerJson?: string;
  /** Weights as files have them, for parameters that are to have other than random ones. */
  readonly pretrained?: Weights;
  readonly maxTokens?: number;
  /** The folder of bundles that it is written to. Default: a new temporary one. */
  readonly to?: string;
  /** Texts with the answers that it claims to give. Default: none. */
  readonly probes?: Probes;
  /** Further files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the manifest says beside that; for other labels than two, `labels`. */
  readonly manifest?: Partial<
    Pick<Manifest, 'labels' | 'activation' | 'policy' | 'thresholds' | 'text' | 'created' | 'parity' | 'metrics'>
  >;
};

/** @returns the folder of bundles that holds the sample as NAME/VERSION */
export async function writeSampleBundle(options: SampleOptions = {}): Promise<string> {
  const { name = 'sample', version = 'v1', architecture = {}, pretrained, maxTokens = 64, manifest = {} } = options;
  const tokenizerJson = options.tokenizerJson ?? (await trainWordPiece({ texts: sentences, vocabularySize: 300 }));
  const config = architectureSchema.parse({ kind: 'bert', ...tiny, ...architecture });
  const labels = manifest.labels ?? ['clickbait', 'news'];
  const folder = options.to ?? (await mkdtemp(join(tmpdir(), 'copydesk-sample-')));
  const files = {
    'tokenizer.json': tokenizerJson,
    'onnx/model.onnx': modelBytes(config, labels.length, pretrained),
    ...(options.probes ? { [probesFile]: formatProbes(options.probes) } : {}),
    ...options.files,
  };
  await writeBundle(join(folder, name, version), files, {
    format: 'copydesk-bundle',
    schemaVersion: 1,
    name,
    version,
    created: '2026-01-01T00:00:00.000Z',
    architecture: config,
    labels,
    activation: 'softmax',
    temperature: 1,
    policy: { labels: { clickbait: { review: 0.5, block: 0.9 } } },
    text: { maxTokens, input: 'single', pairs: 'as-given' },
    models: { fp32: 'onnx/model.onnx' },
    parity: {},
    metrics: {},
    data: { fingerprint: {}, examples: {} },
    ...manifest,
  });
  return folder;
}

/** @returns logits that depend on the text: a random model of this size spreads its scores well enough to tell texts apart */
function modelBytes(config: ArchitectureConfig, labels: number, pretrained: Weights | undefined): Uint8Array {
  const { builder, parameters, logits } = buildClassifier(config, { labels });
  const given = pretrained ? fromStored(parameters, matchWeights(storedShapes(parameters), pretrained).weights) : new Map<string, Tensor>();
  const next = uniform(7);
  const initializers = new Map(
    parameters.map((parameter) => [parameter.value.name, given.get(parameter.value.name) ?? start(parameter, next)]),
  );
  return toOnnx(builder.graph([logits]), { initializers, outputNames: new Map([[logits.name, 'logits']]) });
}

function start({ value, init }: Parameter, next: () => number): Tensor {
  const dims = value.shape.map(Number);
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  if (init.kind === 'ones') data.fill(1);
  else if (init.kind === 'normal') for (let i = 0; i < data.length; i++) data[i] = (next() - 0.5) * 0.35;
  return { type: 'float32', dims, data };
}

/** Numbers in 0..1, by the linear congruential generator of Numerical Recipes. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const tiny = { vocabularySize: 400, width: 32, layers: 1, heads: 2, intermediate: 64, maxPositions: 128 };

const sentences = [
  'The council voted on Tuesday to repair the harbour wall before the winter storms',
  'You will never guess what this baker hid in her oldest oven',
  'Rail services resume after a fallen tree is cleared from the northern line',
  'Ten kitchen habits that chefs quietly gave up, and number four is a surprise',
  'Scientists report the first sighting of the river otter in sixty years',
  'This tiny village has a secret and its neighbours are furious',
];
