import { type Parameter, sizeOf } from '../../models/index.js';
import { createRandom, type Random } from '../data/random.js';
import type { NamedArrays } from '../engines/engine.js';

/** A start for each parameter, in the layout of the graph: what is `given`, else by its `init`, the same for the same seed. */
export function initialWeights(parameters: readonly Parameter[], seed: number, given: NamedArrays = new Map()): NamedArrays {
  return new Map(
    parameters.map(({ value, init }, index) => {
      const known = given.get(value.name);
      if (known) return [value.name, known];
      const data = new Float32Array(sizeOf(value.shape as readonly number[]));
      if (init.kind === 'ones') data.fill(1);
      if (init.kind === 'normal') {
        const random = createRandom(seed, index);
        for (let i = 0; i < data.length; i++) data[i] = init.deviation * cutNormal(random);
      }
      return [value.name, data];
    }),
  );
}

/** A standard normal number (Box and Muller), drawn again while it is more than two deviations out. */
function cutNormal(random: Random): number {
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    if (Math.abs(x) <= 2) return x;
  }
}
