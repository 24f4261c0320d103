/** @file Between the layout in files, which is PyTorch's, and the one our graphs multiply by. They differ where a parameter is stored transposed. */
import type { Parameter } from '../layers/scope.js';
import type { Tensor } from '../runtime/session.js';
import type { Expected } from './match-weights.js';
import type { Weights } from './safetensors.js';

/** Name and shape of each parameter as files have them. */
export function storedShapes(parameters: readonly Parameter[]): readonly Expected[] {
  return parameters.map(({ value: { name, shape }, transposed }) => {
    const dims = shape.map(Number);
    return { name, shape: transposed ? dims.toReversed() : dims };
  });
}

/** Stored weights in the layout of the graph. Those that are no parameter are left out; what is not transposed is not copied. */
export const fromStored = (parameters: readonly Parameter[], weights: Weights): Weights => exchange(parameters, weights);

/** Weights of the graph in the layout of files. Those that are no parameter are left out; what is not transposed is not copied. */
export const toStored = (parameters: readonly Parameter[], weights: Weights): Weights => exchange(parameters, weights);

/** Exchanging two dims undoes itself, so both ways are one. */
function exchange(parameters: readonly Parameter[], weights: Weights): Weights {
  const exchanged = new Map<string, Tensor>();
  for (const { value, transposed } of parameters) {
    const tensor = weights.get(value.name);
    if (tensor) exchanged.set(value.name, transposed ? transpose(tensor) : tensor);
  }
  return exchanged;
}

/** [rows, columns] → [columns, rows] */
function transpose({ type, dims, data }: Tensor): Tensor {
  const [rows, columns] = dims as [number, number];
  const turned = data.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = data[row * columns + column]!;
  }
  return { type, dims: [columns, rows], data: turned };
}
