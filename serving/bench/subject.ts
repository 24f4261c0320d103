/** @file What is measured: a bundle, given or made for it, and the texts it is asked about. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { findBundles, type Precision, packageFolder } from '../../models/bundle/node.js';
import type { Encoding, Tokenizer } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { readWeights } from '../../models/weights/node.js';
import { mixedTexts } from './texts.js';
import { writeClassifier } from './write-classifier.js';

export type Subject = {
  readonly description: string;
  /** The folder a server is started with. */
  readonly models: string;
  /** The bundle's own folder. */
  readonly folder: string;
  /** Of its model files, fp32 first. */
  readonly precisions: readonly Precision[];
  /** @throws UsageError `bundle/missing` */
  modelPath(precision: Precision): string;
  readonly tokenizer: Tokenizer;
  readonly maxTokens: number;
  /** Removes what was written for the measurement. */
  cleanUp(): Promise<void>;
};

/** Texts, and what the model is given of each. */
export type Asked = { readonly texts: readonly string[]; readonly encodings: readonly Encoding[] };

export const askedOf = async ({ tokenizer, maxTokens }: Subject, texts: readonly string[]): Promise<Asked> => ({
  texts,
  encodings: await tokenizer.encode(texts, maxTokens),
});

/** @param models a bundle, or a folder of bundles, of which the first counts */
export async function openSubject(models: string): Promise<Subject> {
  const [bundle] = await findBundles([resolve(models)]);
  const { manifest, tokenizerJson, folder, modelPath } = bundle!;
  return {
    description: `${manifest.name}@${manifest.version}`,
    models,
    folder,
    precisions: (Object.keys(manifest.models) as Precision[]).sort((a, b) => Number(b === 'fp32') - Number(a === 'fp32')),
    modelPath,
    tokenizer: createTokenizer(tokenizerJson),
    maxTokens: manifest.text.maxTokens,
    cleanUp: async () => {},
  };
}

/** A BERT of this size (`6x384`) in fp32 and int8, written for the measurement. @param pretrained a Hugging Face folder of the same size; default: random weights */
export async function makeSubject(size: string, pretrained?: string): Promise<Subject> {
  const given = pretrained
    ? { tokenizerJson: await readFile(join(pretrained, 'tokenizer.json'), 'utf8'), pretrained: await readWeights(pretrained) }
    : {};
  const models = await writeClassifier({ size, texts: await mixedTexts(), ...given });
  const subject = await openSubject(models);
  return {
    ...subject,
    description: `${subject.description} with ${pretrained ? 'pretrained' : 'random'} weights`,
    cleanUp: () => rm(dirname(models), { recursive: true, force: true }),
  };
}

/** MiniLM-L6 where its weights are at hand, else random weights of its sizes, which take the same time. */
export function makeMiniLm(folder = join(packageFolder(), '..', 'shared', 'pretrained', 'all-MiniLM-L6-v2')): Promise<Subject> {
  return makeSubject('6x384', existsSync(join(folder, 'model.safetensors')) ? folder : undefined);
}
