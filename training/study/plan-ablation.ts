/** @file The variants of an ablation: a config as it is, and with each trick switched. */
import { nearest, UsageError } from '../../models/index.js';
import type { TrainConfig } from '../trainer/config.js';
import { type Overrides, type Trick, tricks } from './tricks.js';

/** `remove`: what the config turns on is turned off, one at a time. `add`: what it does not is turned on. */
export type AblationMode = 'remove' | 'add';

export type Variant = { readonly name: string; readonly trick: Trick; readonly config: TrainConfig };

export type AblationPlan = {
  readonly mode: AblationMode;
  readonly base: { readonly name: string; readonly config: TrainConfig };
  readonly variants: readonly Variant[];
};

export type AblationOptions = {
  readonly mode: AblationMode;
  /** Keys of tricks, whole or their last part; default: all that apply. */
  readonly only?: readonly string[];
};

/** What each mode calls its base and its variants, and how it switches. */
const modes: {
  readonly [M in AblationMode]: { readonly base: string; readonly prefix: string; readonly overrides: (trick: Trick) => Overrides | null };
} = {
  remove: { base: 'full', prefix: 'without-', overrides: ({ off }) => off },
  add: { base: 'plain', prefix: 'with-', overrides: ({ on }) => on },
};

/**
 * @param parse the config with some keys changed
 * @throws UsageError `usage/argument` when nothing is left to switch, or for a trick that cannot be switched like that
 */
export function planAblation(parse: (overrides: Overrides) => TrainConfig, { mode, only }: AblationOptions): AblationPlan {
  const { base, prefix, overrides } = modes[mode];
  const config = parse({});
  const asked = only?.map(trickNamed);
  const variants = (asked ?? tricks).flatMap((trick): Variant[] => {
    const problem = problemOf(trick, mode, parse);
    const change = overrides(trick);
    if (!problem && change) return [{ name: `${prefix}${trick.key}`, trick, config: parse(change) }];
    if (asked && problem) throw problem;
    return [];
  });
  if (variants.length > 0) return { mode, base: { name: base, config }, variants };
  throw new UsageError(
    'usage/argument',
    `ablation: ${mode === 'remove' ? 'the config turns no trick on' : 'there is no trick that the config does not turn on'}`,
    mode === 'remove' ? 'add --add to switch tricks on one at a time.' : 'leave --add out to switch them off one at a time.',
  );
}

/** Why a trick cannot be switched in this config. */
function problemOf(trick: Trick, mode: AblationMode, parse: (overrides: Overrides) => TrainConfig): UsageError | undefined {
  const { key, on } = trick;
  const isOn = unlessRefused(() => JSON.stringify(parse({})) !== JSON.stringify(parse(trick.off)));
  if (isOn instanceof UsageError) return isOn;
  if (mode === 'remove')
    return isOn ? undefined : new UsageError('usage/argument', `${key}: the config does not turn it on`, 'leave it out, or use --add.');
  if (isOn) return new UsageError('usage/argument', `${key}: the config turns it on already`, 'leave it out, or leave --add out.');
  if (on === null)
    return new UsageError('usage/argument', `${key}: it has no defaults`, 'put it into the config, and ablate without --add.');
  const added = unlessRefused(() => parse(on) !== undefined);
  return added instanceof UsageError ? added : undefined;
}

/** A switch that makes a config invalid, such as a pooling that an architecture does not have, does not apply to it. */
function unlessRefused(work: () => boolean): boolean | UsageError {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

function trickNamed(name: string): Trick {
  const found = tricks.find(({ key }) => key === name) ?? tricks.find(({ key }) => key.endsWith(`.${name}`));
  if (found) return found;
  const keys = tricks.map(({ key }) => key);
  const meant = nearest(name, keys) ?? nearest(name, keys.map((key) => key.slice(key.lastIndexOf('.') + 1))); // biome-ignore format: short
  throw new UsageError('usage/argument', `--only: there is no trick ${name}`, meant ? `did you mean ${meant}?` : `use some of ${keys.join(', ')}.`); // biome-ignore format: short
}
