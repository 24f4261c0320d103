/** @file Whether a model answers as it did when its bundle was written, asked through the workers that will run it. */
import { answerProbes, checkProbes, createClassifier, probeTexts, type Session, UsageError } from '../../models/index.js';
import type { Job, JobResult } from '../workers/index.js';
import type { ServedModel } from './catalogue.js';

/** @param run runs a batch in a worker that has the model
 *  @throws UsageError `bundle/parity`, `bundle/invalid`, and what `run` throws */
export async function checkModel(
  { key, manifest, precision, tokenizer, probes }: ServedModel,
  run: (job: Job) => Promise<JobResult>,
): Promise<void> {
  const classifier = createClassifier({ session: sessionOf(key, run), tokenizer, ...manifest.text });
  if (probes) {
    await checkProbes(classifier, probes, manifest, precision);
    return;
  }
  const answers = await answerProbes(classifier, probeTexts(manifest.text.input));
  if (answers.every((row) => row.length === manifest.labels.length && row.every(Number.isFinite))) return;
  const what = `${key} does not give one finite logit for each of its ${manifest.labels.length} labels`;
  throw new UsageError('bundle/invalid', what, 'export it again.');
}

/** The workers as a session of one model. */
function sessionOf(model: string, run: (job: Job) => Promise<JobResult>): Session {
  return {
    inputNames: ['input_ids', 'attention_mask', 'token_type_ids'],
    outputNames: ['logits'],
    provider: 'cpu',
    fallbacks: [],
    async run(feeds) {
      const { dims } = feeds.input_ids!;
      const [batch, tokens] = dims as [number, number];
      const [ids, mask, types] = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => feeds[name]!.data);
      const { logits } = await run({ model, batch, tokens, ids, mask, types } as Job);
      return { logits: { type: 'float32', dims: [batch, logits.length / batch], data: logits } };
    },
    dispose: async () => {},
  };
}
