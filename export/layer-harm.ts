/** @file Which layers a model can least do without in float32: each rounded by itself, and what that does to its logits. */
import { type Graph, type Prediction, UsageError } from '../models/index.js';
import { type AnswerRules, type CompareOptions, compareAnswers, spread } from './compare-answers.js';
import { applyPasses } from './passes/passes.js';

export type LayerHarm = {
  readonly layer: string;
  /** How far a logit is off in the mean when this layer alone is rounded. */
  readonly moves: number;
};

export type OpenGraph = (graph: Graph) => Promise<{ readonly classifier: CompareOptions['classifier']; close(): Promise<void> }>;

export type HarmOptions = {
  readonly rules: AnswerRules;
  readonly predictions: readonly Prediction[];
  readonly open: OpenGraph;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
};

/** Enough to tell layers apart, few enough to ask them of one file a layer. */
const sampleTexts = 100;

/** Layers that int8 rounds, by name. */
export function roundedLayers(graph: Graph): readonly string[] {
  const layers = new Set<string>();
  const note = (layer: string): boolean => {
    layers.add(layer);
    return true;
  };
  applyPasses(graph, 'int8', { weights: new Set(), keep: note });
  return [...layers];
}

/** The most harmful first. */
export async function layerHarm(graph: Graph, { rules, predictions, open, onProgress }: HarmOptions): Promise<readonly LayerHarm[]> {
  const sample = spread(predictions, sampleTexts);
  const layers = roundedLayers(graph);
  const harm: LayerHarm[] = [];
  for (const layer of layers) {
    const rounded = applyPasses(graph, 'int8', { weights: new Set(), keep: (other) => other !== layer });
    const { classifier, close } = await open(rounded.graph);
    const { meanLogitDifference } = await compareAnswers({ classifier, rules, predictions: sample, maxTexts: sampleTexts }).finally(close);
    harm.push({ layer, moves: meanLogitDifference });
    onProgress?.(harm.length, layers.length);
  }
  return harm.sort((a, b) => b.moves - a.moves);
}

/** @param patterns names of layers, `*` for any part of one
 *  @throws UsageError `usage/argument` for one that names no layer */
export function layersNamed(layers: readonly string[], patterns: readonly string[]): (layer: string) => boolean {
  const named = new Set<string>();
  for (const pattern of patterns) {
    const expression = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`); // biome-ignore format: one thought
    const found = layers.filter((layer) => expression.test(layer));
    if (found.length === 0)
      throw new UsageError(
        'usage/argument',
        `--keep-fp32: no layer is called ${JSON.stringify(pattern)}`,
        `name some of ${layers.slice(0, 4).join(', ')}${layers.length > 4 ? ', …' : ''}, with * for any part, or say auto.`,
      );
    for (const layer of found) named.add(layer);
  }
  return (layer) => named.has(layer);
}
