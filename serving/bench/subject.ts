/** @file What is measured: a bundle and the texts it is asked about. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findBundles } from '../../models/bundle/node.js';
import { type Encoding, trainWordPiece } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { readWeights } from '../../models/weights/node.js';
import { writeSampleBundle } from '../testing/sample-bundle.js';
import { mixedTexts } from './texts.js';

export type Subject = {
  readonly description: string;
  /** The folder a server is started with. */
  readonly models: string;
  /** The bundle's own folder. */
  readonly folder: string;
  readonly modelPath: string;
  readonly texts: readonly string[];
  readonly encodings: readonly Encoding[];
  readonly padId: number;
  /** Removes what was written for the measurement. */
  cleanUp(): Promise<void>;
};

export type SubjectOptions = {
  /** A bundle, or a folder of bundles. */
  readonly bundle?: string;
  /** A Hugging Face folder of MiniLM-L6; without it, random weights of the same sizes. */
  readonly pretrained?: string;
  /** The package's root. */
  readonly root: string;
};

/** The given bundle; else MiniLM-L6 in fp32. */
export async function prepareSubject({ bundle, pretrained, root }: SubjectOptions): Promise<Subject> {
  const texts = await mixedTexts(root);
  const folder = pretrained ?? join(root, '..', 'shared', 'pretrained', 'all-MiniLM-L6-v2');
  const known = existsSync(join(folder, 'model.safetensors'));
  const models = bundle ?? (await writeMiniLm(known ? folder : undefined, texts));
  const [read] = await findBundles([resolve(models)]);
  const { manifest, tokenizerJson, modelPath } = read!;
  const tokenizer = createTokenizer(tokenizerJson);
  const encodings = await tokenizer.encode(texts, manifest.text.maxTokens);
  const weights = bundle ? '' : known ? ' with pretrained weights' : ' with random weights';
  const cleanUp = async (): Promise<void> => {
    if (!bundle) await rm(models, { recursive: true, force: true });
  };
  const description = `${manifest.name}@${manifest.version}${weights}, fp32`;
  return { description, models, folder: read!.folder, modelPath: modelPath(), texts, encodings, padId: tokenizer.padId, cleanUp };
}

const maxTokens = 256;

async function writeMiniLm(folder: string | undefined, texts: readonly string[]): Promise<string> {
  const tokenizerJson = folder
    ? await readFile(join(folder, 'tokenizer.json'), 'utf8')
    : await trainWordPiece({ texts, vocabularySize: 8000 });
  return writeSampleBundle({
    name: 'minilm-l6',
    architecture: { vocabularySize: 30522, width: 384, layers: 6, heads: 12, intermediate: 1536, maxPositions: 512 },
    tokenizerJson,
    maxTokens,
    files: {
      // What transformers.js asks of a folder, and FastAPI's server reads.
      'config.json': JSON.stringify({ model_type: 'bert', id2label: { 0: 'clickbait', 1: 'news' } }),
      'tokenizer_config.json': JSON.stringify({ tokenizer_class: 'BertTokenizer', model_max_length: maxTokens }),
    },
    ...(folder ? { pretrained: await readWeights(folder) } : {}),
  });
}
