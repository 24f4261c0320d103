import { type Encoding, packByLength, padBatch, tokenTensors } from '../../models/index.js';
import type { Engine } from '../engines/engine.js';

/** The logits of each text by the engine's averaged weights, in the order of `encodings`; texts of like length run together. */
export async function averagedLogits(
  engine: Pick<Engine, 'evaluate'>,
  encodings: readonly Encoding[],
  padId: number,
  labels: number,
): Promise<Float32Array[]> {
  const logits = new Array<Float32Array>(encodings.length);
  for (const rows of packByLength(
    encodings.map(({ ids }) => ids.length),
    4096,
    64,
  )) {
    const batch = padBatch(
      rows.map((row) => encodings[row]!),
      padId,
    );
    const values = await engine.evaluate(tokenTensors(batch), 'average');
    rows.forEach((row, i) => {
      logits[row] = values.slice(i * labels, (i + 1) * labels);
    });
  }
  return logits;
}
