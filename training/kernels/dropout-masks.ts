/** @file Dropout masks as a pure function of (seed, step, part, site): the same at a resumed run, on every engine. */
import type { DropoutMask, Tensor } from '../../models/index.js';
import { sizeOf } from '../../models/index.js';
import { Arena, padded } from './kernels.js';

export type MaskKey = {
  readonly seed: number;
  readonly step: number;
  /** Which of the accumulated batches of the step. */
  readonly part: number;
};

/** Fills masks into a memory of its own; each call overwrites the masks of the one before. */
export class DropoutMasks {
  readonly #arena: Arena;

  private constructor(arena: Arena) {
    this.#arena = arena;
  }

  static async create(): Promise<DropoutMasks> {
    return new DropoutMasks(await Arena.create(0));
  }

  /** By graph input name. `sizes` binds the named dims. */
  fill(masks: readonly DropoutMask[], sizes: Readonly<Record<string, number>>, key: MaskKey): Record<string, Tensor> {
    const shapes = masks.map(({ value }) => value.shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!)));
    this.#arena.reset(shapes.reduce((bytes, dims) => bytes + Arena.bytesFor(sizeOf(dims)), 0));
    return Object.fromEntries(
      masks.map(({ value, rate }, site) => {
        const dims = shapes[site]!;
        const data = this.#arena.allocate(sizeOf(dims));
        const threshold = Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32));
        this.#arena.kernels.dropoutMask(data.byteOffset, padded(data.length), siteKey(key, site), threshold, 1 / (1 - rate));
        return [value.name, { type: 'float32', dims, data }];
      }),
    );
  }
}

/** Mixes the parts of a key into 32 bits (murmur3's mixing step, one part after another). */
export function siteKey({ seed, step, part }: MaskKey, site: number): number {
  let hash = 0x2f6b_43a9;
  for (const word of [seed, step, part, site]) {
    let k = Math.imul(word, 0xcc9e_2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
    hash ^= k;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
