/** @file Which words made a verdict: with the functions that the server uses, and as many calls as it makes unless told otherwise. */
import { type PathPoint, padPath, readingsOf, runPath, type Session, type TextInput, type Verdict } from '../../../../models/index.js';
import {
  createIntegratedGradients,
  createOcclusion,
  type Explainer,
  labelToExplain,
  pointsFor,
  usualCalls,
} from '../../../explain/index.js';
import type { Explained } from '../../../protocol/index.js';
import type { LoadedModel } from './load-model.js';

/** @param label the one to explain; default: the one that decided, else the predicted one */
export async function tellWhy(
  loaded: LoadedModel,
  input: TextInput,
  verdict: Verdict,
  logits: Float32Array,
  label = labelToExplain(verdict),
): Promise<Explained> {
  const { manifest, classifier, tokenizer } = loaded;
  const { maxTokens, pairs } = manifest.text;
  const occlusion = createOcclusion({
    ask: async (inputs) => (await classifier.logits(inputs)).logits,
    read: async (one) => (await tokenizer.encode(readingsOf([one], pairs).inputs, maxTokens)).flatMap(({ ids }) => ids),
    calls: Math.floor(usualCalls / readingsOf([input], pairs).inputs.length),
  });
  const session = await loaded.gradients();
  const explain = session ? byGradients(loaded, session, occlusion) : occlusion;
  return { explanation: await explain({ input, rules: manifest, label, logits, truncated: verdict.truncated === true }) };
}

function byGradients({ manifest, tokenizer }: LoadedModel, session: Session, otherwise: Explainer): Explainer {
  const ask = async (points: readonly PathPoint[]) => {
    const batch = padPath(points, { padId: tokenizer.padId, labels: manifest.labels.length });
    const rows = await runPath(session, batch);
    return points.map((_, row) => rows.subarray(row * (1 + batch.tokens), (row + 1) * (1 + batch.tokens)));
  };
  return createIntegratedGradients({ ask, tokenizer, text: manifest.text, points: pointsFor(usualCalls), otherwise });
}
