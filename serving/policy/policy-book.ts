/** @file A policy with its word lists, ready to judge. A value: another takes its place whole, between two requests. */
import { createHash } from 'node:crypto';
import { type Manifest, type Policy, UsageError, type Verdict } from '../../models/index.js';
import { decide } from './decide.js';
import { unknownName } from './parse-policy.js';
import type { PolicyFile, Threshold, Thresholds } from './policy-file.js';
import { primaryLanguage } from './text-language.js';
import { createWordLists, type WordList } from './word-lists.js';

/** The parts of a manifest that a policy is held to. */
export type JudgedModel = Pick<Manifest, 'name' | 'version' | 'labels' | 'activation' | 'policy'>;

export type Asked = {
  readonly model: JudgedModel;
  /** A text, or the two of a pair. */
  readonly texts: readonly string[];
  /** Who asks, by its id. */
  readonly client?: string | undefined;
  /** Of the texts, as BCP 47 has it. */
  readonly language?: string | undefined;
};

export type PolicyBook = {
  /** NAME@VERSION; the version is a hash of all that it decides by. */
  readonly key: string;
  readonly lists: readonly WordList[];
  /** @throws UsageError `config/invalid` for a label or threshold that does not fit the model, or a threshold that is still to be fitted */
  check(models: readonly JudgedModel[]): void;
  /** The scores that a client's texts are held to. */
  thresholds(model: JudgedModel, client?: string): Policy['labels'];
  /** What other services' clients call the labels. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The verdict of the model, decided anew. */
  judge(verdict: Verdict, asked: Asked): Verdict;
};

/** What holds for a client and a model. */
type Binding = {
  readonly name: string;
  readonly thresholds: Policy['labels'];
  readonly use: ReadonlySet<string>;
  readonly observe: boolean;
};

/** @param path of the policy file, for messages
 *  @throws UsageError `config/invalid` for a word list that cannot be used */
export function createPolicyBook(file: PolicyFile, lists: readonly WordList[], path: string): PolicyBook {
  const words = createWordLists(lists, path);
  const version = createHash('sha256')
    .update(JSON.stringify([file, lists]))
    .digest('hex')
    .slice(0, 12);
  const variants = new Map(Object.entries(file.variants));
  const clients = new Map(Object.entries(file.clients));
  const bindings = new WeakMap<JudgedModel, Map<string | undefined, Binding>>();

  const bind = (model: JudgedModel, variant: string | undefined): Binding => {
    const own = variant === undefined ? undefined : variants.get(variant);
    const layers = [thresholdsFor(file.thresholds, model), ...(own ? [thresholdsFor(own.thresholds, model)] : [])];
    return {
      name: `${file.name}${variant === undefined ? '' : `/${variant}`}@${version}`,
      thresholds: layers.reduce(layOver, model.policy.labels),
      use: new Set(own?.use ?? file.use ?? lists.map(({ name }) => name)),
      observe: own?.observe ?? file.observe,
    };
  };
  const bindingOf = (model: JudgedModel, client: string | undefined): Binding => {
    const variant = client === undefined ? undefined : clients.get(client);
    const known = bindings.get(model) ?? new Map<string | undefined, Binding>();
    bindings.set(model, known);
    const binding = known.get(variant) ?? bind(model, variant);
    known.set(variant, binding);
    return binding;
  };

  return {
    key: `${file.name}@${version}`,
    lists,
    check: (models) => checkFit(file, models, path),
    thresholds: (model, client) => bindingOf(model, client).thresholds,
    attributes: file.attributes,
    judge(verdict, { model, texts, client, language }) {
      const { name, thresholds, use, observe } = bindingOf(model, client);
      const hits = words.find(texts, use, language === undefined ? undefined : primaryLanguage(language));
      const ruling = decide(thresholds, 'scores' in verdict ? verdict.scores : verdict.values, hits);
      const watched = observe ? ({ decision: 'publish', observed: ruling.decision } as const) : {};
      return { ...verdict, ...ruling, ...watched, policy: name };
    },
  };
}

/** What is said of a model: by its name, then by name and version. */
function forModel<T>(byModel: Readonly<Record<string, T>>, { name, version }: JudgedModel): readonly T[] {
  return [name, `${name}@${version}`].flatMap((key) => (Object.hasOwn(byModel, key) ? [byModel[key]!] : []));
}

function thresholdsFor(thresholds: Thresholds, model: JudgedModel): Thresholds[string] {
  const labels = new Map<string, Thresholds[string][string]>();
  for (const byLabel of forModel(thresholds, model))
    for (const [label, rule] of Object.entries(byLabel)) labels.set(label, { ...labels.get(label), ...rule });
  return Object.fromEntries(labels);
}

function layOver(below: Policy['labels'], above: Thresholds[string]): Policy['labels'] {
  const labels = Object.entries(above).map(([label, { review, block }]) => {
    const rule = below[label] ?? { review: null, block: null };
    return [
      label,
      { review: review === undefined ? rule.review : numberOf(review), block: block === undefined ? rule.block : numberOf(block) },
    ] as const;
  });
  return { ...below, ...Object.fromEntries(labels) };
}

/** `null` also where a number is still to be fitted, which `check` does not let pass. */
const numberOf = (threshold: Threshold): number | null => (typeof threshold === 'object' ? (threshold?.at ?? null) : threshold);

/** A model that the file names need not be there: it may be one that was, or one that will be. */
function checkFit(file: PolicyFile, models: readonly JudgedModel[], path: string): void {
  checkLabels(file, models, path);
  for (const { where, thresholds } of allThresholds(file))
    for (const model of models)
      for (const [label, rule] of Object.entries(thresholdsFor(thresholds, model)))
        for (const decision of ['review', 'block'] as const)
          checkThreshold(rule[decision], `${path}: ${where}.${model.name}.${label}.${decision}`, model);
}

/** @throws UsageError `config/invalid` for a label that a model does not have, with the nearest that it has */
export function checkLabels(file: PolicyFile, models: readonly JudgedModel[], path: string): void {
  for (const { where, thresholds } of allThresholds(file))
    for (const model of models) {
      const stranger = Object.keys(thresholdsFor(thresholds, model)).find((label) => !model.labels.includes(label));
      if (stranger !== undefined)
        throw unknownName(path, `${where}.${model.name}`, stranger, `label of ${model.name}@${model.version}`, model.labels);
    }
  const labels = models.flatMap((model) => model.labels);
  for (const [attribute, label] of Object.entries(file.attributes))
    if (!labels.includes(label)) throw unknownName(path, `attributes.${attribute}`, label, 'label', labels);
}

/** Thresholds of the file and of its variants, with the key that they stand under. */
export function allThresholds({
  thresholds,
  variants,
}: PolicyFile): readonly { readonly where: string; readonly thresholds: Thresholds }[] {
  const more = Object.entries(variants).map(([name, variant]) => ({
    where: `variants.${name}.thresholds`,
    thresholds: variant.thresholds,
  }));
  return [{ where: 'thresholds', thresholds }, ...more];
}

function checkThreshold(threshold: Threshold | undefined, at: string, { activation }: JudgedModel): void {
  if (threshold === undefined || threshold === null) return;
  if (typeof threshold === 'object' && threshold.at === undefined) {
    const wanted = threshold.precision === undefined ? `recall of ${threshold.recall}` : `precision of ${threshold.precision}`;
    const what = `${at} asks for a ${wanted} and has no number yet`;
    throw new UsageError('config/invalid', what, 'fit it with copydesk policy fit, and use the file that this writes.');
  }
  const value = numberOf(threshold)!;
  if (activation === 'none' || (value >= 0 && value <= 1)) return;
  throw new UsageError('config/invalid', `${at} is ${value}; the model gives scores from 0 to 1`, 'give a number from 0 to 1.');
}
