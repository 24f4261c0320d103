/** @file Milliseconds to write 64 tokens with a cache and without, in one run, interleaved: `npm run bench:generate -- [--runs 5] [--json]`. */
import { parseArgs } from 'node:util';
import { buildDecoder, gpt2Schema } from '../../architectures/gpt2.js';
import { zeros } from '../../graph/tensor.js';
import { createSession } from '../../runtime/node.js';
import type { Weights } from '../../weights/safetensors.js';
import { storedShapes } from '../../weights/stored-weights.js';
import { createDecoder, type Decoder } from '../decoder.js';
import { decoderFile } from '../decoder-file.js';
import { generate } from '../generate.js';
import { generationSchema } from '../generation-config.js';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
const config = gpt2Schema.parse({ kind: 'gpt2', layers: 6, width: 384, heads: 12, intermediate: 1536, maxPositions: 128 });
const prompts = [Array.from({ length: 16 }, (_, i) => 5 + i)];

/** Weights without meaning, the same at each run: what is written does not matter here, only that both write the same. */
function weights(): Weights {
  let state = 1;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647; // Park and Miller's minimal generator
    return state / 2_147_483_647 - 0.5;
  };
  return new Map(
    storedShapes(buildDecoder(config).parameters).map(({ name, shape }) => {
      const tensor = zeros('float32', shape);
      for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = /ln_.*weight$/.test(name) ? 1 : 0.1 * next();
      return [name, tensor];
    }),
  );
}

const cases = [
  ['greedy', { kind: 'greedy', maxNewTokens: 64 }],
  ['beam 3', { kind: 'beam', beams: 3, maxNewTokens: 64 }],
] as const;
const runs = Number(values.runs);
const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

const model = weights();
const sessions = await Promise.all([true, false].map(async (cache) => createSession(decoderFile(config, model, { cache }))));
const [cached, plain] = sessions.map((session) => createDecoder(session, config)) as [Decoder, Decoder];
const results = [];
for (const [name, settings] of cases) {
  const options = { prompts, config: generationSchema.parse(settings), random: Math.random };
  const times = { cached: [] as number[], plain: [] as number[] };
  for (let run = 0; run <= runs; run++) {
    const written: string[] = [];
    for (const [kept, decoder] of [
      [times.cached, cached],
      [times.plain, plain],
    ] as const) {
      // biome-ignore format: a table
      const start = performance.now();
      written.push((await generate(decoder, options))[0]!.ids.join());
      if (run > 0) kept.push(performance.now() - start); // the first is to warm up
    }
    if (written[0] !== written[1]) throw new Error(`internal: bench: ${name} wrote other tokens with a cache than without`);
  }
  const [ours, theirs] = [median(times.cached), median(times.plain)];
  const ratio = theirs / ours;
  results.push({ case: `6x384, 16 + 64 tokens, ${name}`, peer: 'without a cache', ours, theirs, unit: 'ms', ratio, runs });
  console.log(
    `${name}: ${ours.toFixed(0)} ms with a cache, ${theirs.toFixed(0)} ms without: ${ratio.toFixed(1)} times as fast (median of ${runs})`,
  );
}
if (values.json) console.log(JSON.stringify(results));
await Promise.all(sessions.map((session) => session.dispose()));
