/** @file The one interface: what asks a server and what runs the model in the page answer alike, so that an app can swap them. */
import type { Verdict } from '../../../models/index.js';
import type { Explanation, Held, ModelInfo, Unexplained } from '../../protocol/index.js';

/** A text, or two that are read together. */
export type Item = string | { readonly text: string; readonly pair?: string };

export type ClassifyOptions = {
  /** Gives up: the call is rejected with the signal's reason, and what was not begun is not begun. */
  readonly signal?: AbortSignal;
  /** Which words made each verdict; `label`: the one to explain. Default: nothing is explained. */
  readonly explain?: boolean | { readonly label?: string };
  /** Milliseconds until the call is rejected with `deadline-exceeded`. Default: the classifier's own. */
  readonly timeout?: number;
};

export type Answer = Verdict & {
  readonly explanation?: Explanation;
  /** Why there is no explanation, where one was asked for. */
  readonly unexplained?: Unexplained;
  /** By a head that was taught here: the answer of the model as it was exported. */
  readonly personal?: { readonly exported: Verdict };
  /** Of a text that a server keeps for reviewers. */
  readonly review?: Held;
};

/** What answers: the same fields for a server and a page, and where the model runs. */
export type ModelDescription = Pick<ModelInfo, 'name' | 'version' | 'labels' | 'activation' | 'input' | 'policy'> & { readonly runs: Runs };

export type Runs =
  | { readonly where: 'server'; readonly url: string }
  | {
      readonly where: 'browser';
      readonly provider: 'wasm' | 'webgpu';
      readonly precision: 'fp32' | 'int8' | 'fp16';
      readonly threads: number;
      /** Whether the address could not be reached, and the copy that this device holds is used. */
      readonly offline: boolean;
      /** Whether this device holds it, for when there is no network; false where there is no room, or nothing is to be kept. */
      readonly kept: boolean;
      /** Whether the bundle carries what its head is taught by. */
      readonly teachable: boolean;
      /** Why what comes first in the order of choice does not run, a sentence each. */
      readonly fallbacks: readonly string[];
    };

/** @throws CopydeskError from every call; the signal's reason where a call was given up */
export type Classifier = {
  classify(item: Item, options?: ClassifyOptions): Promise<Answer>;
  classify(items: readonly Item[], options?: ClassifyOptions): Promise<readonly Answer[]>;
  /** Loads what is needed to answer, where it is not loaded, and says what it is. */
  ready(options?: Pick<ClassifyOptions, 'signal' | 'timeout'>): Promise<ModelDescription>;
  /** Gives up every call and frees all memory; every later call is rejected. */
  dispose(): void;
};
