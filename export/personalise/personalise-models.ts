/** @file The two files by which a model's head is fine-tuned where it is used: what the head reads of a text, and one step of training. */
import { basename } from 'node:path/posix';
import {
  activate,
  buildClassifier,
  knownArchitecture,
  type Manifest,
  narrowFloat16,
  type Tensor,
  type TextInput,
  type Tokenizer,
  toOnnx,
} from '../../models/index.js';
import { placesInModel, readPlace } from '../weights-in-model.js';
import { cutHead } from './cut-head.js';
import { type Answered, drawOrdinary } from './draw-ordinary.js';
import { personaliseGraph } from './personalise-graph.js';
import { headLogits, readFeatures } from './read-features.js';

/** Where a bundle keeps them. */
export const personaliseFiles = { features: 'onnx/features.onnx', step: 'onnx/personalise.onnx' } as const;

export type Personalised = Pick<Manifest, 'name' | 'architecture' | 'labels' | 'activation' | 'temperature' | 'models' | 'text'>;

export type PersonaliseParts = {
  /** Of the bundle, as far as it is known. */
  readonly manifest: Personalised;
  /** The bytes of its fp32 file. */
  readonly model: Uint8Array;
  readonly tokenizer: Tokenizer;
  /** Of the kind that the model is asked, such as those of val: what is learnt of them is what their features are like, none by itself. */
  readonly texts: readonly TextInput[];
};

/** Both files with the manifest's entry, or why there can be none: the head is then what it was exported as. */
export type PersonaliseModels = Made | { readonly impossible: string };
type Made = { readonly features: Uint8Array; readonly step: Uint8Array; readonly entry: NonNullable<Manifest['personalise']> };

/** By their paths in the bundle. */
export const personaliseContents = ({ features, step, entry }: Made): Readonly<Record<string, Uint8Array>> => ({
  [entry.features]: features,
  [entry.step]: step,
});

/** Texts that are looked at, and rows that stand for them in the file: 256 KB at a width of 128, in half precision. With a quarter of the rows,
 *  what changed on other texts was twice what it was on the rows: the head learnt them by heart. */
const [mostTexts, rows, seed] = [1000, 1024, 1];

/** @throws UsageError `bundle/invalid` for an architecture that is not known here */
export async function personaliseModels({ manifest, model, tokenizer, texts }: PersonaliseParts): Promise<PersonaliseModels> {
  const { name, labels, activation, temperature, models, text } = manifest;
  const config = knownArchitecture(manifest.architecture, name);
  if (activation === 'softmax' && labels.length === 1) return { impossible: 'its only label is always certain' };
  if (texts.length === 0) return { impossible: 'there are no texts to hold its answers to' };
  const classifier = buildClassifier(config, { labels: labels.length });
  const places = placesInModel(model, classifier.parameters, basename(models.fp32));
  const lacking = classifier.parameters.find(({ value }) => !places.has(value.name));
  if (lacking) return { impossible: `the model does not hold ${lacking.value.name} as it was trained` };

  const head = cutHead(classifier);
  const graph = classifier.builder.graph([classifier.features]);
  const outputNames = new Map([[classifier.features.name, 'features']]);
  const external = new Map(graph.inputs.flatMap(({ name: input }) => (places.has(input) ? [[input, places.get(input)!] as const] : [])));
  const weights = new Map([...places].map(([parameter, place]) => [parameter, readPlace(model, place)] as const));
  const initializers = new Map([...external.keys()].map((parameter) => [parameter, weights.get(parameter)!] as const));

  const features = await readFeatures(toOnnx(graph, { initializers, outputNames }), { tokenizer, text, texts: spread(texts, mostTexts) });
  const answered = headLogits(head, weights, features).map((row) => answerOf[activation](activate(activation, temperature, row)));
  const drawn = drawOrdinary(features, answered, { rows, seed });
  const ordinary: Tensor = { type: 'float16', dims: [rows, head.width], data: narrowFloat16(drawn) };
  const exported = new Map(head.parameters.map(({ value }) => [value.name, weights.get(value.name)!]));
  const { graph: step, parameters, ...options } = personaliseGraph(head, { activation, temperature, exported, ordinary });
  return {
    features: toOnnx(graph, { name: `${name}-features`, external, outputNames }),
    step: toOnnx(step, { name: `${name}-personalise`, ...options }),
    entry: { ...personaliseFiles, parameters },
  };
}

function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}

/** What a text is answered with, and how sure of it the model is. */
const answerOf: { readonly [A in Manifest['activation']]: (scores: readonly number[]) => Answered } = {
  softmax: (scores) => ({ answer: String(scores.indexOf(Math.max(...scores))), sureness: Math.max(...scores) }),
  sigmoid: (scores) => ({
    answer: scores.map((score) => (score >= 0.5 ? '1' : '0')).join(''),
    sureness: Math.min(...scores.map((score) => Math.abs(score - 0.5))),
  }),
  none: (values) => ({ answer: '', sureness: values[0]! }),
};
