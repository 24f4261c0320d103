/** @file Tasks and what their logits go through: two names for one thing, of training and of bundles. */
import type { Manifest } from '../../models/index.js';
import type { Task } from '../data/example.js';

export type Activation = Manifest['activation'];

const activations: { readonly [T in Task]: Activation } = { 'single-label': 'softmax', 'multi-label': 'sigmoid', regression: 'none' };
const tasks: { readonly [A in Activation]: Task } = { softmax: 'single-label', sigmoid: 'multi-label', none: 'regression' };

export function activationOf(task: Task): Activation {
  return activations[task];
}

/** The task of a bundle or a run, which state their activation. */
export function taskOf(activation: Activation): Task {
  return tasks[activation];
}
