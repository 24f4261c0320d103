/** @file Train, pass by pass: what a text is in this pass (some are worded anew each time), and the tensors of any of its rows. */
import { type Encoding, padBatch, type Tensors, tokenTensors } from '../../models/index.js';
import type { Example } from '../data/dataset.js';
import type { TrainingBatch } from '../engines/engine.js';

/** One pass over train. The same number gives the same pass, whatever was asked before. */
export type Epoch = {
  /** Tokens of each row. */
  readonly lengths: readonly number[];
  /** Rows whose end was cut off. */
  readonly truncated: number;
  /** Every input of the training graph that belongs to rows of train. */
  batch(rows: readonly number[]): TrainingBatch;
};

export type Epochs = {
  /** Rows of a pass; every pass has as many. */
  readonly size: number;
  /** Whether every pass reads the same texts. */
  readonly alike: boolean;
  load(epoch: number): Promise<Epoch>;
};

/** Further inputs for some rows of a pass. */
export type Column = (examples: readonly Example[]) => Promise<(rows: readonly number[]) => Tensors>;

export type EpochsOptions = {
  readonly examples: readonly Example[];
  /** How a pass differs from the file: other wordings, repeated examples. Default: not at all, and then it is read once. */
  readonly vary?: ((epoch: number) => Promise<readonly Example[]>) | undefined;
  readonly encode: (examples: readonly Example[]) => Promise<readonly Encoding[]>;
  readonly padId: number;
  readonly columns?: readonly Column[];
};

export async function createEpochs({ examples, vary, encode, padId, columns = [] }: EpochsOptions): Promise<Epochs> {
  const read = async (rows: readonly Example[]): Promise<Epoch> => {
    const encodings = await encode(rows);
    const more = await Promise.all([targets, ...columns].map((column) => column(rows)));
    return {
      lengths: encodings.map(({ ids }) => ids.length),
      truncated: encodings.filter(({ truncated }) => truncated).length,
      batch(chosen) {
        const tokens = padBatch(
          chosen.map((row) => encodings[row]!),
          padId,
        );
        return { texts: chosen.length, tensors: Object.assign(tokenTensors(tokens), ...more.map((column) => column(chosen))) as Tensors };
      },
    };
  };
  if (vary) {
    const first = await vary(0);
    let last = { number: 0, epoch: await read(first) };
    return {
      size: first.length,
      alike: false,
      async load(number) {
        if (last.number !== number) last = { number, epoch: await read(await vary(number)) };
        return last.epoch;
      },
    };
  }
  const only = await read(examples);
  return { size: examples.length, alike: true, load: async () => only };
}

/** `targets` [batch, labels] */
const targets: Column = async (examples) => (rows) => {
  const chosen = rows.map((row) => examples[row]!.target);
  return { targets: { type: 'float32', dims: [rows.length, chosen[0]?.length ?? 0], data: Float32Array.from(chosen.flat()) } };
};
