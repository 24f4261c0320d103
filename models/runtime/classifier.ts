/** @file Texts to logits: tokenised, packed with others of like length, run, and put back in order. Safe in a browser. */
import type { TextRules } from '../bundle/manifest.js';
import { UsageError } from '../errors.js';
import { anyReading, averageReadings, inputProblem, readingsOf } from '../text/readings.js';
import { type Encoding, padBatch, type TextInput, type Tokenizer } from '../text/tokenizer.js';
import { packByLength } from './pack-by-length.js';
import type { Provider, Session, Tensor, Tensors } from './session.js';

/** A bundle's or a run's `text` can be spread into it. */
export type ClassifierParts = {
  /** A model from int64 `input_ids`, `attention_mask` and `token_type_ids` [batch, tokens] to float32 `logits` [batch, labels]. */
  readonly session: Session;
  readonly tokenizer: Tokenizer;
  /** Tokens that are read of each text, special ones included. */
  readonly maxTokens: number;
  /** What it may be asked. Default `any`. */
  readonly input?: TextRules['input'];
  /** How pairs are read. Default `as-given`. */
  readonly pairs?: TextRules['pairs'];
  /** The output that is read. Default `logits`; `features` of a model that ends below the head. */
  readonly output?: string;
};

export type LogitsOptions = {
  /** Padded tokens of one batch at most; a longer text runs alone. Default 1024 on a processor, 2048 on a graphics card. */
  readonly batchTokens?: number;
  /** Texts of one batch at most. Default 32. */
  readonly maxBatch?: number;
  /** What starting a batch costs, in tokens: the higher, the more padding is worth while. Default 8 on a processor, 1024 on a graphics card. */
  readonly overheadTokens?: number;
  /** Called after each batch with the number of texts done so far. */
  readonly onProgress?: (done: number, total: number) => void;
};

/** What a batch may hold, by what computes. A processor gains nothing by more than its caches hold between two operators, and starting a batch
 *  costs it little; a graphics card is idle in a small one. */
const usualPacking: Readonly<Record<Provider, { readonly tokens: number; readonly overheadTokens?: number }>> = {
  cpu: { tokens: 1024 },
  wasm: { tokens: 1024 },
  cuda: { tokens: 2048, overheadTokens: 1024 },
  webgpu: { tokens: 2048, overheadTokens: 1024 },
};

export type Logits = {
  /** One array of `labels` values a text, in the order of the texts. */
  readonly logits: Float32Array[];
  /** Whether the end of the text was cut off. */
  readonly truncated: boolean[];
};

export type Classifier = {
  /** @throws UsageError `data/invalid` for a single text where pairs are wanted, or the other way round; `runtime/model` when the model does
   *  not take or give what is said above */
  logits(inputs: readonly TextInput[], options?: LogitsOptions): Promise<Logits>;
};

export function createClassifier({
  session,
  tokenizer,
  maxTokens,
  input = 'any',
  pairs = 'as-given',
  output = 'logits',
}: ClassifierParts): Classifier {
  return {
    async logits(inputs, { batchTokens, maxBatch = 32, overheadTokens, onProgress } = {}) {
      inputs.forEach((one, i) => {
        const problem = inputProblem(one, input);
        if (problem) throw new UsageError('data/invalid', `text ${i + 1} of ${inputs.length}: ${problem.what}`, `${problem.fix}.`);
      });
      const readings = readingsOf(inputs, pairs);
      const encodings = await tokenizer.encode(readings.inputs, maxTokens);
      const logits = new Array<Float32Array>(encodings.length);
      const left = new Array<number>(inputs.length).fill(0);
      for (const text of readings.of) left[text]! += 1;
      const usual = usualPacking[session.provider];
      const packing = {
        ...usual,
        tokens: batchTokens ?? usual.tokens,
        texts: maxBatch,
        ...(overheadTokens === undefined ? {} : { overheadTokens }),
      };
      let done = 0;
      for (const rows of packByLength(
        encodings.map(({ ids }) => ids.length),
        packing,
      )) {
        const batch = rows.map((row) => encodings[row] as Encoding);
        const results = await runBatch(session, batch, { padId: tokenizer.padId, output });
        rows.forEach((row, i) => {
          logits[row] = results[i] as Float32Array;
          left[readings.of[row]!]! -= 1;
          if (left[readings.of[row]!] === 0) done += 1;
        });
        onProgress?.(done, inputs.length);
      }
      return {
        logits: averageReadings(logits, readings.of),
        truncated: anyReading(
          encodings.map(({ truncated }) => truncated),
          readings.of,
        ),
      };
    },
  };
}

/** @returns for each encoding its logits [labels] */
async function runBatch(
  session: Session,
  encodings: readonly Encoding[],
  { padId, output }: { readonly padId: number; readonly output: string },
): Promise<Float32Array[]> {
  const { batch, tokens, ids, mask, types } = padBatch(encodings, padId);
  const int64 = (data: BigInt64Array): Tensor => ({ type: 'int64', dims: [batch, tokens], data });
  const known: Tensors = { input_ids: int64(ids), attention_mask: int64(mask), token_type_ids: int64(types) };
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const feed = known[name];
    if (!feed) throw notClassifier(`it wants an input ${name}`);
    feeds[name] = feed;
  }
  const { [output]: logits } = await session.run(feeds, { [output]: null });
  if (logits?.type !== 'float32' || logits.dims.length !== 2 || logits.dims[0] !== batch) {
    throw notClassifier(`its ${output} are ${logits ? `${logits.type} [${logits.dims.join(', ')}]` : 'missing'} for a batch of ${batch}`);
  }
  const labels = logits.dims[1]!;
  return encodings.map((_, row) => (logits.data as Float32Array).slice(row * labels, (row + 1) * labels));
}

function notClassifier(what: string): UsageError {
  return new UsageError(
    'runtime/model',
    `classifier: the model is not a text classifier: ${what}`,
    'use a model with inputs input_ids, attention_mask, token_type_ids [batch, tokens] and an output logits [batch, labels].',
  );
}
