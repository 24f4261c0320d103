/** @file A graph cut where frozen layers end: below, what is the same whenever a text is read; above, what each step computes. */
import { GraphBuilder, invariant, type Node, type Shape, type Value } from '../../models/index.js';

export type Cut = {
  /** In the place of what lies below it, the graph reads the inputs of `features`. */
  readonly builder: GraphBuilder;
  /** The output as the cut graph has it: of the same name. */
  readonly output: Value;
  readonly features: readonly Feature[];
  /** What computes the features, from frozen parameters and texts. */
  readonly below: ReturnType<GraphBuilder['graph']>;
};

export type Feature = {
  /** In the graph below. */
  readonly value: Value;
  /** What stands for it above. */
  readonly input: Value;
  readonly layout: Layout;
};

/** How a value holds what belongs to one text: a row of `width` numbers, or one for each of its tokens. */
export type Layout = { readonly perToken: boolean; readonly width: number };

export type CutOptions = {
  /** Names of the parameters that no step changes. */
  readonly frozen: ReadonlySet<string>;
  /** Inputs whose content for a text is the same whenever it is read, such as `input_ids`. */
  readonly texts: ReadonlySet<string>;
  /** Inputs that hold a dropout mask, and so differ from step to step. */
  readonly masks: ReadonlySet<string>;
  /** Whether masks between frozen layers hide nothing. A mask before a layer that is trained stays in any case. */
  readonly ignoreMasks: boolean;
};

/** @returns `undefined` where nothing is to be gained: no product of frozen weights lies below every mask and all that is trained, or
 *  what is between belongs to no single text */
export function splitFrozen(builder: GraphBuilder, output: Value, options: CutOptions): Cut | undefined {
  const { nodes } = builder.graph([output]);
  if (nodes.some(({ attributes }) => 'body' in attributes)) return undefined; // a body reads values of the graph around it by name
  const { fixed, costly, unmasked } = survey(nodes, options);
  const plain = (value: Value): Value => unmasked.get(value.name) ?? value;
  const above = nodes.filter(({ outputs }) => !fixed.has(outputs[0]!.name));
  const read = new Set(above.flatMap(({ inputs }) => inputs.map((input) => plain(input).name)));
  const values = nodes.flatMap(({ outputs }) => outputs).filter(({ name }) => costly.has(name) && read.has(name));
  const layouts = values.map(({ shape }) => layoutOf(shape));
  if (values.length === 0 || layouts.some((layout) => layout === undefined)) return undefined;

  const features = values.map((value, i): Feature => {
    const input: Value = { name: `frozen/${value.name}`, shape: value.shape, type: value.type };
    return { value, input, layout: layouts[i]! };
  });
  const standIns = new Map(features.map(({ value, input }) => [value.name, input]));
  // Every node keeps its place, so that what is written later gets no name that is taken; what is not needed falls away with `graph()`.
  const rewired = builder.nodes.map((node): Node => {
    const below = fixed.has(node.outputs[0]!.name);
    const inputs = node.inputs.map(plain).map((input) => (below ? input : (standIns.get(input.name) ?? input)));
    return inputs.every((input, i) => input === node.inputs[i]) ? node : ({ ...node, inputs } as Node);
  });
  const inputs = [...builder.inputs, ...features.map(({ input }) => input)];
  const names = new Set(inputs.map(({ name }) => name));
  const cut = new GraphBuilder({ float: builder.float }, '', { within: 'above/', nodes: rewired, inputs, names, constants: new Map() });
  return { builder: cut, output, features, below: cut.graph(values) };
}

type Survey = {
  /** Values that are the same whenever a text is read. */
  readonly fixed: ReadonlySet<string>;
  /** Those of them that took a product with frozen weights. */
  readonly costly: ReadonlySet<string>;
  /** What stands for the output of a mask that is ignored. */
  readonly unmasked: ReadonlyMap<string, Value>;
};

function survey(nodes: readonly Node[], { frozen, texts, masks, ignoreMasks }: CutOptions): Survey {
  let kept: ReadonlySet<string> = new Set();
  for (;;) {
    const found = walk(nodes, { frozen, texts, masks: ignoreMasks ? masks : new Set(), kept });
    // A mask whose output only trained layers read is theirs: it stays, and the features end before it.
    const readBelow = new Set(
      nodes.filter(({ outputs }) => found.fixed.has(outputs[0]!.name)).flatMap((node) => node.inputs.map(({ name }) => name)),
    );
    const theirs = [...found.unmasked.keys()].filter((name) => !readBelow.has(name));
    if (theirs.length === 0) return found;
    kept = new Set([...kept, ...theirs]);
  }
}

type Walk = Pick<CutOptions, 'frozen' | 'texts' | 'masks'> & { readonly kept: ReadonlySet<string> };

function walk(nodes: readonly Node[], { frozen, texts, masks, kept }: Walk): Survey {
  const fixed = new Set([...frozen, ...texts]);
  const ofTexts = new Set(texts);
  const costly = new Set<string>();
  const unmasked = new Map<string, Value>();
  for (const node of nodes) {
    const [name] = node.outputs.map((output) => output.name);
    invariant(name !== undefined, `split: ${node.name} has no output`);
    const mask = node.op === 'Mul' && !kept.has(name) ? node.inputs.find((input) => masks.has(input.name)) : undefined;
    const inputs = node.inputs.filter((input) => !input.constant && input !== mask);
    if (!inputs.every((input) => fixed.has(input.name))) continue;
    const fromTexts = inputs.filter((input) => ofTexts.has(input.name));
    const weighs = node.op !== 'Gather' && inputs.some((input) => !ofTexts.has(input.name) && input.shape.length >= 2);
    const costs = (fromTexts.length > 0 && weighs) || inputs.some((input) => costly.has(input.name));
    if (mask) unmasked.set(name, unmasked.get(inputs[0]!.name) ?? inputs[0]!);
    for (const output of node.outputs) {
      fixed.add(output.name);
      if (fromTexts.length > 0) ofTexts.add(output.name);
      if (costs) costly.add(output.name);
    }
  }
  return { fixed, costly, unmasked };
}

/** [batch, …], [batch, tokens, …] or [batch*tokens, …], the rest known. */
function layoutOf([first, ...rest]: Shape): Layout | undefined {
  const perToken = first === 'batch*tokens' || (first === 'batch' && rest[0] === 'tokens');
  const sizes = first === 'batch' && perToken ? rest.slice(1) : rest;
  if (!(perToken || first === 'batch') || !sizes.every((size) => typeof size === 'number')) return undefined;
  return { perToken, width: sizes.reduce<number>((product, size) => product * Number(size), 1) };
}
