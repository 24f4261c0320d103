/** @file Every architecture, in one total table. */
import { z } from 'zod';
import { bertSchema, buildBert } from './bert.js';
import type { BuildOptions, ClassifierGraph } from './classifier-graph.js';

export const architectureSchema = z.discriminatedUnion('kind', [bertSchema]);
export type ArchitectureConfig = z.infer<typeof architectureSchema>;

const builders: {
  readonly [K in ArchitectureConfig['kind']]: (config: Extract<ArchitectureConfig, { kind: K }>, options: BuildOptions) => ClassifierGraph;
} = {
  bert: buildBert,
};

/** The graph of a classifier from its config: token ids in, `labels` logits out. */
export const buildClassifier = (config: ArchitectureConfig, options: BuildOptions): ClassifierGraph =>
  builders[config.kind](config, options);
