/** @file What frozen layers make of each text, computed once where every pass would compute the same. */
import { packByLength, padBatch, sizeOf, type Tensor, type Tensors, tokenTensors, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import type { NamedArrays } from '../engines/engine.js';
import type { StepGraph } from '../objective/step-graph.js';
import type { Epochs } from './epochs.js';
import type { EncodedVal, Prepared } from './prepare.js';
import { type Cut, type Feature, splitFrozen } from './split-frozen.js';

/** More than this is not kept: the steps then compute it, as they do where nothing can be kept. */
const mostBytes = 2 * 2 ** 30;

/** Inputs that say which text is read, and nothing else. */
const textInputs: ReadonlySet<string> = new Set(['input_ids', 'attention_mask', 'token_type_ids', 'entity_ids', 'entity_mask']);

/** The texts of some rows, padded to the longest of them: what the graph reads of them. */
type Rows = { readonly lengths: readonly number[]; tensors(rows: readonly number[]): Tensors };

/**
 * The same run, with graphs that begin where the frozen layers end. A training graph is cut where every pass over train reads the same texts
 * and no dropout lies among the frozen layers (`training.frozenDropout: false` leaves it out there); the evaluation graph has none.
 *
 * @param weights of every parameter, as the run starts or goes on with them
 */
export async function keepFrozen(prepared: Prepared, weights: NamedArrays): Promise<Prepared> {
  const { graphs, config, val, train, padId } = prepared;
  const { training, evaluation } = graphs;
  const frozen = new Set(training.parameters.map(({ value }) => value.name).filter((name) => !training.trained.has(name)));
  if (frozen.size === 0) return prepared;
  const shared = { frozen, texts: textInputs };
  const masks = new Set(training.masks.map(({ value }) => value.name));
  const learnt = train.epochs.alike
    ? splitFrozen(training.builder, training.loss, { ...shared, masks, ignoreMasks: !config.training.frozenDropout })
    : undefined;
  const judged = splitFrozen(evaluation.builder, evaluation.output, { ...shared, masks: new Set(), ignoreMasks: false });
  const valRows: Rows = {
    lengths: val.encodings.map(({ ids }) => ids.length),
    tensors: (rows) =>
      tokenTensors(
        padBatch(
          rows.map((row) => val.encodings[row]!),
          padId,
        ),
      ),
  };
  const epoch = await train.epochs.load(0);
  const trainRows: Rows = { lengths: epoch.lengths, tensors: (rows) => epoch.batch(rows).tensors };
  const bytes = bytesOf(learnt, trainRows) + bytesOf(judged, valRows);
  if (!(learnt || judged) || bytes > mostBytes) return prepared;

  const options = { weights, threads: config.training.threads };
  const [ofTrain, ofVal] = [learnt && (await compute(learnt, trainRows, options)), judged && (await compute(judged, valRows, options))];
  return {
    ...prepared,
    graphs: {
      training: learnt ? cutStep(training, learnt) : training,
      evaluation: judged ? { ...evaluation, builder: judged.builder, output: judged.output } : evaluation,
    },
    train: ofTrain ? { ...train, epochs: withFeatures(train.epochs, ofTrain) } : train,
    val: ofVal ? { ...val, features: ofVal } : val,
    kept: { bytes, training: learnt !== undefined },
  };
}

function cutStep(graph: StepGraph, { builder, output }: Cut): StepGraph {
  const used = new Set(builder.graph([output]).inputs.map(({ name }) => name));
  return { ...graph, builder, loss: output, masks: graph.masks.filter(({ value }) => used.has(value.name)) };
}

function withFeatures({ load, ...epochs }: Epochs, features: NonNullable<EncodedVal['features']>): Epochs {
  return {
    ...epochs,
    async load(number) {
      const epoch = await load(number);
      return {
        ...epoch,
        batch(rows) {
          const { texts, tensors } = epoch.batch(rows);
          return { texts, tensors: { ...tensors, ...features(rows) } };
        },
      };
    },
  };
}

const bytesOf = (cut: Cut | undefined, { lengths }: Rows): number => {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return (cut?.features ?? []).reduce((sum, { layout }) => sum + 4 * layout.width * (layout.perToken ? tokens : lengths.length), 0);
};

type ComputeOptions = { readonly weights: NamedArrays; readonly threads: number | undefined };

/** Runs what lies below the cut over all rows, those of like length together.
 *  @returns the features of any rows, padded with zeros to the longest of them */
async function compute(
  { below, features }: Cut,
  rows: Rows,
  { weights, threads }: ComputeOptions,
): Promise<(rows: readonly number[]) => Tensors> {
  const session = await createSession(toOnnx(below), threads === undefined ? {} : { threads });
  const parameters = Object.fromEntries(
    below.inputs.flatMap(({ name, shape }): [string, Tensor][] => {
      const data = weights.get(name);
      return data ? [[name, { type: 'float32', dims: shape as readonly number[], data }]] : [];
    }),
  );
  const kept = features.map((): Float32Array[] => new Array(rows.lengths.length));
  try {
    for (const chosen of packByLength(rows.lengths, { tokens: 4096, texts: 64 })) {
      const tensors: Tensors = { ...rows.tensors(chosen), ...parameters };
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, tensors[name]!]));
      const results = await session.run(feeds);
      for (const [i, { value, layout }] of features.entries()) {
        const data = results[value.name]!.data as Float32Array;
        const stride = data.length / chosen.length;
        for (const [at, row] of chosen.entries())
          kept[i]![row] = data.slice(at * stride, at * stride + layout.width * (layout.perToken ? rows.lengths[row]! : 1));
      }
    }
  } finally {
    await session.dispose();
  }
  return (chosen) =>
    Object.fromEntries(features.map((feature, i) => [feature.input.name, padded(feature, chosen, rows.lengths, kept[i]!)]));
}

function padded({ input, layout }: Feature, rows: readonly number[], lengths: readonly number[], kept: readonly Float32Array[]): Tensor {
  const tokens = Math.max(...rows.map((row) => lengths[row]!));
  const sizes: Readonly<Record<string, number>> = { batch: rows.length, tokens, 'batch*tokens': rows.length * tokens };
  const dims = input.shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!));
  const data = new Float32Array(sizeOf(dims));
  const stride = layout.width * (layout.perToken ? tokens : 1);
  for (const [at, row] of rows.entries()) data.set(kept[row]!, at * stride);
  return { type: 'float32', dims, data };
}
