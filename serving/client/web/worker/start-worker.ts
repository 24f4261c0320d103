/** @file The Web Worker: does what the page orders, with the functions that the server uses. */
import { config } from 'zod';
import { type TextInput, toVerdict, UsageError } from '../../../../models/index.js';
import { type Answer, CopydeskError, type Item } from '../../asking/index.js';
import type { FromWorker, Order, OrderKind, Result, ToWorker } from '../messages.js';
import { type LoadedModel, loadModel, type Runtime } from './load-model.js';
import { createTaughtHead } from './taught-head.js';
import { tellWhy } from './tell-why.js';
import { timeRuns } from './time-runs.js';

/** Orders are carried out as they come; a model that computes lets none in between. */
export function startWorker(runtime: Runtime): void {
  config({ jitless: true }); // strict pages forbid making code from strings
  const say = (message: FromWorker): void => postMessage(message);
  let model: LoadedModel | undefined;
  const theModel = (): LoadedModel => {
    if (!model) throw new Error('internal: nothing is loaded');
    return model;
  };
  const carryOut: { readonly [K in OrderKind]: (order: Order<K>) => Promise<Result<K>> } = {
    async load(order) {
      if (order.lock !== '') void navigator.locks.request(order.lock, () => {
          say({ kind: 'alive' });
          return new Promise(() => {}); // held until the worker ends
        }); // biome-ignore format: one idea
      model = await loadModel(order, runtime, (progress) => say({ kind: 'progress', progress }));
      policy = order.policy;
      say({ kind: 'progress', progress: { phase: 'ready' } });
      return model.loaded;
    },
    classify: ({ items, explain }) => classify(theModel(), items, explain),
    time: () => timeRuns(theModel()),
    teach: (order) => taught.teach(order, (progress) => say({ kind: 'learning', progress })),
    async stop() {
      taught.stop();
      return null;
    },
    async restore(head) {
      await taught.restore(head);
      return null;
    },
  };
  const taught = createTaughtHead(theModel);
  let policy: Order<'load'>['policy'];

  async function classify(loaded: LoadedModel, items: readonly Item[], explain: Order<'classify'>['explain']): Promise<Answer[]> {
    const { manifest, classifier } = loaded;
    const rules = policy ? { ...manifest, policy: { labels: policy } } : manifest;
    if (explain?.label !== undefined && !manifest.labels.includes(explain.label))
      throw new CopydeskError('unknown-label', `the model has no label “${explain.label}”`, `use one of ${manifest.labels.join(', ')}`);
    const inputs = items.map((item): TextInput => (typeof item === 'string' ? item : item.pair === undefined ? item.text : [item.text, item.pair])); // biome-ignore format: one line
    const exported = await classifier.logits(inputs);
    const personal = await taught.logits(inputs);
    const { logits, truncated } = personal ?? exported;
    // Gradients are those of the exported head.
    const answering = personal ? { ...loaded, classifier: { logits: taughtLogits }, gradients: async () => undefined } : loaded;
    const answers: Answer[] = [];
    for (const [i, input] of inputs.entries()) {
      const verdict = toVerdict(rules, logits[i]!, truncated[i]);
      const beside = personal ? { personal: { exported: toVerdict(rules, exported.logits[i]!, exported.truncated[i]) } } : {};
      const why = explain ? await tellWhy(answering, input, verdict, logits[i]!, explain.label) : {};
      answers.push({ ...verdict, ...beside, ...why });
    }
    return answers;
  }
  const taughtLogits = (inputs: readonly TextInput[]) => taught.logits(inputs) ?? theModel().classifier.logits(inputs);

  addEventListener('message', ({ data: { kind, id, order } }: MessageEvent<ToWorker>) => {
    (carryOut[kind] as (order: unknown) => Promise<Result<OrderKind>>)(order).then(
      (result) => say({ kind: 'done', id, result }),
      (error: unknown) => say({ kind: 'failed', id, ...wordsOf(error) }),
    );
  });
}

/** What we did not foresee may have left the runtime broken, as out of memory does. */
function wordsOf(error: unknown): Omit<Extract<FromWorker, { kind: 'failed' }>, 'kind' | 'id'> {
  if (error instanceof CopydeskError) return { code: error.code, message: error.message, fix: error.fix, fatal: false };
  const fatal = !(error instanceof UsageError) || error.code === 'runtime/model';
  if (error instanceof UsageError) return { code: error.code, message: error.message.replace(/ Fix: .*$/s, ''), fix: error.fix, fatal };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), fix: 'ask again; if it stays so, report it', fatal }; // biome-ignore format: one line
}
