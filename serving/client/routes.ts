/** @file The two ways to a verdict have one form. */
import type { Verdict } from '../../models/index.js';
import type { Explained, ModelInfo } from '../protocol/index.js';

export type Question = {
  readonly text: string;
  /** For a model that reads two texts together. */
  readonly pair?: string;
  readonly model: ModelInfo;
  /** Whether to tell which words made the verdict. */
  readonly explain: boolean;
};
export type Answer = {
  readonly verdict: Verdict;
  /** Where it was asked for. */
  readonly explained?: Explained | undefined;
  readonly milliseconds: number;
};
export type Classify = (question: Question) => Promise<Answer>;

export type RouteName = 'server' | 'browser';
