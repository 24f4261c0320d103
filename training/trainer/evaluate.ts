import { averageReadings, packByLength, padBatch, tokenTensors } from '../../models/index.js';
import type { Engine } from '../engines/engine.js';
import type { EncodedVal } from './prepare.js';

/** The logits of each text by the engine's averaged weights, pairs in both orders averaged; encodings of like length run together. */
export async function averagedLogits(
  engine: Pick<Engine, 'evaluate'>,
  { encodings, of, features }: Pick<EncodedVal, 'encodings' | 'of' | 'features'>,
  padId: number,
  labels: number,
): Promise<Float32Array[]> {
  const logits = new Array<Float32Array>(encodings.length);
  for (const rows of packByLength(
    encodings.map(({ ids }) => ids.length),
    { tokens: 4096, texts: 64 },
  )) {
    const batch = padBatch(
      rows.map((row) => encodings[row]!),
      padId,
    );
    const values = await engine.evaluate({ ...tokenTensors(batch), ...features?.(rows) }, 'average');
    rows.forEach((row, i) => {
      logits[row] = values.slice(i * labels, (i + 1) * labels);
    });
  }
  return averageReadings(logits, of);
}
