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

/** How one kind of model comes from nothing, or from one of another kind. One of its own kind it simply goes on with. */
type Completion = {
  /** The other kind of pre-trained model that it can take into itself. */
  readonly from?: Kind;
  /** Keys that such a model says, so that a config must not. */
  readonly said?: readonly string[];
  /** From scratch, or from such a model. @param given keys of the config */
  readonly fill: (given: Keys, base: Base) => Keys;
};

/** Whether any kind of model starts from such an encoder: a language model is none. */
const takes = (kind: Encoder['kind']): boolean => kind in completions;

const placed: Completion['fill'] = (given, { vocabularySize, maxTokens }) => ({
  maxPositions: Math.max(128, maxTokens),
  ...given,
  vocabularySize,
});

const completions: { readonly [K in Kind]: Completion } = {
  bert: { fill: placed },
  distilbert: { fill: placed },
  roberta: {
    // A vocabulary that is made here begins with the padding.
    fill: (given, { vocabularySize, maxTokens }) => {
      const { padId = 0 } = given as { readonly padId?: number };
      return { padId, maxPositions: Math.max(128, maxTokens) + padId + 1, ...given, vocabularySize };
    },
  },
  xlnet: { fill: (given, { vocabularySize }) => ({ ...given, vocabularySize }) },
  /** Takes a BERT's word vectors or, where `encoder` is there, all of it. */
  bigru: {
    from: 'bert',
    said: ['vocabularySize', 'width'],
    fill: ({ encoder: own, ...given }, base) =>
      own
        ? { ...given, encoder: filled('bert', own as Keys, base, 'model.encoder') }
        : { ...(base.encoder ? { width: base.encoder.width } : {}), ...given, vocabularySize: base.vocabularySize },
  },
  endef: {
    from: 'bert',
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
  const { encoder, vocabularySize } = base;
  if (encoder?.kind === kind) return withVocabulary({ ...over(encoder, given, where), kind }, vocabularySize);
  const { said = [], fill } = completions[kind];
  const own = encoder && said.find((key) => given[key] !== undefined);
  if (own) throw ownSize(`${where}.${own}`);
  return fill(given, base);
}

/** What training may choose anew, as it is no size of what was trained before. */
const free = /dropout|^(pooling|mlp|mlpNormalized|exactMatch|fusion|contentShare|entity|entityWeight)$/i;

/** A pre-trained model with what the config says of it. */
function over(own: Keys, given: Keys, where: string): Keys {
  const merged: Record<string, unknown> = { ...own };
  for (const [key, value] of Object.entries(given)) {
    const before = own[key];
    const parts = isPart(before) && isPart(value);
    if (value === undefined || value === before) continue;
    if (before === undefined || free.test(key)) merged[key] = parts ? { ...before, ...value } : value;
    else if (parts) merged[key] = over(before, value, `${where}.${key}`);
    else throw ownSize(`${where}.${key}`);
  }
  return merged;
}

const isPart = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The word vectors are those of the model inside, where there is one. */
function withVocabulary(model: Keys, vocabularySize: number): Keys {
  const inside = ['content', 'encoder'].find((key) => isPart(model[key]));
  return inside ? { ...model, [inside]: withVocabulary(model[inside] as Keys, vocabularySize) } : { ...model, vocabularySize };
}

const ownSize = (key: string): UsageError =>
  new UsageError(
    'config/invalid',
    `${key}: the pre-trained model has its own sizes`,
    `remove ${key}, or model.pretrained to train from scratch.`,
  );

/** @throws UsageError `config/invalid` for sizes that do not go together, or that the pre-trained weights say already */
export function completeModel({ kind, pretrained, keepTokens: _, take: _take, ...given }: ModelConfig, base: Base): ArchitectureConfig {
  const { from = kind } = completions[kind];
  if (base.encoder && base.encoder.kind !== kind && base.encoder.kind !== from) {
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
