/** @file Five updates of four parameters as PyTorch makes them, for everything that makes updates. */
import { optimizerSchema } from '../optimizer-config.js';

export const parameters = [
  { name: 'bert.embeddings.word_embeddings.weight', shape: [3, 2] },
  { name: 'bert.encoder.layer.0.output.dense.weight', shape: [2, 2] },
  { name: 'bert.encoder.layer.1.output.LayerNorm.weight', shape: [2] },
  { name: 'classifier.weight', shape: [1, 2] },
] as const;

const filled = (parameter: number, of: (i: number) => number): number[] =>
  Array.from({ length: parameters[parameter]!.shape.reduce<number>((a, b) => a * b, 1) }, (_, i) => of(i));
export const weightOf = (parameter: number): number[] => filled(parameter, (i) => Math.cos(i + 3 * parameter));
export const gradientOf = (parameter: number, update: number): number[] =>
  filled(parameter, (i) => Math.sin(1 + i + 2 * update + 5 * parameter));

export const learningRate = 0.01;
export const updates = 5;

/** L2 norm over all gradients of one update. */
export const normOf = (update: number): number => Math.hypot(...parameters.flatMap((_, k) => gradientOf(k, update)));

const schema = (config: object) => optimizerSchema.parse({ weightDecay: 0.1, ...config });

/**
 * Weights after the updates, by `torch.optim.AdamW` and `Adam` (PyTorch 2.15, float64, `clip_grad_norm_` to 1 before each step) with a group
 * for each parameter: its rate and its decay beside the case.
 */
export const cases = [
  {
    title: 'AdamW: matrices decay',
    optimizer: schema({}), // .01 each; .1 .1 0 .1
    weights: [
      [0.9731038608, 0.5250342031, -0.4165870969, -0.9621424495, -0.636496721, 0.286374528],
      [-0.9809246045, -0.6739250792, 0.2670347981, 0.9497142954],
      [0.9767769352, 0.7610563051],
      [-0.8844347199, -0.8156077753],
    ],
  },
  {
    title: 'Adam: the decay is part of the gradient',
    optimizer: schema({ kind: 'adam' }), // .01 each; .1 .1 0 .1
    weights: [
      [0.9679364316, 0.5206792215, -0.4130314679, -0.9573453365, -0.6314704051, 0.2838089418],
      [-0.9717557241, -0.6693758209, 0.264802148, 0.9410420033],
      [0.9767769352, 0.7610563051],
      [-0.8792305583, -0.8103570275],
    ],
  },
  {
    title: 'AdamW: rates by layer, and a head of its own',
    // .00125 .0025 .005 .03; .1 .1 0 .4
    optimizer: schema({ layerDecay: 0.5, groups: [{ match: '^classifier', rateFactor: 3, weightDecay: 0.4 }] }),
    weights: [
      [0.9966299355, 0.5383886413, -0.416203792, -0.9865028787, -0.6514946849, 0.2840036452],
      [-0.9877189961, -0.6587256523, 0.2794959481, 0.9575492485],
      [0.9684736109, 0.7574792797],
      [-0.7935044277, -0.73393084],
    ],
  },
  {
    title: 'Adam: faster embeddings, and decay by name',
    // .02 .01 .01 .01; .1 0 .1 .1
    optimizer: schema({ kind: 'adam', noDecay: ['layer\\.0\\.'], groups: [{ match: 'embeddings', rateFactor: 2 }] }),
    weights: [
      [0.9361288051, 0.5012854369, -0.4098488252, -0.9249569397, -0.6095351463, 0.2838595123],
      [-0.9858397404, -0.6772555407, 0.268403009, 0.9544775842],
      [0.9633753245, 0.7508324764],
      [-0.8792305583, -0.8103570275],
    ],
  },
] as const;
