/** @file The tokenizer of a model that was trained elsewhere, as one tokenizer.json that server and browser read alike. */
import { join } from 'node:path';
import { probeTexts, type TextRules, type Tokenizer, UsageError } from '../../models/index.js';
import { createTokenizer } from '../../models/text/node.js';
import { createTokenizer as createWebTokenizer } from '../../models/text/web.js';
import { readJson, readPart } from './read-json.js';
import { byteLevelFile, wordPieceFile } from './tokenizer-files.js';

export type ForeignTokenizer = {
  readonly json: string;
  readonly tokenizer: Tokenizer;
  /** Of tokenizer_config.json: tokens that the model was made for; `undefined` where it does not say. */
  readonly maxLength: number | undefined;
};

type Json = Readonly<Record<string, unknown>>;
const convert = 'save it with transformers: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).';

/** @throws UsageError `text/tokenizer` for one that is missing, says two things at once, or that a browser could not read */
export async function foreignTokenizer(folder: string): Promise<ForeignTokenizer> {
  const config = (await readJson(folder, 'tokenizer_config.json')) ?? {};
  const json = (await readPart(folder, 'tokenizer.json')) ?? (await fromParts(folder, config));
  checkCase(json, config, folder);
  const tokenizer = createTokenizer(json);
  createWebTokenizer(json);
  const { model_max_length: length } = config;
  return { json, tokenizer, maxLength: typeof length === 'number' && length < noLength ? length : undefined };
}

/** Of the texts that every bundle carries, those that a browser cuts otherwise than a server. */
export async function cutOtherwise(json: string, input: TextRules['input'], maxTokens: number): Promise<readonly string[]> {
  const texts = probeTexts(input);
  const [server, browser] = await Promise.all([createTokenizer(json), createWebTokenizer(json)].map((one) => one.encode(texts, maxTokens)));
  return texts.flatMap((text, i) => (server![i]!.ids.join() === browser![i]!.ids.join() ? [] : [[text].flat().join(' / ')]));
}

/** transformers writes a number near 1e30 where a tokenizer has no limit. */
const noLength = 1e6;

async function fromParts(folder: string, config: Json): Promise<string> {
  const pieces = await readPart(folder, 'vocab.txt');
  if (pieces !== undefined) return wordPieceFile(pieces, casing(config, folder));
  const merges = await readPart(folder, 'merges.txt');
  const vocabulary = merges === undefined ? undefined : await readJson(folder, 'vocab.json');
  if (merges !== undefined && vocabulary !== undefined)
    return byteLevelFile(vocabulary as Readonly<Record<string, number>>, merges, { addPrefixSpace: config.add_prefix_space === true });
  for (const name of ['sentencepiece.bpe.model', 'spiece.model', 'tokenizer.model'])
    if ((await readPart(folder, name)) !== undefined)
      throw new UsageError('text/tokenizer', `${join(folder, name)}: a SentencePiece model is not read as it is`, convert);
  throw new UsageError(
    'text/tokenizer',
    `${folder}: there is no tokenizer.json, no vocab.txt, and no vocab.json with merges.txt`,
    `get all files of the model, or ${convert}`,
  );
}

function casing(config: Json, folder: string) {
  const { do_lower_case: lowercase, strip_accents: accents, tokenize_chinese_chars: chinese } = config;
  if (typeof lowercase === 'boolean')
    return { lowercase, stripAccents: typeof accents === 'boolean' ? accents : null, chinese: chinese !== false };
  throw new UsageError(
    'text/tokenizer',
    `${join(folder, 'vocab.txt')}: nothing says whether capital letters are made small before words are looked up`,
    'write tokenizer_config.json beside it: {"do_lower_case": true} for an uncased model, false for a cased one.',
  );
}

/** Where the two disagree, transformers goes by tokenizer_config.json and every other runtime by tokenizer.json: one of them would answer otherwise. */
function checkCase(json: string, { do_lower_case: stated }: Json, folder: string): void {
  const { normalizer } = JSON.parse(json) as { normalizer?: { type?: string; lowercase?: boolean } | null };
  if (normalizer?.type !== 'BertNormalizer' || typeof stated !== 'boolean') return;
  const { lowercase = true } = normalizer;
  if (lowercase === stated) return;
  throw new UsageError(
    'text/tokenizer',
    `${folder}: tokenizer.json ${lowercase ? 'makes capital letters small' : 'keeps capital letters'}, tokenizer_config.json says do_lower_case ${stated}`,
    'correct the one that is not as the model was trained.',
  );
}
