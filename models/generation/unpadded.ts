import type { TokenBatch } from '../text/tokenizer.js';

/** The token ids of each text of a batch, without the padding, on whichever side it is. */
export const unpadded = ({ batch, tokens, ids, mask }: Pick<TokenBatch, 'batch' | 'tokens' | 'ids' | 'mask'>): number[][] =>
  Array.from({ length: batch }, (_, row) =>
    Array.from({ length: tokens }, (_, token) => row * tokens + token).flatMap((at) => (mask[at] === 1n ? [Number(ids[at])] : [])),
  );
