/** @file The word vectors of a large model as the start of a small one's. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Expected, type Tensor, UsageError, type Weights } from '../../models/index.js';
import type { Pretrained } from './pretrained.js';

const isWordVectors = (name: string): boolean => /(^|\.)word_embeddings\.weight$/.test(name);

/** @param folder for messages
 *  @throws UsageError `weights/invalid` where there are none that a BERT or a BiGRU could start from */
export function wordVectorsOf({ weights }: Pick<Pretrained, 'weights'>, folder: string): Weights {
  const [found] = [...weights].filter(([name]) => isWordVectors(name));
  if (found) return new Map([found]);
  throw new UsageError(
    'weights/invalid',
    `${folder}: model.take is words, and there are no word_embeddings.weight among its weights`,
    'give a BERT, a RoFormer or a NEZHA.',
  );
}

/** The vectors in the width that the model wants.
 *  @throws UsageError `config/invalid` where that is more than they have */
export function fittingWordVectors(vectors: Weights, wanted: readonly Expected[]): Weights {
  const width = wanted.find(({ name }) => isWordVectors(name))?.shape[1];
  return new Map(
    [...vectors].map(([name, tensor]) => {
      const given = tensor.dims[1]!;
      if (width === undefined || width === given) return [name, tensor];
      if (width < given) return [name, principalComponents(tensor, width)];
      throw new UsageError(
        'config/invalid',
        `model.take is words: the pre-trained vectors are ${given} wide, the model's ${width}`,
        `set model.width to at most ${given}.`,
      );
    }),
  );
}

/**
 * The rows turned so that their first coordinates hold most of what tells them apart (principal component analysis), and cut after these. Their
 * mean is taken off; lengths are as they were, less what is cut.
 *
 *     rows     [entries, wide]
 *     returns  [entries, width]
 */
export function principalComponents({ type, dims, data }: Tensor, width: number): Tensor {
  const [entries, wide] = dims as [number, number];
  const means = Array.from({ length: wide }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < entries; row++) sum += Number(data[row * wide + column]);
    return sum / entries;
  });
  const centred = Matrix.zeros(entries, wide);
  for (let row = 0; row < entries; row++)
    for (let column = 0; column < wide; column++) centred.set(row, column, Number(data[row * wide + column]) - means[column]!);
  const { eigenvectorMatrix } = new EigenvalueDecomposition(centred.transpose().mmul(centred), { assumeSymmetric: true });
  // Eigenvalues rise, so the last columns are the first components.
  const axes = eigenvectorMatrix.subMatrix(0, wide - 1, wide - width, wide - 1).flipRows();
  const reduced = centred.mmul(axes);
  return { type, dims: [entries, width], data: Float32Array.from(reduced.to1DArray()) };
}
