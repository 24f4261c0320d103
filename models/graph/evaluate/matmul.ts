import type { OpFamily } from '../graph.js';
import type { Evaluations, Numbers } from './evaluation.js';
import { broadcastDims, broadcastPosition, eachIndex, empty, stridesOf } from './strides.js';

export const matmul: Evaluations<OpFamily['matmul']> = {
  MatMul: ([a, b]) => {
    const [rows, inner, columns] = [a!.dims.at(-2)!, a!.dims.at(-1)!, b!.dims.at(-1)!];
    const [stackA, stackB] = [a!.dims.slice(0, -2), b!.dims.slice(0, -2)];
    const stack = broadcastDims(stackA, stackB);
    const result = empty([...stack, rows, columns]);
    eachIndex(stack, (index, position) => {
      const fromA = broadcastPosition(index, stackA, stridesOf(stackA)) * rows * inner;
      const fromB = broadcastPosition(index, stackB, stridesOf(stackB)) * inner * columns;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += a!.data[fromA + i * inner + k]! * b!.data[fromB + k * columns + j]!;
          result.data[(position * rows + i) * columns + j] = sum;
        }
      }
    });
    return [result];
  },
  Gemm: ([a, b], { transA, transB }) => matmul.MatMul([transA ? turned(a!) : a!, transB ? turned(b!) : b!], {}),
};

function turned({ dims, data }: Numbers): Numbers {
  const [rows, columns] = dims as [number, number];
  return { dims: [columns, rows], data: data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!) };
}
