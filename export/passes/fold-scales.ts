import { type Graph, type Node, numbersOf, type Tensor, tensorOf, type Value } from '../../models/index.js';
import { constantValue, rewrite } from './rewrite.js';

/**
 * `(x · W + b) · c` becomes `x · cW + cb`: one pass over the result less. Queries of an attention are divided so.
 * Only where nothing else reads what lies between. The weights change, so a file that others read weights from must not go through it.
 */
export function foldScales(graph: Graph): Graph {
  const readers = new Map<string, number>();
  for (const { name } of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  const writer = new Map(graph.nodes.flatMap((node) => node.outputs.map(({ name }) => [name, node] as const)));
  const only = (value: Value, op: Node['op']): Node | undefined => {
    const node = writer.get(value.name);
    return node?.op === op && readers.get(value.name) === 1 ? node : undefined;
  };
  /** By the name of the weight or bias that is to be multiplied. */
  const factors = new Map<string, number>();
  const gone = new Map<string, number>();
  for (const { op, inputs, outputs } of graph.nodes) {
    const factor = op === 'Mul' ? scalar(inputs[1]!) : undefined;
    const sum = factor === undefined ? undefined : only(inputs[0]!, 'Add');
    const product = sum && only(sum.inputs[0]!, 'MatMul');
    const [weight, bias] = [product?.inputs[1], sum?.inputs[1]];
    if (!weight?.constant || !bias?.constant || readers.get(weight.name) !== 1 || readers.get(bias.name) !== 1) continue;
    for (const { name } of [weight, bias]) factors.set(name, factor!);
    gone.set(outputs[0]!.name, factor!);
  }
  return rewrite(graph, (node, inputs, emit) => {
    if (gone.has(node.outputs[0]!.name)) return [inputs[0]!];
    if (!node.inputs.some(({ name }) => factors.has(name))) return undefined;
    const scaled = inputs.map((input) => (factors.has(input.name) ? times(input, factors.get(input.name)!) : input));
    return [emit(node.op as 'Add', node.outputs[0]!.name, scaled, {})];
  });
}

const scalar = ({ constant, type }: Value): number | undefined =>
  constant && type === 'float32' && constant.dims.length === 0 ? numbersOf(constant)[0] : undefined;

function times({ name, constant }: Value, factor: number): Value {
  const { type, dims } = constant as Tensor;
  return constantValue(
    name,
    tensorOf(
      type,
      dims,
      numbersOf(constant as Tensor).map((value) => value * factor),
    ),
  );
}
