/** @file Text to token ids, alike in Node (`node.ts`, the Rust tokenizers) and in the browser (`web.ts`), from one tokenizer.json. */

/** A text, or a pair of texts that are read together. */
export type TextInput = string | readonly [text: string, pair: string];

export type Encoding = {
  /** Token ids with special tokens, no padding. Length at most `maxTokens`. */
  readonly ids: readonly number[];
  /** Segment of each token: 0 for the text, 1 for its pair. Same length as `ids`. */
  readonly types: readonly number[];
  /** Whether tokens were cut off to fit `maxTokens`. */
  readonly truncated: boolean;
  /** Where the tokens of the text stand in `ids`, and those of its pair: all others are special. A tokenizer always says. */
  readonly places?: readonly TokenPlace[];
};

/** From `start` up to `end`, which is one past the last. */
export type TokenPlace = { readonly start: number; readonly end: number };

export interface Tokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  encode(inputs: readonly TextInput[], maxTokens: number): Promise<readonly Encoding[]>;
}

/** Integer tensors of one padded batch, each `[batch, tokens]` row-major, with `tokens` the longest of the batch. */
export type TokenBatch = {
  readonly batch: number;
  readonly tokens: number;
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
  readonly types: BigInt64Array;
};

/** Pads encodings to the longest among them. */
export function padBatch(encodings: readonly Encoding[], padId: number): TokenBatch {
  const batch = encodings.length;
  const tokens = Math.max(1, ...encodings.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(batch * tokens).fill(BigInt(padId));
  const mask = new BigInt64Array(batch * tokens);
  const types = new BigInt64Array(batch * tokens);
  encodings.forEach((encoding, row) => {
    encoding.ids.forEach((id, column) => {
      const at = row * tokens + column;
      ids[at] = BigInt(id);
      mask[at] = 1n;
      types[at] = BigInt(encoding.types[column] ?? 0);
    });
  });
  return { batch, tokens, ids, mask, types };
}
