/** @file What an architecture can read: how many word pieces it knows, and how long a text may be. */
import type { ArchitectureConfig } from './build.js';

export type Limits = {
  /** Ids are below it. */
  readonly vocabulary: number;
  /** Tokens of the longest text; infinite where nothing hangs on a token's place. */
  readonly tokens: number;
};

type Kind = ArchitectureConfig['kind'];
const limits: { readonly [K in Kind]: (config: Extract<ArchitectureConfig, { kind: K }>) => Limits } = {
  bert: ({ vocabularySize, maxPositions, positions }) => ({
    vocabulary: vocabularySize,
    tokens: positions === 'absolute' ? maxPositions : Number.POSITIVE_INFINITY,
  }),
  bigru: ({ encoder, vocabularySize }) =>
    encoder ? limits.bert(encoder) : { vocabulary: vocabularySize, tokens: Number.POSITIVE_INFINITY },
  distilbert: ({ vocabularySize, maxPositions }) => ({ vocabulary: vocabularySize, tokens: maxPositions }),
  endef: ({ content }) => limitsOf(content),
  roberta: ({ vocabularySize, maxPositions, padId }) => ({ vocabulary: vocabularySize, tokens: maxPositions - padId - 1 }),
  xlnet: ({ vocabularySize }) => ({ vocabulary: vocabularySize, tokens: Number.POSITIVE_INFINITY }),
};

export const limitsOf = (config: ArchitectureConfig): Limits => (limits[config.kind] as (config: ArchitectureConfig) => Limits)(config);
