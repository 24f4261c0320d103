/** @file What ONNX Runtime's own profile says of a graph that ran several times: milliseconds a run by place, pass and op. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../../models/bench/node.js';
import { invariant } from '../../models/index.js';

/** One node of the graph as the runtime carried it out, fused or not. */
export type NodeTime = {
  /** Where it was written, such as `bert.encoder.layer.3.attention.self`. */
  readonly place: string;
  readonly pass: 'forward' | 'backward';
  readonly op: string;
  /** Median over the runs. */
  readonly ms: number;
  /** Of a matrix product: what is multiplied and what comes out, such as `[1024,384] [384,1536] -> [1024,1536]`, and 10^9 operations of one run. */
  readonly product?: { readonly shapes: string; readonly gflop: number };
};
export type RunProfile = {
  readonly nodes: readonly NodeTime[];
  /** Of a whole run, median; more than its nodes together by what lies between them. */
  readonly ms: number;
  readonly runs: number;
};

type Event = {
  readonly cat?: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly ts: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Shaped[];
    readonly output_type_shape?: readonly Shaped[];
  };
};
/** `{ float: [2, 3] }` */
type Shaped = Readonly<Record<string, readonly number[]>>;

/**
 * Reads the one profile that lies in a folder.
 *
 * @param warmUp runs at the beginning that do not count
 */
export async function readProfile(folder: string, warmUp: number): Promise<RunProfile> {
  const [file] = await readdir(folder);
  invariant(file !== undefined, `profile: there is none in ${folder}`);
  return profileOf(JSON.parse(await readFile(join(folder, file), 'utf8')), warmUp);
}

export function profileOf(events: readonly Event[], warmUp: number): RunProfile {
  const runs = events.filter(({ name }) => name === 'model_run').slice(warmUp);
  const began = runs[0]?.ts ?? Number.POSITIVE_INFINITY;
  const times = new Map<string, Omit<NodeTime, 'place' | 'pass' | 'ms'> & { ms: number[] }>();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith(suffix) || ts < began) continue;
    const node = name.slice(0, -suffix.length);
    const known = times.get(node) ?? { op: args?.op_name ?? 'unknown', ...productOf(args), ms: [] };
    known.ms.push(dur / 1000);
    times.set(node, known);
  }
  const nodes = [...times].map(([node, { ms, ...rest }]): NodeTime => ({ ...placeOf(node), ...rest, ms: median(ms) }));
  return { nodes, ms: median(runs.map(({ dur }) => dur / 1000)), runs: runs.length };
}

const products = new Set(['MatMul', 'FusedMatMul', 'Gemm', 'FusedGemm']);

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);

/** A product of stacks of matrices is as many as there are in the stack; whatever is transposed, inner² is |A|·|B| / |C| of one of them. */
function productOf(args: Event['args']): Pick<NodeTime, 'product'> {
  const [a, b, c] = [args?.input_type_shape?.[0], args?.input_type_shape?.[1], args?.output_type_shape?.[0]].map(
    (one) => Object.values(one ?? {})[0],
  );
  if (!products.has(args?.op_name ?? '') || !a || !b || !c) return {};
  const stack = b.length > 2 ? sizeOf(c.slice(0, -2)) : 1;
  const inner = Math.sqrt((sizeOf(a) * sizeOf(b)) / sizeOf(c) / stack);
  return { product: { shapes: `[${a}] [${b}] -> [${c}]`, gflop: (2 * sizeOf(c) * inner) / 1e9 } };
}

/** What the runtime puts after the name of a node whose computation it has timed. */
const suffix = '_kernel_time';

/** `grad/bert.encoder.layer.1.output.dense/Gemm_686` was written by the backward pass of `bert.encoder.layer.1.output.dense`. */
function placeOf(node: string): Pick<NodeTime, 'place' | 'pass'> {
  const backward = node.startsWith('grad/');
  const path = backward ? node.slice('grad/'.length) : node;
  const end = path.search(/\/?[A-Z]\w*_\d+/); // what the builder calls a node, and what the runtime's fusions put behind it
  return { place: end < 0 ? path : path.slice(0, end), pass: backward ? 'backward' : 'forward' };
}
