import { type Parameter, type Tensor, toStored } from '../../models/index.js';
import { writeWeights } from '../../models/weights/node.js';
import type { Engine } from '../engines/engine.js';

/** Writes the averaged weights, in the layout of files. @param parameters those that the file is to have */
export async function writeAverage(path: string, parameters: readonly Parameter[], engine: Pick<Engine, 'average'>): Promise<void> {
  const average = await engine.average();
  const tensors = new Map(
    parameters.flatMap(({ value }): [string, Tensor][] => {
      const data = average.get(value.name);
      return data ? [[value.name, { type: 'float32', dims: value.shape as readonly number[], data }]] : [];
    }),
  );
  await writeWeights(path, toStored(parameters, tensors));
}
