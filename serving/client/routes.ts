/** @file The two ways to a verdict have one form. */
import type { Verdict } from '../../models/index.js';
import type { ModelInfo } from '../protocol/index.js';

export type Question = {
  readonly text: string;
  /** For a model that reads two texts together. */
  readonly pair?: string;
  readonly model: ModelInfo;
};
export type Answer = { readonly verdict: Verdict; readonly milliseconds: number };
export type Classify = (question: Question) => Promise<Answer>;

export type RouteName = 'server' | 'browser';
