/** @file Where a layer is being written: the graph, and the dotted path its weights will be named under. */
import { invariant } from '../errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Shape, Value } from '../graph/graph.js';
import type { Init } from './init.js';

export type Parameter = {
  readonly value: Value;
  readonly init: Init;
  /** Stored with its two dims exchanged: PyTorch keeps a linear layer's weight as [outputs, inputs], we multiply by [inputs, outputs]. */
  readonly transposed: boolean;
};

/** A random mask that a training step feeds: each element 0 with probability `rate`, else `1 / (1 - rate)`. */
export type DropoutMask = { readonly value: Value; readonly rate: number };

type Written = { readonly parameters: Parameter[]; readonly masks: DropoutMask[] };

export class Scope {
  readonly graph: GraphBuilder;
  readonly path: string;
  /** Whether layers that behave otherwise in training do so. */
  readonly training: boolean;
  readonly #written: Written;

  private constructor(graph: GraphBuilder, path: string, training: boolean, written: Written) {
    this.graph = graph;
    this.path = path;
    this.training = training;
    this.#written = written;
  }

  static root(graph: GraphBuilder, { training = false } = {}): Scope {
    return new Scope(graph, '', training, { parameters: [], masks: [] });
  }

  get parameters(): readonly Parameter[] {
    return this.#written.parameters;
  }

  get masks(): readonly DropoutMask[] {
    return this.#written.masks;
  }

  /** The same graph, one level down: `scope.at('encoder').at('0')` names its weights `encoder.0.*`. */
  at(name: string): Scope {
    const path = this.path ? `${this.path}.${name}` : name;
    return new Scope(this.graph.at(path), path, this.training, this.#written);
  }

  /** A layer that is written twice under one path has one set of weights: asked for again, a parameter is the one that is there. */
  parameter(name: string, shape: Shape, init: Init, { transposed = false } = {}): Value {
    const path = this.at(name).path;
    const known = this.#written.parameters.find(({ value }) => value.name === path);
    if (known) {
      invariant(known.value.shape.join() === shape.join(), `${path}: shared as [${known.value.shape}] and [${shape}]`);
      return known.value;
    }
    const value = this.graph.input(path, shape);
    this.#written.parameters.push({ value, init, transposed });
    return value;
  }

  /** The mask of the next dropout site, of the given shape. Sites are counted from 0 in the order in which they are written. */
  mask(shape: Shape, rate: number): Value {
    const value = this.graph.input(`dropout.${this.#written.masks.length}`, shape);
    this.#written.masks.push({ value, rate });
    return value;
  }
}
