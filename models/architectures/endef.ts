/**
 * @file ENDEF (Zhu et al., SIGIR 2022, arXiv 2204.09484): in training a second branch sees only the names in a text, and takes upon itself what
 * they alone say of the label; what is served is the classifier of the content, and has no such branch.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { Value } from '../graph/graph.js';
import { fillLike } from '../graph/ops/layout.js';
import { fixedFusion, learnedFusion } from '../layers/fusion.js';
import { mlp } from '../layers/mlp.js';
import type { Scope } from '../layers/scope.js';
import { textCnn } from '../layers/text-cnn.js';
import { bertSchema, encode, forwardBert, modelName } from './bert.js';
import { bigruSchema, forwardBigru, readWords } from './bigru.js';
import type { Forward, TokenInputs } from './classifier-graph.js';
import { headWidths } from './head-widths.js';

const size = z.number().int().positive();
const share = z.number().gt(0).lt(1);

const contentSchema = z.discriminatedUnion('kind', [bertSchema, bigruSchema]);
type ContentConfig = z.infer<typeof contentSchema>;
type ContentKind = ContentConfig['kind'];

const entitySchema = z.strictObject({
  /** Tokens that each convolution over the names sees at once. */
  kernels: z.array(size).min(1).default([1, 2, 3, 5, 10]),
  /** Features of each. */
  channels: size.default(64),
  mlp: headWidths.default([384]),
  dropout: z.number().min(0).lt(1).default(0.2),
});

export const endefSchema = z.strictObject({
  kind: z.literal('endef'),
  /** What is trained besides, and served alone. */
  content: contentSchema,
  entity: entitySchema.prefault({}),
  /** How the logits of both become those that are trained: in fixed shares, or each by a gate of its own that is learnt. */
  fusion: z.enum(['fixed', 'learned']).default('fixed'),
  /** Of the content, where shares are fixed. */
  contentShare: share.default(0.9),
  /** Of the loss that the entity branch has of its own. */
  entityWeight: z.number().min(0).default(0.2),
});

export type EndefConfig = z.infer<typeof endefSchema>;

export const forwardEndef: Forward<EndefConfig> = (root, config, inputs, { labels }) => {
  const { content, entity, fusion, contentShare, entityWeight } = config;
  const { entities, ...texts } = inputs;
  const part = contents[content.kind] as Content<ContentConfig>;
  const served = part.forward(root, content, texts, { labels });
  if (!root.training || !entities) return served;
  if (fusion === 'learned' && labels === 1) {
    throw new UsageError(
      'config/invalid',
      'endef: learned fusion of one logit: a gate cannot tell where to trust it from the logit alone',
      'set fusion to "fixed", or give the two sides of the question as two labels.',
    );
  }
  const scope = root.at('entity');
  const { kernels, channels, dropout } = entity;
  const states = part.read(root, content, { ...entities, types: fillLike(root.graph, entities.ids, 0) }); // [batch, entityTokens, width]
  const seen = textCnn(scope.at('cnn'), states, entities.mask, { width: part.width(content), kernels, channels }); // [batch, kernels * channels]
  const head = { inputs: kernels.length * channels, widths: entity.mlp, outputs: labels, dropout };
  const named = mlp(scope.at('classifier'), seen, head); // [batch, labels]
  const logits =
    fusion === 'fixed' ? fixedFusion(root, served.logits, named, contentShare) : learnedFusion(scope.at('fusion'), [served.logits, named]);
  return { ...served, logits, auxiliary: [...served.auxiliary, { name: 'entity', logits: named, weight: entityWeight }] };
};

type Content<Config> = {
  readonly forward: Forward<Config>;
  /** Vectors of tokens by the weights of the content branch, [batch, tokens, width]. */
  readonly read: (root: Scope, config: Config, tokens: TokenInputs) => Value;
  readonly width: (config: Config) => number;
};

/** What may stand in the content branch. */
const contents: { readonly [K in ContentKind]: Content<Extract<ContentConfig, { kind: K }>> } = {
  bert: {
    forward: forwardBert,
    read: (root, config, tokens) => encode(root.at(modelName(config)), config, tokens).states.at(-1)!,
    width: ({ width }) => width,
  },
  bigru: {
    forward: forwardBigru,
    read: (root, config, tokens) => readWords(root, config, tokens).states,
    width: ({ width }) => width,
  },
};
