/** @file The variables that hold a training's state. */
import type { Parameter } from '../../../models/index.js';

/** What there is of each parameter; the moments of trained ones only. */
export const parts = ['weights', 'average', 'first', 'second'] as const;
export type Part = (typeof parts)[number];

/** The variable that holds a part of a parameter, or the sum of its gradients. */
export const held = (part: Part | 'gradient', parameter: string): string => `${part}/${parameter}`;

/** Parameters that have this part. */
export const namesOf = (part: Part, parameters: readonly Parameter[], trained: ReadonlySet<string>): readonly string[] =>
  parameters.map(({ value }) => value.name).filter((name) => part === 'weights' || part === 'average' || trained.has(name));
