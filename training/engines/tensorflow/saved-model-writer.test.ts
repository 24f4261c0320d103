import { expect, test } from 'vitest';
import { SavedModelWriter, type Stage, tag } from './saved-model-writer.js';
import { SavedModelProto } from './schema.js';

/** y = x + sum, and the sum is then y. */
function runningSum(compiled: boolean): SavedModelWriter {
  const file = new SavedModelWriter();
  const port = { name: 'x', type: 'float32', shape: ['n', 2] } as const;
  file.variable('sum', [3, 2]);
  const add: Stage = {
    name: 'add_x',
    feeds: [port],
    variables: ['sum'],
    returns: [{ ...port, name: 'y' }],
    compiled,
    write(w, given) {
      const sum = given.get('sum')!;
      const next = w.add('AddV2', [given.get('x')!, w.read(sum, 'float32')]);
      w.store(sum, next);
      return [next];
    },
  };
  file.procedure('add', [add], ['y']);
  file.assign('assign', ['sum']);
  file.clear('clear', ['sum']);
  file.read('read', ['sum']);
  return file;
}

// biome-ignore lint/suspicious/noExplicitAny: read as a whole
const decoded = (bytes: Uint8Array): any =>
  SavedModelProto.toObject(SavedModelProto.decode(bytes), { longs: Number, defaults: false, arrays: true, objects: true });

test('a file is one graph with a tag, its variables, and a function that is called', () => {
  const { model, names } = runningSum(true).finish();
  const [graph] = decoded(model).meta_graphs;
  expect(decoded(model).meta_graphs).toHaveLength(1);
  expect(graph.meta_info_def.tags).toEqual([tag]);
  const ops = new Map<string, { op: string; input: string[]; attr: Record<string, unknown> }>(
    graph.graph_def.node.map((node: { name: string }) => [node.name, node]),
  );
  expect(ops.get('variable/sum')!.op).toBe('VarHandleOp');
  expect(ops.get('add/add_x')).toMatchObject({ op: 'StatefulPartitionedCall', input: ['feed/x', 'variable/sum'] });
  expect(ops.get('add/add_x')!.attr._XlaMustCompile).toEqual({ b: true });
  expect(names).toEqual(['add', 'assign', 'clear', 'read']);
  const [called] = graph.graph_def.library.function;
  expect(called.signature).toMatchObject({
    name: 'add_x',
    is_stateful: true,
    input_arg: [
      { name: 'argument_0', type: 1 },
      { name: 'argument_1', type: 20 },
    ],
  });
  expect(called.node_def.map(({ op }: { op: string }) => op)).toEqual(['ReadVariableOp', 'AddV2', 'AssignVariableOp']);
  expect(called.ret).toEqual({ result_0: 'AddV2_1:z:0' });
  expect(called.control_ret).toEqual({ AssignVariableOp_2: 'AssignVariableOp_2' });
});

test('signatures say what is fed and given; named dims are open', () => {
  const { add, assign, clear, read } = decoded(runningSum(false).finish().model).meta_graphs[0].signature_def;
  const open = { dim: [{ size: -1 }, { size: 2 }] };
  const whole = { dim: [{ size: 3 }, { size: 2 }] };
  expect(add.inputs).toEqual({ x: { name: 'feed/x:0', dtype: 1, tensor_shape: open } });
  expect(add.outputs).toEqual({ y: { name: 'add/result/y:0', dtype: 1, tensor_shape: open } });
  expect(assign.inputs).toEqual({ sum: { name: 'assign/sum:0', dtype: 1, tensor_shape: whole } });
  expect(Object.keys(clear.inputs)).toEqual([]);
  expect(read.outputs).toEqual({ sum: { name: 'read/sum:0', dtype: 1, tensor_shape: whole } });
});

test('what is fed to a variable is copied, and nothing is given back before it is stored', () => {
  const nodes = decoded(runningSum(false).finish().model).meta_graphs[0].graph_def.node as { name: string; op: string; input: string[] }[];
  const of = (name: string) => nodes.find((node) => node.name === name)!;
  expect(of('assign/store/sum').input).toEqual(['variable/sum', 'assign/copy/sum']);
  expect(of('assign/copy/sum')).toMatchObject({ op: 'DeepCopy', input: ['assign/sum'] });
  expect(of('assign/done').input).toEqual(['^assign/store/sum']);
});

test('the signatures alone are the same signatures, without a graph', () => {
  const { model, signatures } = runningSum(true).finish();
  const [whole, part] = [decoded(model), decoded(signatures)].map(({ meta_graphs }) => meta_graphs[0]);
  expect(part.signature_def).toEqual(whole.signature_def);
  expect(part.graph_def.node ?? []).toEqual([]);
  expect(signatures.length).toBeLessThan(model.length / 2);
});

test('stages run in order, are joined by name, and what is asked for waits for the last', () => {
  const file = new SavedModelWriter();
  file.variable('sum', [2]);
  const port = { name: 'x', type: 'float32', shape: [2] } as const;
  const double: Stage = {
    name: 'double',
    feeds: [port],
    variables: [],
    returns: [{ ...port, name: 'twice' }],
    compiled: false,
    write: (w, given) => [w.add('AddV2', [given.get('x')!, given.get('x')!])],
  };
  const keep: Stage = {
    name: 'keep',
    feeds: [{ ...port, name: 'twice' }],
    variables: ['sum'],
    returns: [],
    compiled: false,
    write(w, given) {
      w.store(given.get('sum')!, given.get('twice')!);
      return [];
    },
  };
  file.procedure('one', [double, keep], ['twice']);
  file.procedure('two', [double], ['twice']);
  const [graph] = decoded(file.finish().model).meta_graphs;
  const inputs = Object.fromEntries(graph.graph_def.node.map(({ name, input }: { name: string; input: string[] }) => [name, input]));
  expect(inputs['one/keep']).toEqual(['one/double:0', 'variable/sum', '^one/double']);
  expect(inputs['one/result/twice']).toEqual(['one/double:0', '^one/keep']);
  expect(Object.keys(graph.signature_def.one.inputs)).toEqual(['x']);
  expect(graph.graph_def.library.function.map(({ signature }: { signature: { name: string } }) => signature.name)).toEqual([
    'double',
    'keep',
  ]);
});

test('two variables of one name are a fault of ours', () => {
  const file = new SavedModelWriter();
  file.variable('a:b', [1]);
  expect(() => file.variable('a b', [1])).toThrow(/internal: tensorflow: two variables are called a b/);
});
