/** @file The architecture of a run: what its config says of the model, filled in from pre-trained weights and from the vocabulary. */
import { type ArchitectureConfig, architectureSchema, UsageError } from '../../models/index.js';
import type { Encoder } from './hub-config.js';
import type { ModelConfig } from './model-config.js';

type Kind = ArchitectureConfig['kind'];
export type Base = {
  readonly vocabularySize: number;
  /** Tokens read of each text. */
  readonly maxTokens: number;
  /** Of pre-trained weights. */
  readonly encoder?: Encoder | undefined;
};
type Keys = Readonly<Record<string, unknown>>;

/** How one kind of model comes from what it starts from. */
type Completion = {
  /** The pre-trained encoder that it can take. */
  readonly from: Kind;
  /** Keys that pre-trained weights say, so that a config must not. */
  readonly said: (encoder: Encoder) => readonly string[];
  /** @param given keys of the config */
  readonly fill: (given: Keys, base: Base) => Keys;
};

/** Whether any kind of model starts from such an encoder: a language model is none. */
const takes = (kind: Encoder['kind']): boolean => Object.values(completions).some(({ from }) => from === kind);

const sizesOf = (encoder: Encoder): readonly string[] => Object.keys(encoder).filter((key) => key !== 'kind' && !/dropout/i.test(key));

const completions: { readonly [K in Kind]: Completion } = {
  bert: {
    from: 'bert',
    said: sizesOf,
    fill: (given, { encoder, vocabularySize, maxTokens }) => ({
      maxPositions: Math.max(128, maxTokens),
      ...encoder,
      ...given,
      kind: 'bert',
      vocabularySize,
    }),
  },
  distilbert: {
    from: 'distilbert',
    said: sizesOf,
    fill: (given, { encoder, vocabularySize, maxTokens }) => ({
      maxPositions: Math.max(128, maxTokens),
      ...encoder,
      ...given,
      vocabularySize,
    }),
  },
  roberta: {
    from: 'roberta',
    said: sizesOf,
    // A vocabulary that is made here begins with the padding.
    fill: (given, { encoder, vocabularySize, maxTokens }) => {
      const { padId = 0 } = given as { readonly padId?: number };
      return { padId, maxPositions: Math.max(128, maxTokens) + padId + 1, ...encoder, ...given, vocabularySize };
    },
  },
  xlnet: {
    from: 'xlnet',
    said: sizesOf,
    fill: (given, { encoder, vocabularySize }) => ({ ...encoder, ...given, vocabularySize }),
  },
  /** Takes a BERT's word vectors or, where `encoder` is there, all of it. */
  bigru: {
    from: 'bert',
    said: () => ['vocabularySize', 'width'],
    fill: ({ encoder: own, ...given }, base) =>
      own
        ? { ...given, encoder: filled('bert', own as Keys, base, 'model.encoder') }
        : { ...(base.encoder ? { width: base.encoder.width } : {}), ...given, vocabularySize: base.vocabularySize },
  },
  endef: {
    from: 'bert',
    said: () => [],
    fill: ({ content = {}, ...given }, base) => {
      const { kind = 'bert', ...keys } = content as Keys & { readonly kind?: Kind };
      return { ...given, content: { ...filled(kind, keys, base, 'model.content'), kind } };
    },
  },
};

/** Word pieces that the config asks for: of the model inside, where there is one. */
export function vocabularyAsked({ content, encoder, vocabularySize }: Keys): number | undefined {
  const inner = (content ?? encoder) as Keys | undefined;
  return inner ? vocabularyAsked(inner) : (vocabularySize as number | undefined);
}

function filled(kind: Kind, given: Keys, base: Base, where: string): Keys {
  const { said, fill } = completions[kind];
  const own = base.encoder && said(base.encoder).find((key) => given[key] !== undefined);
  if (own) {
    throw new UsageError(
      'config/invalid',
      `${where}.${own}: the pre-trained model has its own sizes`,
      `remove ${where}.${own}, or model.pretrained to train from scratch.`,
    );
  }
  return fill(given, base);
}

/** @throws UsageError `config/invalid` for sizes that do not go together, or that the pre-trained weights say already */
export function completeModel({ kind, pretrained, keepTokens: _, take: _take, ...given }: ModelConfig, base: Base): ArchitectureConfig {
  const { from } = completions[kind];
  if (base.encoder && base.encoder.kind !== from) {
    throw new UsageError(
      'config/invalid',
      `model.kind is ${kind}, ${pretrained} holds ${base.encoder.kind}`,
      takes(base.encoder.kind) ? `give the weights of a ${from}, or set model.kind.` : `give the weights of a ${from}.`,
    );
  }
  const parsed = architectureSchema.safeParse({ ...filled(kind, given, base, 'model'), kind });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  if (base.encoder)
    throw new UsageError('weights/invalid', `${pretrained}: ${path.join('.')}: ${message}`, 'give other weights, or change model.');
  throw new UsageError('config/invalid', `model.${path.join('.')}: ${message}`, 'change the sizes of the model.');
}
