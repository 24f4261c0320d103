/** @file One-pass kernels in WebAssembly SIMD, and the memory they work in. */
import { UsageError } from '../../models/index.js';
import { kernelsBinary } from './kernels-binary.js';

export type Kernels = {
  readonly adamW: (
    weight: number,
    gradient: number,
    first: number,
    second: number,
    average: number,
    count: number,
    scale: number,
    gradientDecay: number,
    beta1: number,
    beta2: number,
    keep: number,
    rate: number,
    root: number,
    epsilon: number,
    decay: number,
  ) => void;
  readonly keepAndAverage: (weight: number, average: number, count: number, keep: number, decay: number) => void;
  readonly sumSquares: (values: number, count: number) => number;
  readonly scale: (target: number, count: number, factor: number) => void;
  readonly addRows: (target: number, values: number, ids: number, rows: number, width: number, factor: number) => void;
  readonly addScaled: (target: number, values: number, count: number, scale: number) => void;
  readonly dropoutMask: (target: number, count: number, key: number, threshold: number, keep: number) => void;
};

const PAGE = 65_536;

/** Floats in a WebAssembly memory, read and written by the kernels and by ONNX Runtime alike. */
export class Arena {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #used = 0;

  private constructor(kernels: Kernels, memory: WebAssembly.Memory) {
    this.kernels = kernels;
    this.#memory = memory;
  }

  /** @param bytes what will be allocated; growing later would move the memory and detach every view */
  static async create(bytes: number): Promise<Arena> {
    const pages = Math.max(1, Math.ceil(bytes / PAGE));
    if (pages > 65_536) {
      throw new UsageError(
        'training/engine',
        `training state of ${(bytes / 2 ** 30).toFixed(1)} GiB is more than the 4 GiB that one arena holds`,
        'train a smaller model, or freeze a part of it.',
      );
    }
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536 });
    const { instance } = await WebAssembly.instantiate(Buffer.from(kernelsBinary, 'base64'), { env: { memory } });
    return new Arena(instance.exports as unknown as Kernels, memory);
  }

  /** The bytes `count` floats take: kernels work on whole groups of four. */
  static bytesFor(count: number): number {
    return padded(count) * 4;
  }

  /** The next `count` floats, zero at first. */
  allocate(count: number): Float32Array {
    const view = new Float32Array(this.#memory.buffer, this.#used, count);
    this.#used += Arena.bytesFor(count);
    return view;
  }

  /** Gives everything back; makes room for at least `bytes`. Views from before must not be used again. */
  reset(bytes: number): void {
    this.#used = 0;
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }
}

/** A number of floats rounded up to whole groups of four. */
export const padded = (count: number): number => Math.ceil(count / 4) * 4;
