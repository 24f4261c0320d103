import {
  createClassifier,
  type LogitsOptions,
  type Manifest,
  readingsOf,
  type Session,
  type TextInput,
  type Tokenizer,
} from '../../models/index.js';

export type FeatureParts = {
  /** Of the bundle's `personalise.features`. */
  readonly session: Session;
  readonly tokenizer: Tokenizer;
  readonly text: Manifest['text'];
};

export type TextFeatures = {
  /** One row a reading. */
  readonly features: readonly Float32Array[];
  /** For each reading, which text it is of. */
  readonly of: readonly number[];
  /** For each reading, whether its end was cut off. */
  readonly truncated: readonly boolean[];
};

export type FeatureReader = {
  read(inputs: readonly TextInput[]): Promise<TextFeatures>;
  /** The same, kept for the next time: a corrected text is run through the model once, and by itself, so that what is learnt of it does not hang
   *  on the texts that it came with. What is not asked for any more is let go. */
  readAndKeep(inputs: readonly TextInput[]): Promise<TextFeatures>;
};

/** What the head reads of texts: the part of the model that corrections leave as it is. */
export function createFeatureReader({ session, tokenizer, text }: FeatureParts): FeatureReader {
  const reader = createClassifier({ session, tokenizer, ...text, pairs: 'as-given', output: 'features' });
  type Read = { readonly features: Float32Array; readonly truncated: boolean };
  let kept = new Map<string, Read>();
  const read = async (inputs: readonly TextInput[], options: LogitsOptions = {}) => {
    const readings = readingsOf(inputs, text.pairs);
    const keys = readings.inputs.map((one) => JSON.stringify(one));
    const missing = [...new Map(keys.map((key, i) => [key, readings.inputs[i]!])).entries()].filter(([key]) => !kept.has(key));
    const found = new Map<string, Read>();
    if (missing.length > 0) {
      const { logits, truncated } = await reader.logits(
        missing.map(([, input]) => input),
        options,
      );
      for (const [i, [key]] of missing.entries()) found.set(key, { features: logits[i]!, truncated: truncated[i]! });
    }
    const rows = keys.map((key) => kept.get(key) ?? found.get(key)!);
    return {
      keys,
      rows,
      result: { features: rows.map((row) => row.features), of: readings.of, truncated: rows.map((row) => row.truncated) },
    };
  };
  return {
    read: async (inputs) => (await read(inputs)).result,
    async readAndKeep(inputs) {
      const { keys, rows, result } = await read(inputs, { maxBatch: 1 });
      kept = new Map(keys.map((key, i) => [key, rows[i]!]));
      return result;
    },
  };
}
