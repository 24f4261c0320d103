/** @file A language model as Hugging Face saves it: what transformers loads, and what `model.pretrained` starts from. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushFolder } from '../../models/bundle/node.js';
import { type Gpt2Config, huggingFaceBert, tokenizerConfig, type Weights } from '../../models/index.js';
import { writeWeights } from '../../models/weights/node.js';
import type { LanguageModelConfig, LanguageModelKind } from './model.js';

export type HubModel = {
  readonly model: LanguageModelConfig;
  readonly tokenizerJson: string;
  readonly weights: Weights;
  /** Ids of the first and last token of a text, and of padding. */
  readonly tokens: { readonly start: number | undefined; readonly end: number | undefined; readonly pad: number };
};

/** Writes the folder under a temporary name, then renames it: it is whole or not there. What lay there before is replaced. */
export async function writeHubFolder(folder: string, { model, tokenizerJson, weights, tokens }: HubModel): Promise<void> {
  const temporary = `${folder}.${randomUUID()}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    const json = (name: string, content: object) => writeFile(join(temporary, name), `${JSON.stringify(content, null, 2)}\n`);
    const { tokenizerConfig: config, specialTokensMap } = tokenizerConfig(tokenizerJson, model.maxPositions);
    await json('config.json', hubConfig(model, tokens));
    await json('tokenizer_config.json', config);
    await json('special_tokens_map.json', specialTokensMap);
    await writeFile(join(temporary, 'tokenizer.json'), tokenizerJson);
    await writeWeights(join(temporary, 'model.safetensors'), weights);
    await flushFolder(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await flushFolder(dirname(folder));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The content of config.json. */
function hubConfig(model: LanguageModelConfig, { start, end, pad }: HubModel['tokens']): Readonly<Record<string, unknown>> {
  const own = (configs[model.kind] as (config: LanguageModelConfig) => Readonly<Record<string, unknown>>)(model);
  const ids = {
    pad_token_id: pad,
    ...(start === undefined ? {} : { bos_token_id: start }),
    ...(end === undefined ? {} : { eos_token_id: end }),
  };
  return { ...own, vocab_size: model.vocabularySize, initializer_range: model.initializerRange, tie_word_embeddings: true, ...ids };
}

const configs: {
  readonly [K in LanguageModelKind]: (config: Extract<LanguageModelConfig, { kind: K }>) => Readonly<Record<string, unknown>>;
} = {
  bert: (config) => huggingFaceBert(config, 'ForMaskedLM'),
  gpt2: (config: Gpt2Config) => ({
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    activation_function: 'gelu_new',
    n_positions: config.maxPositions,
    n_embd: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.intermediate,
    layer_norm_epsilon: config.layerNormEpsilon,
    resid_pdrop: config.dropout,
    embd_pdrop: config.dropout,
    attn_pdrop: config.attentionDropout,
  }),
};
