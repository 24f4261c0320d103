/** @file Every scenario: what it is, which texts its capacity is measured with, and what the server must be started with. */
import type { Mix } from './texts.js';

export type Scenario = {
  readonly summary: string;
  /** What the capacity is measured with before; without, its rates are fixed. */
  readonly capacity?: { readonly mix: Mix; readonly models?: 'all' };
  /** Two versions of a model in the folder of the server, and a key of scope admin. */
  readonly reloads?: true;
  /** Whether growing memory fails the run. */
  readonly memory?: true;
  /** Whether the capacity is measured a second time afterwards, since a machine with other work changes meanwhile. */
  readonly again?: true;
};

// biome-ignore format: a table
export const scenarios = {
  smoke: { summary: 'five requests a second for ten seconds: does it answer at all' },
  average: { summary: 'half of the capacity for a minute', capacity: { mix: 'headlines' } },
  stress: { summary: 'up to nine tenths of the capacity, held, and down again', capacity: { mix: 'headlines' } },
  spike: { summary: 'from a fifth of the capacity to twice of it within a second, and back', capacity: { mix: 'headlines' }, again: true },
  soak: { summary: 'seven tenths of the capacity for 20 minutes, a reload every ten seconds', capacity: { mix: 'mixed' }, reloads: true, memory: true },
  breakpoint: { summary: 'rising to two and a half times the capacity: where it begins to refuse', capacity: { mix: 'headlines' }, again: true },
  'mixed-lengths': { summary: 'headlines among paragraphs and articles, six tenths of the capacity', capacity: { mix: 'mixed' } },
  'mixed-models': { summary: 'every model in turn, six tenths of the capacity', capacity: { mix: 'headlines', models: 'all' } },
  overload: { summary: 'three times the capacity, each request with a deadline; a liveness probe beside it', capacity: { mix: 'mixed' }, again: true },
  reload: { summary: 'two versions of a model take turns, at half of the capacity', capacity: { mix: 'headlines' }, reloads: true },
  reloads: { summary: 'a hundred reloads under light load: what they leave in memory', reloads: true, memory: true },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as readonly ScenarioName[];
