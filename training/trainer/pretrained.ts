/** @file A pre-trained BERT as Hugging Face saves it: config.json, tokenizer.json, model.safetensors (or its shards). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ArchitectureConfig, bertSchema, UsageError, type Weights } from '../../models/index.js';
import { readWeights } from '../../models/weights/node.js';
import type { TrainConfig } from './config.js';

const size = z.number().int().positive();
const hubConfigSchema = z.looseObject({
  model_type: z.literal('bert'),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  initializer_range: z.number().positive().default(0.02),
  hidden_dropout_prob: z.number().min(0).lt(1).default(0.1),
  attention_probs_dropout_prob: z.number().min(0).lt(1).default(0.1),
});

export type Pretrained = { readonly architecture: ArchitectureConfig; readonly tokenizerJson: string; readonly weights: Weights };

export async function readPretrained(folder: string, model: TrainConfig['model']): Promise<Pretrained> {
  const given = (['vocabularySize', 'width', 'layers', 'heads', 'intermediate', 'maxPositions'] as const).find(
    (key) => model[key] !== undefined,
  );
  if (given) {
    throw new UsageError(
      'config/invalid',
      `model.${given}: the pre-trained model in ${folder} has its own sizes`,
      `remove model.${given}, or model.pretrained to train from scratch.`,
    );
  }
  const [configText, tokenizerJson] = await Promise.all(['config.json', 'tokenizer.json'].map((name) => readPart(folder, name)));
  const parsed = hubConfigSchema.safeParse(parseJson(configText!), { reportInput: true });
  if (!parsed.success) throw notBert(folder, parsed.error.issues[0]!);
  const config = parsed.data;
  const architecture = bertSchema.safeParse({
    kind: 'bert',
    vocabularySize: config.vocab_size,
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediate: config.intermediate_size,
    maxPositions: config.max_position_embeddings,
    typeVocabulary: config.type_vocab_size,
    layerNormEpsilon: config.layer_norm_eps,
    initializerRange: config.initializer_range,
    dropout: model.dropout ?? config.hidden_dropout_prob,
    attentionDropout: model.attentionDropout ?? config.attention_probs_dropout_prob,
    pooling: model.pooling,
  });
  if (!architecture.success) throw notBert(folder, architecture.error.issues[0]!);
  return { architecture: architecture.data, tokenizerJson: tokenizerJson!, weights: await readWeights(folder, { widen: true }) };
}

async function readPart(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch {
    throw new UsageError(
      'weights/missing',
      `model.pretrained: ${join(folder, name)} cannot be read`,
      'give a folder with config.json, tokenizer.json and model.safetensors, as Hugging Face saves a model.',
    );
  }
}

/** `undefined` for what is no JSON: the schema then says what is missing. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notBert(folder: string, { path, message, input }: z.core.$ZodIssue): UsageError {
  const given = input === undefined ? '' : ` is ${JSON.stringify(input)}`;
  const what = path.length === 0 ? 'not a JSON object' : `${path.join('.')}${given}: ${message}`;
  return new UsageError('weights/invalid', `${join(folder, 'config.json')}: ${what}`, 'give a BERT with absolute positions and gelu.');
}
