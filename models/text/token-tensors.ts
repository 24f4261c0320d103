import type { Tensors } from '../runtime/session.js';
import type { TokenBatch } from './tokenizer.js';

/** A padded batch as a classifier takes it: `input_ids`, `attention_mask` and `token_type_ids`, int64 [batch, tokens]. */
export const tokenTensors = ({ batch, tokens, ids, mask, types }: TokenBatch): Tensors => ({
  input_ids: { type: 'int64', dims: [batch, tokens], data: ids },
  attention_mask: { type: 'int64', dims: [batch, tokens], data: mask },
  token_type_ids: { type: 'int64', dims: [batch, tokens], data: types },
});
