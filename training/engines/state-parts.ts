/** @file What a training's state is held in, where it is not our memory: variables, tensors on a card. */
import type { Parameter } from '../../models/index.js';

/** What there is of each parameter; the moments of trained ones only. */
export const parts = ['weights', 'average', 'first', 'second'] as const;
export type Part = (typeof parts)[number];

/** The name of what holds a part of a parameter, or its gradient. */
export const held = (part: Part | 'gradient', parameter: string): string => `${part}/${parameter}`;

/** Parameters that have this part. */
export const namesOf = (part: Part, parameters: readonly Parameter[], trained: ReadonlySet<string>): readonly string[] =>
  parameters.map(({ value }) => value.name).filter((name) => part === 'weights' || part === 'average' || trained.has(name));
