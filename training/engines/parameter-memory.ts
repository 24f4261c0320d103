/** @file Weights, gradients, moments and averages side by side in one arena, and the update as one pass over them. */
import { invariant, type Parameter, sizeOf, type Tensor, type Tensors } from '../../models/index.js';
import { Arena, padded } from '../kernels/kernels.js';
import type { OptimizerConfig } from '../optimizers/optimizer-config.js';
import { type ParameterRate, parameterRates } from '../optimizers/parameter-rates.js';
import type { EngineState, NamedArrays } from './engine.js';
import { UnmovedRows } from './unmoved-rows.js';

type Trained = { readonly gradient: Float32Array; readonly first: Float32Array; readonly second: Float32Array };
type Slot = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly weight: Float32Array;
  readonly average: Float32Array;
  /** Absent for a frozen parameter. */
  readonly trained?: Trained;
  /** Rows of the gradient that were added to in this step; only tables that are looked up in have any. */
  readonly rows: Set<number>;
  /** Only where all of the table's gradients come by `wake` and `addRows`. */
  readonly unmoved?: UnmovedRows;
};
type Update = { readonly learningRate: number; readonly emaDecay: number | null; readonly gradientNorm: number };

/** Rows that are added at once, at most: few enough that they are still in the processor's caches when they are read again. */
const scratchIds = 64;

export class ParameterMemory {
  readonly #arena: Arena;
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #scratch: Float32Array;
  /** The beginning of the same memory, as ids of rows. */
  readonly #scratchRows: Int32Array;
  readonly #tensors: { readonly weights: Readonly<Record<string, Tensor>>; readonly average: Readonly<Record<string, Tensor>> };
  #updates = 0;
  /** Of the config that was last asked for. */
  #rates: { readonly config: OptimizerConfig; readonly byName: ReadonlyMap<string, ParameterRate> } | undefined;

  private constructor(arena: Arena, slots: readonly Slot[], scratch: Float32Array) {
    this.#arena = arena;
    this.#slots = new Map(slots.map((slot) => [slot.name, slot]));
    this.#scratch = scratch;
    this.#scratchRows = new Int32Array(scratch.buffer, scratch.byteOffset, scratchIds);
    const tensors = (pick: (slot: Slot) => Float32Array) => Object.fromEntries(slots.map((slot) => [slot.name, tensor(slot, pick(slot))]));
    this.#tensors = { weights: tensors(({ weight }) => weight), average: tensors(({ average }) => average) };
  }

  /** @param lookedUp tables that are only looked up in, by ids which `wake` is told beforehand */
  static async create(
    parameters: readonly Parameter[],
    trained: ReadonlySet<string>,
    weights: NamedArrays,
    lookedUp: ReadonlySet<string> = new Set(),
  ): Promise<ParameterMemory> {
    const sizes = parameters.map(({ value }) => ({
      name: value.name,
      dims: value.shape as readonly number[],
      size: sizeOf(value.shape as readonly number[]),
    }));
    const largest = Math.max(...sizes.map(({ size }) => size)) + scratchIds;
    const bytes = sizes.reduce((sum, { name, size }) => sum + Arena.bytesFor(size) * (trained.has(name) ? 5 : 2), Arena.bytesFor(largest));
    const arena = await Arena.create(bytes);
    const slots = sizes.map(({ name, dims, size }): Slot => {
      const given = weights.get(name);
      invariant(given?.length === size, `engine: ${name} has ${given?.length} weights for [${dims}]`);
      const arrays = { weight: arena.allocate(size), average: arena.allocate(size) };
      arrays.weight.set(given);
      arrays.average.set(given);
      const own = trained.has(name)
        ? { trained: { gradient: arena.allocate(size), first: arena.allocate(size), second: arena.allocate(size) } }
        : {};
      const width = size / dims[0]!;
      const unmoved = lookedUp.has(name) && width % 4 === 0 ? { unmoved: new UnmovedRows(arena.kernels, { ...arrays, width }) } : {};
      return { name, dims, ...arrays, ...own, rows: new Set(), ...unmoved };
    });
    return new ParameterMemory(arena, slots, arena.allocate(largest));
  }

  /** By parameter name; views, not copies, whole until the next update. */
  tensors(which: 'weights' | 'average'): Readonly<Record<string, Tensor>> {
    for (const { unmoved } of this.#slots.values()) unmoved?.settle();
    return this.#tensors[which];
  }

  /** The weights for a training step: of `lookups`' tables only the rows that are named in its `inputs`. */
  read(lookups: ReadonlyMap<string, readonly string[]>, inputs: Tensors): Readonly<Record<string, Tensor>> {
    for (const [name, ids] of lookups) for (const id of ids) this.#slots.get(name)!.unmoved?.wake(inputs[id]!.data as BigInt64Array);
    return this.#tensors.weights;
  }

  gradientTensor(name: string): Tensor {
    const slot = this.#slots.get(name)!;
    return tensor(slot, slot.trained!.gradient);
  }

  scaleGradient(name: string, share: number): void {
    const { gradient } = this.#slots.get(name)!.trained!;
    if (share !== 1) this.#arena.kernels.scale(gradient.byteOffset, padded(gradient.length), share);
  }

  addGradient(name: string, values: Float32Array, share: number): void {
    const { gradient } = this.#slots.get(name)!.trained!;
    this.#scratch.set(values);
    this.#scratch.fill(0, values.length, padded(values.length)); // what fills up the last group of four must add nothing
    this.#arena.kernels.addScaled(gradient.byteOffset, this.#scratch.byteOffset, padded(values.length), share);
  }

  /** Adds row i of `values` [ids, width] to the row that `ids[i]` names, one after another, so the sum is the same at each run. */
  addRows(name: string, ids: BigInt64Array, values: Float32Array, share: number): void {
    const { trained, rows } = this.#slots.get(name)!;
    const width = values.length / ids.length;
    const turn = Math.max(1, Math.min(ids.length, Math.floor((this.#scratch.length - scratchIds) / width), scratchIds));
    for (let start = 0; start < ids.length; start += turn) {
      const count = Math.min(turn, ids.length - start);
      this.#scratch.set(values.subarray(start * width, (start + count) * width), scratchIds);
      for (let i = 0; i < count; i++) {
        const row = Number(ids[start + i]);
        rows.add(row);
        this.#scratchRows[i] = row;
      }
      const { byteOffset } = this.#scratch;
      this.#arena.kernels.addRows(trained!.gradient.byteOffset, byteOffset + 4 * scratchIds, byteOffset, count, width, share);
    }
  }

  gradientNorm(): number {
    let squares = 0;
    for (const { trained, rows, dims } of this.#slots.values()) {
      if (!trained) continue;
      const { gradient } = trained;
      if (rows.size === 0) squares += this.#arena.kernels.sumSquares(gradient.byteOffset, padded(gradient.length));
      else {
        const width = gradient.length / dims[0]!;
        for (const row of rows) squares += this.#arena.kernels.sumSquares(gradient.byteOffset + 4 * row * width, width);
      }
    }
    return Math.sqrt(squares);
  }

  update(config: OptimizerConfig, { learningRate, emaDecay, gradientNorm }: Update): void {
    const { beta1, beta2, epsilon, clip } = config;
    this.#updates += 1;
    const correction1 = 1 - beta1 ** this.#updates;
    const correction2 = 1 - beta2 ** this.#updates;
    const scale = clip > 0 ? Math.min(1, clip / (gradientNorm + 1e-6)) : 1;
    const rates = this.#ratesOf(config);
    const { kernels } = this.#arena;
    for (const { name, dims, weight, average, trained, unmoved } of this.#slots.values()) {
      if (!trained) continue;
      const [w, g, m, v, e] = [weight, trained.gradient, trained.first, trained.second, average].map(
        ({ byteOffset }) => byteOffset,
      ) as Five;
      const { rateFactor, weightDecay, gradientDecay } = rates.get(name)!;
      const rate = learningRate * rateFactor;
      const [keep, step, root, decay] = [1 - rate * weightDecay, rate / correction1, Math.sqrt(correction2), emaDecay ?? 0];
      const make = (at: number, count: number): void =>
        kernels.adamW(w + at, g + at, m + at, v + at, e + at, count, scale, gradientDecay, beta1, beta2, keep, step, root, epsilon, decay);
      if (!unmoved) {
        make(0, padded(weight.length));
        continue;
      }
      if (gradientDecay !== 0) unmoved.wakeAll();
      const width = weight.length / dims[0]!;
      for (const { start, end } of unmoved.moved()) make(4 * start * width, (end - start) * width);
      unmoved.putOff(keep, decay);
    }
  }

  #ratesOf(config: OptimizerConfig): ReadonlyMap<string, ParameterRate> {
    if (this.#rates?.config !== config) {
      const parameters = [...this.#slots.values()].map(({ name, dims }) => ({ name, shape: dims }));
      this.#rates = { config, byName: parameterRates(parameters, config) };
    }
    return this.#rates.byName;
  }

  /** Makes ready for the next step: rows are added to, so those that were must be zero again. */
  clearRows(): void {
    for (const { trained, rows, dims } of this.#slots.values()) {
      const width = trained ? trained.gradient.length / dims[0]! : 0;
      for (const row of rows) trained!.gradient.fill(0, row * width, (row + 1) * width);
      rows.clear();
    }
  }

  /** A copy. */
  average(): NamedArrays {
    return this.#copy(({ average }) => average);
  }

  /** A copy. */
  state(): EngineState {
    return {
      weights: this.#copy(({ weight }) => weight),
      average: this.average(),
      first: this.#copy(({ trained }) => trained?.first),
      second: this.#copy(({ trained }) => trained?.second),
      updates: this.#updates,
    };
  }

  #copy(pick: (slot: Slot) => Float32Array | undefined): NamedArrays {
    const slots = [...this.#slots.values()];
    for (const { unmoved } of slots) unmoved?.settle();
    return new Map(slots.flatMap((slot) => (pick(slot) ? [[slot.name, pick(slot)!.slice()]] : [])));
  }

  restore({ weights, average, first, second, updates }: EngineState): void {
    for (const { name, weight, average: shadow, trained, unmoved } of this.#slots.values()) {
      weight.set(weights.get(name)!);
      shadow.set(average.get(name)!);
      trained?.first.set(first.get(name)!);
      trained?.second.set(second.get(name)!);
      unmoved?.restart(first.get(name)!, second.get(name)!);
    }
    this.#updates = updates;
  }
}

type Five = [number, number, number, number, number];

const tensor = ({ dims }: Slot, data: Float32Array): Tensor => ({ type: 'float32', dims, data });
