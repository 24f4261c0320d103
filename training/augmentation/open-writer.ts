/** @file A GPT-2 in a folder as Hugging Face saves it, ready to write. */
import { createDecoder, decoderFile, gpt2Schema, UsageError } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import { createDetokenizer, createTokenizer } from '../../models/text/node.js';
import { readVocabulary } from '../pretraining/vocabulary.js';
import { readPretrained } from '../trainer/pretrained.js';
import type { Writer } from './language-model.js';

/** @param folder of the model, or of the run that made it
 *  @throws UsageError `weights/*` where there is no such model */
export async function openWriter(
  folder: string,
  options: { readonly threads?: number } = {},
): Promise<Writer & { close(): Promise<void> }> {
  const { encoder, tokenizerJson, weights } = await readPretrained(folder);
  if (encoder.kind !== 'gpt2')
    throw new UsageError(
      'weights/invalid',
      `${folder}: a ${encoder.kind} tells words, but does not write`,
      'give a GPT-2: copydesk pretrain with "model": {"kind": "gpt2"} makes one.',
    );
  const config = gpt2Schema.parse(encoder);
  const session = await createSession(decoderFile(config, withPrefix(weights)), options);
  return {
    decoder: createDecoder(session, config),
    tokenizer: createTokenizer(tokenizerJson),
    detokenize: createDetokenizer(tokenizerJson),
    vocabulary: readVocabulary(tokenizerJson, { masked: false }),
    close: () => session.dispose(),
  };
}

type Weights = Awaited<ReturnType<typeof readPretrained>>['weights'];
/** `GPT2Model` saves without the prefix that `GPT2LMHeadModel` saves with. */
const withPrefix = (weights: Weights): Weights =>
  new Map([...weights].map(([name, tensor]) => [/^(transformer|lm_head)\./.test(name) ? name : `transformer.${name}`, tensor]));
