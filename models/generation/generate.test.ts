import { describe, expect, test } from 'vitest';
import type { Decoder, Decoding } from './decoder.js';
import { generate } from './generate.js';
import { type GenerationConfig, generationSchema } from './generation-config.js';

const end = 4;
/** A model of five tokens: the probabilities of what follows depend on the last token alone. */
const follows: readonly (readonly number[])[] = [
  [0.05, 0.5, 0.4, 0.04, 0.01], // 0
  [0.3, 0.2, 0.25, 0.2, 0.05], // 1: the likeliest after 0, but nothing likely comes after it
  [0.01, 0.01, 0.01, 0.95, 0.02], // 2
  [0.02, 0.01, 0.01, 0.01, 0.95], // 3
  [0.2, 0.2, 0.2, 0.2, 0.2], // 4: the end
];

/** Counts its steps and the sequences of each, so that what is done can be told. */
function chain(maxTokens = 50): Decoder & { readonly steps: number[] } {
  const steps: number[] = [];
  const decoding = (sequences: readonly (readonly number[])[]): Decoding => {
    steps.push(sequences.length);
    return {
      logits: sequences.map((sequence) => Float32Array.from(follows[sequence.at(-1)!]!, (p) => Math.log(p) + 3)), // logits need not be normalised
      advance: async (rows, tokens) => decoding(rows.map((row, i) => [...sequences[row]!, tokens[i]!])),
    };
  };
  return { maxTokens, steps, start: async (sequences) => decoding(sequences) };
}
const probabilityOf = (ids: readonly number[], from: number): number =>
  ids.slice(from).reduce((product, id, i) => product * follows[ids[from + i - 1]!]![id]!, 1);
const settings = (change: object): GenerationConfig => generationSchema.parse({ endToken: end, ...change });
const never = (): number => {
  throw new Error('nothing is drawn');
};
const write = (prompts: readonly (readonly number[])[], change: object, { decoder = chain(), random = never } = {}) =>
  generate(decoder, { prompts, config: settings(change), random });

describe('greedy decoding', () => {
  test('takes the likeliest token each time, until there is no more room', async () => {
    const [written] = await write([[3, 0]], { kind: 'greedy', maxNewTokens: 4 });
    expect(written).toMatchObject({ ids: [3, 0, 1, 0, 1, 0], promptLength: 2, ended: false });
    expect(Math.exp(written!.logProbability)).toBeCloseTo(0.5 * 0.3 * 0.5 * 0.3, 6);
  });

  test('stops at the end token, which stays; finished sequences are computed no further', async () => {
    const decoder = chain();
    const written = await write([[2], [3], [0]], { kind: 'greedy', maxNewTokens: 5 }, { decoder });
    expect(written.map(({ ids, ended }) => [ids.join(), ended])).toEqual([
      ['2,3,4', true],
      ['3,4', true],
      ['0,1,0,1,0,1', false],
    ]);
    expect(decoder.steps).toEqual([3, 2, 1, 1, 1]);
  });

  test('writes no run of tokens twice, the prompt counted', async () => {
    const [written] = await write([[0, 1]], { kind: 'greedy', maxNewTokens: 4, noRepeatNgram: 2 });
    expect(written!.ids).toEqual([0, 1, 0, 2, 3, 4]); // 0,1 is there already
    expect(Math.exp(written!.logProbability)).toBeCloseTo(probabilityOf(written!.ids, 2), 6); // as the model gives it
  });
});

/** The likeliest of all sequences of exactly `length` new tokens or ended before, by trying each. */
function best(prompt: readonly number[], length: number, score: (logProbability: number, tokens: number) => number) {
  let top = { ids: prompt, score: Number.NEGATIVE_INFINITY };
  const visit = (ids: readonly number[]): void => {
    const tokens = ids.length - prompt.length;
    if (tokens === length || (tokens > 0 && ids.at(-1) === end)) {
      const own = score(Math.log(probabilityOf(ids, prompt.length)), tokens);
      if (own > top.score) top = { ids, score: own };
      return;
    }
    for (let token = 0; token < 5; token++) visit([...ids, token]);
  };
  visit(prompt);
  return top.ids;
}

describe('beam search', () => {
  test.each([0, 0.5, 1, 2])('with beams enough finds the best of all sequences at length penalty %d', async (lengthPenalty) => {
    for (const prompt of [[0], [1], [2, 1]]) {
      const [written] = await write([prompt], { kind: 'beam', beams: 200, maxNewTokens: 4, lengthPenalty });
      expect(written!.ids).toEqual(best(prompt, 4, (logProbability, tokens) => logProbability / tokens ** lengthPenalty));
      expect(Math.exp(written!.logProbability)).toBeCloseTo(probabilityOf(written!.ids, prompt.length), 6);
    }
  });

  test('finds what greedy decoding misses: a less likely token that a likely end follows', async () => {
    const [[greedy], [beam]] = await Promise.all([write([[0]], { kind: 'greedy', maxNewTokens: 3 }), write([[0]], { kind: 'beam', maxNewTokens: 3 })]); // biome-ignore format: a pair
    expect(greedy!.ids).toEqual([0, 1, 0, 1]);
    expect(beam).toMatchObject({ ids: [0, 2, 3, 4], ended: true });
  });

  test('one beam with nothing left to choose is greedy decoding', async () => {
    const options = { maxNewTokens: 6, endToken: undefined, noRepeatNgram: 2 };
    const [[greedy], [beam]] = await Promise.all([write([[0]], { kind: 'greedy', ...options }), write([[0]], { kind: 'beam', beams: 1, ...options })]); // biome-ignore format: a pair
    expect(beam!.ids).toEqual(greedy!.ids);
  });

  test('stops as soon as all beams have finished where that is asked for', async () => {
    const [patient, hasty] = [chain(), chain()];
    const options = { kind: 'beam', beams: 2, maxNewTokens: 12, lengthPenalty: 3 };
    await write([[0]], options, { decoder: patient });
    await write([[0]], { ...options, earlyStopping: true }, { decoder: hasty });
    expect(hasty.steps.length).toBeLessThan(patient.steps.length);
  });

  test('prompts of one batch do not see one another, though one is done before the other', async () => {
    const options = { kind: 'beam', beams: 3, maxNewTokens: 6, noRepeatNgram: 3 };
    const prompts = [[0], [3], [1, 1, 0]];
    const together = await write(prompts, options);
    for (const [i, prompt] of prompts.entries()) expect(together[i]).toEqual((await write([prompt], options))[0]);
  });
});

describe('sampling', () => {
  /** Numbers evenly through 0 to 1, in an order that no other draw has. */
  const even = (): (() => number) => {
    let i = 0;
    return () => (i++ * 0.618033988749895) % 1;
  };
  const shares = async (change: object): Promise<number[]> => {
    const prompts = Array.from({ length: 2000 }, () => [0]);
    const written = await write(prompts, { kind: 'sample', maxNewTokens: 1, ...change }, { random: even() });
    const counts = [0, 0, 0, 0, 0];
    for (const { ids } of written) counts[ids[1]!]! += 1 / 2000;
    return counts;
  };
  const near = (actual: readonly number[], expected: readonly number[]) =>
    actual.forEach((share, i) => {
      expect(share, `token ${i}`).toBeCloseTo(expected[i]!, 2);
    });

  test('draws tokens as often as they are likely', async () => near(await shares({}), follows[0]!));
  test('at temperature ½ their squares tell how often', async () => {
    const squares = follows[0]!.map((p) => p * p);
    const sum = squares.reduce((a, b) => a + b, 0);
    near(
      await shares({ temperature: 0.5 }),
      squares.map((p) => p / sum),
    );
  });
  test('of the likeliest two only', async () => near(await shares({ topK: 2 }), [0, 0.5 / 0.9, 0.4 / 0.9, 0, 0]));
  test('of the fewest that have 92 % together', async () =>
    near(await shares({ topP: 0.92 }), [0.05 / 0.95, 0.5 / 0.95, 0.4 / 0.95, 0, 0]));
  test('the top of it is never empty', async () => near(await shares({ topP: 0.01 }), [0, 1, 0, 0, 0]));
});

describe('what cannot be done is said', () => {
  test('no room for what is asked', async () => {
    const asked = write([[0, 1, 2]], { kind: 'greedy', maxNewTokens: 8 }, { decoder: chain(10) });
    await expect(asked).rejects.toThrow(
      /a prompt of 3 tokens and 8 more, but the model has positions for 10\. Fix: set maxNewTokens to at most 7/,
    );
  });

  test.each([
    [{ kind: 'beams' }, /kind/],
    [{ kind: 'greedy', temperature: 1 }, /temperature/],
    [{ kind: 'sample', temperature: 0 }, /temperature/],
    [{ kind: 'sample', topP: 1.1 }, /topP/],
    [{ kind: 'beam', beams: 0 }, /beams/],
  ])('%j', (config, message) => {
    expect(() => settings(config)).toThrow(message);
  });

  test('no prompts, nothing written', async () => expect(await write([], { kind: 'greedy' })).toEqual([]));
});
