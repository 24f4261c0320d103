/** @file Every architecture, in one total table, and a classifier's graph from its config. */
import { z } from 'zod';
import { GraphBuilder } from '../graph/builder.js';
import { Scope } from '../layers/scope.js';
import { bertSchema, forwardBert } from './bert.js';
import { bigruSchema, forwardBigru } from './bigru.js';
import type { BuildOptions, ClassifierGraph, Forward, ForwardInputs } from './classifier-graph.js';
import { distilbertSchema, forwardDistilbert } from './distilbert.js';
import { endefSchema, forwardEndef } from './endef.js';
import { forwardRoberta, robertaSchema } from './roberta.js';
import { forwardXlnet, xlnetSchema } from './xlnet.js';

export const architectureSchema = z.discriminatedUnion('kind', [
  bertSchema,
  bigruSchema,
  distilbertSchema,
  endefSchema,
  robertaSchema,
  xlnetSchema,
]);
export type ArchitectureConfig = z.infer<typeof architectureSchema>;

const forwards: { readonly [K in ArchitectureConfig['kind']]: Forward<Extract<ArchitectureConfig, { kind: K }>> } = {
  bert: forwardBert,
  bigru: forwardBigru,
  distilbert: forwardDistilbert,
  endef: forwardEndef,
  roberta: forwardRoberta,
  xlnet: forwardXlnet,
};

/** The graph of a classifier from its config: token ids in, `labels` logits out. Inputs that nothing reads are left out when it is written. */
export function buildClassifier(
  config: ArchitectureConfig,
  { labels, training = false, float = 'float32' }: BuildOptions,
): ClassifierGraph {
  const builder = new GraphBuilder({ float });
  const root = Scope.root(builder, { training });
  const int64 = (name: string, length: string) => builder.input(name, ['batch', length], 'int64');
  const given: ForwardInputs = {
    ids: int64('input_ids', 'tokens'),
    mask: int64('attention_mask', 'tokens'),
    types: int64('token_type_ids', 'tokens'),
    ...(training ? { entities: { ids: int64('entity_ids', 'entityTokens'), mask: int64('entity_mask', 'entityTokens') } } : {}),
  };
  const forward = forwards[config.kind] as Forward<ArchitectureConfig>;
  const again = (inputs: ForwardInputs) => forward(root, config, inputs, { labels });
  const outputs = again(given);
  const inputs = builder.inputs.filter(({ type }) => type === 'int64');
  return { ...outputs, builder, scope: root, given, inputs, parameters: root.parameters, masks: root.masks, again };
}
