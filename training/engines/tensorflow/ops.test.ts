import { expect, test } from 'vitest';
import { feedsOf, opCases, titleOf, writeCase } from '../../../models/graph/testing/op-cases.js';
import { evaluate, type TensorType, tensorOf } from '../../../models/index.js';
import { relativeDifference } from '../../../test/golden.js';
import type { NativeTfjs } from '../load-tfjs.js';
import { castTo } from './ops/elementwise.js';
import { tensorflowOps } from './ops.js';
import { probeXla } from './probe-xla.js';
import { SavedModelWriter, type Stage } from './saved-model-writer.js';
import { loadSignatures } from './signatures.js';
import { native, nativeTest } from './testing/native.js';
import { writeGraph } from './write-graph.js';

/** tfjs-node feeds and reads these alone; the others are cast on the way in and out. */
const carried: { readonly [T in TensorType]: 'float32' | 'int32' } = {
  float32: 'float32',
  float64: 'float32',
  float16: 'float32',
  int64: 'int32',
  int32: 'int32',
  uint8: 'int32',
  int8: 'int32',
  bool: 'int32',
};

const ways = native && (await probeXla(native)).works ? [true, false] : [false];

/** The graph of a case as a signature, run on its feeds. */
async function run(tf: NativeTfjs, opCase: (typeof opCases)[number], compiled: boolean): Promise<ArrayLike<number>> {
  const { g, y } = writeCase(opCase);
  const graph = g.graph([y]);
  const feeds = feedsOf(opCase);
  const file = new SavedModelWriter();
  const stage: Stage = {
    name: 'case',
    feeds: graph.inputs.map(({ name, shape, type }) => ({ name, shape, type: carried[type] })),
    variables: [],
    returns: [{ name: 'y', type: carried[y.type], shape: y.shape }],
    compiled,
    write(w, given) {
      const known = graph.inputs.map(({ name, type }) => {
        const fed = given.get(name)!;
        return [name, type === carried[type] ? fed : castTo(w, fed, type)] as const;
      });
      const result = writeGraph(w, tensorflowOps, graph, new Map(known))(y);
      return [result.type === carried[y.type] ? result : castTo(w, result, carried[y.type])];
    },
  };
  file.procedure('run', [stage], ['y']);
  const signatures = await loadSignatures(tf, file.finish());
  const fed = Object.fromEntries(
    graph.inputs.map(({ name, type }) => [name, tensorOf(carried[type], feeds.get(name)!.dims, feeds.get(name)!.data)]),
  );
  try {
    return signatures.run('run', fed).get('y')!;
  } finally {
    signatures.dispose();
  }
}

for (const compiled of ways)
  for (const [number, opCase] of opCases.entries())
    nativeTest(`${number + 1}. ${titleOf(opCase)}: TensorFlow gives the reference${compiled ? ', compiled by XLA' : ''}`, async (tf) => {
      const { g, y } = writeCase(opCase);
      const expected = evaluate(g.graph([y]), feedsOf(opCase)).get(y.name)!.data;
      const actual = await run(tf, opCase, compiled);
      expect(relativeDifference(Array.from(actual, Number), expected)).toBeLessThan(1e-5);
    });

test('every op is run by a case, and has a line in the table', () => {
  const covered = new Set<string>(opCases.flatMap(({ listed }) => listed));
  expect(Object.keys(tensorflowOps).filter((op) => !covered.has(op))).toEqual([]);
});

test.each(opCases.map((opCase) => [titleOf(opCase), opCase] as const))(
  '%s: is written, each node after those that it reads',
  (_, opCase) => {
    const { g, y } = writeCase(opCase);
    const graph = g.graph([y]);
    const file = new SavedModelWriter();
    const stage: Stage = {
      name: 'case',
      feeds: graph.inputs,
      variables: [],
      returns: [{ ...y, name: 'y' }],
      compiled: false,
      write: (w, given) => {
        const result = writeGraph(w, tensorflowOps, graph, given)(y);
        const width = (type: TensorType | string) => (type === 'int64' ? 'int32' : type);
        expect(width(result.type)).toBe(width(y.type));
        return [result];
      },
    };
    file.procedure('run', [stage], ['y']);
    for (const { node_def, signature } of file.functions) {
      const known = new Set(signature.input_arg.map(({ name }) => name));
      for (const { name, input } of node_def) {
        expect(input.map((ref) => ref.split(':')[0]!).filter((ref) => !known.has(ref))).toEqual([]);
        known.add(name);
      }
    }
  },
);
